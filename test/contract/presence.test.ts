import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRedis } from '../../src/adapters/redis/redis.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { PresenceBoard } from '../../src/ports/bus.ts';
import { type Shared, sharedKinds } from '../support/buses.ts';
import { makeHandClock } from '../support/clock.ts';
import { newPerson } from '../support/drafts.ts';
import { silent } from '../support/message-logs.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/wait.ts';

const clock = makeHandClock();

describe.each(sharedKinds(clock))('the presence board on $name', (kind) => {
  let processes: readonly Shared[] = [];
  let here: PresenceBoard;
  let there: PresenceBoard;
  beforeEach(async (context) => {
    const opened = await kind.open(2);
    if (opened === null) return context.skip();
    processes = opened;
    [here, there] = processes.map(({ presence }) => presence) as [PresenceBoard, PresenceBoard];
  });
  afterEach(async () => {
    for (const { close } of processes) await close();
    processes = [];
  });

  it('knows who is live at any node', async () => {
    const [ann, ben, cem] = [newPerson(), newPerson(), newPerson()];
    await here.set('a', ann, true);
    await there.set('b', ben, true);
    await there.set('b', ben, true);
    for (const board of [here, there]) {
      expect(await board.live([ann, ben, cem])).toEqual(new Set([ann, ben]));
      expect(await board.live([cem])).toEqual(new Set());
      expect(await board.live([])).toEqual(new Set());
    }
  });

  it('counts a person until they left their last node', async () => {
    const ann = newPerson();
    await here.set('a', ann, true);
    await there.set('b', ann, true);
    await here.set('a', ann, false);
    await here.set('a', ann, false);
    expect(await here.live([ann])).toEqual(new Set([ann]));
    await there.set('b', ann, false);
    expect(await here.live([ann])).toEqual(new Set());
  });

  it('answers for thousands of people', async () => {
    const people = Array.from({ length: 2_500 }, newPerson);
    const last = people.at(-1) as (typeof people)[number];
    await there.set('b', last, true);
    expect(await here.live(people)).toEqual(new Set([last]));
  });
});

describe('a node that falls silent', () => {
  it('no longer counts after 30 s without a beat, and counts again with one', async () => {
    const [kind] = sharedKinds(clock);
    const presence = (await kind?.open(1))?.[0]?.presence as PresenceBoard;
    const ann = newPerson();
    await presence.beat('a');
    await presence.set('a', ann, true);
    clock.advance(20_000);
    await presence.beat('a');
    clock.advance(29_000);
    expect(await presence.live([ann])).toEqual(new Set([ann]));
    clock.advance(1_000);
    expect(await presence.live([ann])).toEqual(new Set());
    await presence.beat('a');
    expect(await presence.live([ann])).toEqual(new Set([ann]));
  });

  it('is known to others again with its next beat after Redis lost everything', async (context) => {
    const redis = await startRedis();
    if (redis === null) return context.skip();
    const open = (node: string) => openRedis({ url: redis.url, node, clock: systemClock(silent), log: silent });
    const [a, b] = [await open('a'), await open('b')];
    try {
      const [ann, ben] = [newPerson(), newPerson()];
      await a.presence.set('a', ann, true);
      expect(await b.presence.live([ann, ben])).toEqual(new Set([ann]));
      await redis.kill();
      await until(() => !a.health().ok && !b.health().ok);
      await a.presence.set('a', ben, true);
      await a.presence.set('a', ann, false);
      await a.presence.beat('a');
      expect(await a.presence.live([ann, ben])).toEqual(new Set([ben]));
      await redis.restart();
      await until(() => a.health().ok && b.health().ok);
      expect(await b.presence.live([ann, ben])).toEqual(new Set());
      await a.presence.beat('a');
      expect(await b.presence.live([ann, ben])).toEqual(new Set([ben]));
    } finally {
      await a.close();
      await b.close();
      await redis.stop();
    }
  });
});
