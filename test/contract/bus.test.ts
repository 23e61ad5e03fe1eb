import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRedis } from '../../src/adapters/redis/redis.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { Bus, BusMessage, Topic } from '../../src/ports/bus.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { type Shared, sharedKinds } from '../support/buses.ts';
import { newConversation, newPerson } from '../support/drafts.ts';
import { silent } from '../support/message-logs.ts';
import { openLine } from '../support/network-line.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/wait.ts';

const clock = systemClock(silent);
const newTopic = (): Topic => `conversation:${newConversation()}`;
const numbered = (number: number): BusMessage => ({
  type: 'presence',
  userId: newPerson(),
  online: true,
  lastSeenAt: number,
});
const numberOf = (message: BusMessage) => (message.type === 'presence' ? message.lastSeenAt : null);

function listen(bus: Bus, topic: Topic) {
  const heard: (number | null)[] = [];
  const stop = bus.subscribe(topic, (message) => heard.push(numberOf(message)));
  return { heard, stop };
}

describe.each(sharedKinds(clock))('the bus on $name', (kind) => {
  let processes: readonly Shared[] = [];
  let here: Bus;
  let there: Bus;
  beforeEach(async (context) => {
    const opened = await kind.open(2);
    if (opened === null) return context.skip();
    processes = opened;
    [here, there] = processes.map(({ bus }) => bus) as [Bus, Bus];
  });
  afterEach(async () => {
    for (const { close } of processes) await close();
    processes = [];
  });

  it('carries messages of one publisher on one topic in order, to the publisher too', async () => {
    const topic = newTopic();
    const [mine, theirs] = [listen(here, topic), listen(there, topic)];
    const numbers = Array.from({ length: 3_000 }, (_, i) => i);
    for (const number of numbers) {
      here.publish(topic, numbered(number));
      if (number % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => mine.heard.length >= numbers.length && theirs.heard.length >= numbers.length);
    expect(mine.heard).toEqual(numbers);
    expect(theirs.heard).toEqual(numbers);
  });

  it('calls listeners behind the publisher’s own turn, with the topic and the message as it was', async () => {
    const topic = newTopic();
    const message: BusMessage = {
      type: 'entry',
      entry: {
        conversationId: newConversation(),
        seq: 1,
        time: 2,
        senderId: null,
        clientId: newConversation() as never,
        kind: 'message',
        body: { text: '\u{1f600} ü' },
      },
    };
    const heard: unknown[] = [];
    here.subscribe(topic, (...said) => heard.push(said));
    here.publish(topic, message);
    expect(heard).toEqual([]);
    await until(() => heard.length === 1);
    expect(heard).toEqual([[message, topic]]);
  });

  it('lets several listeners hear one topic, and ends them one by one', async () => {
    const [topic, other] = [newTopic(), newTopic()];
    const listener: number[] = [];
    const hear = (message: BusMessage) => void listener.push(numberOf(message) ?? -1);
    const stops = [here.subscribe(topic, hear), here.subscribe(topic, hear)];
    const elsewhere = listen(here, other);
    here.publish(topic, numbered(1));
    await until(() => listener.length === 2);
    stops[0]?.();
    stops[0]?.();
    here.publish(topic, numbered(2));
    here.publish(other, numbered(3));
    await until(() => listener.length === 3 && elsewhere.heard.length === 1);
    stops[1]?.();
    here.publish(topic, numbered(4));
    here.publish(topic, numbered(5));
    const last = listen(here, topic);
    here.publish(topic, numbered(6));
    await until(() => last.heard.includes(6));
    expect(listener).toEqual([1, 1, 2]);
  });

  it('asks whichever process serves, once', async () => {
    let served = 0;
    const stops = [here, there].map((bus) =>
      bus.serve('echo@somewhere', async (request) => {
        served += 1;
        return { echo: request };
      }),
    );
    expect(await here.call('echo@somewhere', { a: [1, 'ü'] })).toEqual({ echo: { a: [1, 'ü'] } });
    expect(await there.call('echo@somewhere', null)).toEqual({ echo: null });
    expect(served).toBe(2);
    for (const stop of stops) stop();
  });

  it('reaches what another process serves, and carries its errors', async () => {
    there.serve('fails', async (request) => {
      if (request === 'app') throw new AppError('conflict', 'such_is_life', { retryAfter: 3 });
      throw new Error('a defect');
    });
    await expect(here.call('fails', 'app')).rejects.toMatchObject({
      code: 'conflict',
      reason: 'such_is_life',
      retryAfter: 3,
    });
    await expect(here.call('fails', 'other')).rejects.toMatchObject({ code: 'internal' });
    await expect(here.call('fails', 'other')).rejects.toBeInstanceOf(AppError);
  });

  it('answers unavailable when nobody serves in time', async () => {
    await expect(here.call('nobody', null, 50)).rejects.toMatchObject({ code: 'unavailable' });
    here.serve('slow', () => new Promise(() => {}));
    await expect(here.call('slow', null, 50)).rejects.toMatchObject({ code: 'unavailable' });
    const stop = here.serve('gone', async () => 1);
    stop();
    await expect(here.call('gone', null, 50)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('says that it is well, and no gap follows a quiet start', async () => {
    let gaps = 0;
    here.onGap(() => {
      gaps += 1;
    });
    expect(here.health().ok).toBe(true);
    const topic = newTopic();
    const { heard } = listen(here, topic);
    there.publish(topic, numbered(1));
    await until(() => heard.length === 1);
    expect(gaps).toBe(0);
  });

  it('takes publishes after it was closed without a word', async () => {
    await here.close();
    here.publish(newTopic(), numbered(1));
    expect(() => here.publish('nodes', { type: 'jobs' })).not.toThrow();
  });
});

async function carries(bus: Bus): Promise<void> {
  const topic = newTopic();
  const { heard, stop } = listen(bus, topic);
  bus.publish(topic, numbered(1));
  bus.publish(topic, numbered(2));
  await until(() => heard.length === 2);
  expect(heard).toEqual([1, 2]);
  stop();
}

describe('the bus on a Redis that fails', () => {
  let redis: TestRedis | null;
  let bus: Bus;
  let close: () => Promise<void>;
  let gaps = 0;
  beforeAll(async () => {
    redis = await startRedis();
    if (redis === null) return;
    ({ bus, close } = await openRedis({ url: redis.url, node: 'main', clock, log: silent }));
    bus.onGap(() => {
      gaps += 1;
    });
  });
  beforeEach((context) => {
    gaps = 0;
    if (redis === null) context.skip();
  });
  afterAll(async () => {
    await close?.();
    await redis?.stop();
  });

  async function worksAgain(): Promise<void> {
    await until(() => gaps > 0 && bus.health().ok);
    await carries(bus);
  }

  it('reports a gap once it is back after a kill, and then works', async () => {
    await redis?.kill();
    await until(() => !bus.health().ok);
    bus.publish('nodes', { type: 'jobs' });
    await expect(bus.call('anything', null, 50)).rejects.toMatchObject({ code: 'unavailable' });
    expect(gaps).toBe(0);
    await redis?.restart();
    await worksAgain();
    expect(gaps).toBe(1);
  });

  it('notices within seconds that it froze, and reports a gap once it answers again', async () => {
    redis?.pause();
    try {
      await until(() => !bus.health().ok);
      bus.publish('nodes', { type: 'jobs' });
      expect(gaps).toBe(0);
    } finally {
      redis?.resume();
    }
    await worksAgain();
  });

  it('is not well again before it can be heard, although old connections still bring what they held', async () => {
    if (redis === null) return;
    const line = await openLine(Number(new URL(redis.url).port));
    const url = `redis://127.0.0.1:${line.port}`;
    const behind = await openRedis({ url, node: 'main', clock, log: silent });
    try {
      line.freeze();
      await until(() => !behind.bus.health().ok);
      line.thaw();
      await until(() => behind.bus.health().ok);
      await carries(behind.bus);
    } finally {
      await behind.close();
      await line.stop();
    }
  });
});
