import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRedis } from '../../src/adapters/redis/redis.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { RateLimiter } from '../../src/ports/bus.ts';
import { type Shared, sharedKinds } from '../support/buses.ts';
import { makeHandClock } from '../support/clock.ts';
import { silent } from '../support/message-logs.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/wait.ts';

const clock = makeHandClock();

describe.each(sharedKinds(clock))('the rate limiter on $name', (kind) => {
  let processes: readonly Shared[] = [];
  let here: RateLimiter;
  let there: RateLimiter;
  beforeEach(async (context) => {
    const opened = await kind.open(2);
    if (opened === null) return context.skip();
    processes = opened;
    [here, there] = processes.map(({ limiter }) => limiter) as [RateLimiter, RateLimiter];
  });
  afterEach(async () => {
    for (const { close } of processes) await close();
    processes = [];
  });
  const take = async (limiter = here, key = 'k') => (await limiter.take(key, 3, 3_000)).retryAfterMs;

  it('admits as many as there are points, over all processes, then says when the next one is there', async () => {
    expect([await take(), await take(there), await take()]).toEqual([0, 0, 0]);
    expect(await take(there)).toBe(1_000);
    clock.advance(400);
    expect(await take()).toBe(600);
    expect(await take(here, 'other')).toBe(0);
    clock.advance(600);
    expect(await take()).toBe(0);
    expect(await take()).toBe(1_000);
  });

  it('refills evenly, and never above its points', async () => {
    for (let i = 0; i < 3; i++) await take();
    clock.advance(2_000);
    expect([await take(), await take(), await take()]).toEqual([0, 0, 1_000]);
    clock.advance(1_000_000);
    expect([await take(), await take(), await take(), await take()]).toEqual([0, 0, 0, 1_000]);
  });

  it('counts nothing for who was not admitted', async () => {
    for (let i = 0; i < 3; i++) await take();
    for (let i = 0; i < 10; i++) await take();
    expect(await take()).toBe(1_000);
  });

  it('takes one back, never above its points', async () => {
    for (let i = 0; i < 3; i++) await take();
    await here.giveBack('k', 3, 3_000);
    expect([await take(), await take()]).toEqual([0, 1_000]);
    for (let i = 0; i < 9; i++) await here.giveBack('k', 3, 3_000);
    await here.giveBack('unknown', 3, 3_000);
    expect([await take(), await take(), await take(), await take()]).toEqual([0, 0, 0, 1_000]);
    expect([await take(here, 'unknown'), await take(here, 'unknown')]).toEqual([0, 0]);
  });

  it('forgets nothing that still counts when very many keys come', async () => {
    for (let i = 0; i < 3; i++) await take();
    const keys = kind.name === 'memory' ? 25_000 : 500;
    await Promise.all(Array.from({ length: keys }, (_, i) => take(here, `key ${i}`)));
    expect(await take()).toBe(1_000);
  });
});

describe('the rate limiter on a Redis that is away', () => {
  it('admits, and does not wait for it', async (context) => {
    const redis = await startRedis();
    if (redis === null) return context.skip();
    const opened = await openRedis({ url: redis.url, node: 'main', clock: systemClock(silent), log: silent });
    try {
      const take = async () => (await opened.limiter.take('k', 1, 60_000)).retryAfterMs;
      expect(await take()).toBe(0);
      expect(await take()).toBeGreaterThan(0);
      redis.pause();
      expect(await take()).toBe(0);
      redis.resume();
      await redis.kill();
      await until(() => !opened.health().ok);
      expect(await take()).toBe(0);
      await opened.limiter.giveBack('k', 1, 60_000);
    } finally {
      await opened.close();
      await redis.stop();
    }
  });
});
