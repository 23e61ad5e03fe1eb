import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import { graceMs } from '../../src/core/messaging/push-choice.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { addPeople } from '../support/people.ts';
import { makeTestPlatform, type TestPlatform } from '../support/platform.ts';
import { makeTestPush, type TestPush } from '../support/push.ts';

let platform: TestPlatform;
let messaging: Messaging;
let push: TestPush;
let anna: Device;
let phone: Device;
let desk: Device;
let carla: Device;
let conversationId: ConversationId;

beforeEach(async () => {
  push = makeTestPush();
  platform = await makeTestPlatform({ push });
  messaging = makeMessaging(platform);
  await messaging.start();
  const users = await addPeople(platform, 3);
  [anna, phone, carla] = users.map((userId) => makeDevice(messaging.handlers, userId)) as [Device, Device, Device];
  desk = makeDevice(messaging.handlers, phone.userId);
  const { conversation } = await anna.call('conversation.create', {
    clientId: newClientId(),
    title: 'Choir',
    userIds: [phone.userId, carla.userId],
  });
  conversationId = conversation.conversationId;
  await second();
});

afterEach(async () => {
  await messaging.stop();
  await platform.close();
});

const say = async (text: string, who: Device = anna) =>
  (await who.call('message.send', { conversationId, clientId: newClientId(), text })).seq;
const mark = (device: Device, marks: { deliveredSeq?: number; readSeq?: number }) =>
  settled(device.call('receipts.mark', { marks: [{ conversationId, ...marks }] }));
const connect = async (device: Device) => {
  messaging.attach(device);
  await device.call('sync', {});
};

/** Marks gather for a moment before they are answered. */
async function settled<T>(work: Promise<T>): Promise<T> {
  await platform.clock.pass(60);
  return work;
}

/** What entries owe is stored once a second. */
const second = () => platform.clock.pass(1_000);
const waiting = async () => (await platform.jobs.find(conversationId, 100)).filter(({ job }) => job.queue === 'push');

/** Runs what is due by now, and answers how many jobs that were. */
async function work(): Promise<number> {
  const taken = await platform.jobs.take(['push'], 100, 60_000);
  for (const job of taken) {
    await messaging.jobs.push?.(job);
    await platform.jobs.finish(job.jobId);
  }
  return taken.length;
}

describe('a push', () => {
  it('is not even thought of where no device has an address', async () => {
    await say('hello');
    await second();
    expect(await waiting()).toEqual([]);
  });

  it('is decided within a second for somebody who is away', async () => {
    push.give(phone);
    const seq = await say('hello');
    await second();
    await work();
    expect(push.taken).toEqual([
      { conversationId, userId: phone.userId, sessionIds: [phone.sessionId], seq, count: 1, mention: false },
    ]);
  });

  it('is one for all that was written meanwhile, by one job', async () => {
    push.give(phone);
    for (const text of ['one', 'two', 'three']) await say(text);
    await second();
    await say('four');
    await second();
    expect(await waiting()).toHaveLength(1);
    expect(await work()).toBe(1);
    expect(push.taken).toMatchObject([{ count: 4 }]);
  });

  it('is not stored as a job when this node knows that every device with an address has the message', async () => {
    push.give(phone);
    await connect(phone);
    await mark(phone, { deliveredSeq: await say('hello') });
    await second();
    expect(await waiting()).toEqual([]);
  });

  it('waits a moment for somebody who is connected, and is not needed when they read it there', async () => {
    push.give(phone);
    await connect(desk);
    const seq = await say('hello');
    await second();
    await work();
    expect(push.taken).toEqual([]);
    expect(await waiting()).toMatchObject([{ state: 'waiting' }]);
    await mark(desk, { readSeq: seq });
    await platform.clock.pass(graceMs);
    await work();
    expect(push.taken).toEqual([]);
    expect(await waiting()).toEqual([]);
  });

  it('reaches the phone of somebody who is connected elsewhere and does not read', async () => {
    push.give(phone);
    push.give(desk);
    await connect(desk);
    const seq = await say('hello');
    await mark(desk, { deliveredSeq: seq });
    await second();
    await work();
    await platform.clock.pass(graceMs);
    await work();
    expect(push.taken).toMatchObject([{ userId: phone.userId, sessionIds: [phone.sessionId], seq }]);
  });

  it('waits for the connected, while those who are away are told at once', async () => {
    push.give(phone);
    push.give(carla);
    await connect(desk);
    await say('hello');
    await second();
    await work();
    expect(push.taken.map(({ userId }) => userId)).toEqual([carla.userId]);
    await platform.clock.pass(graceMs);
    await work();
    expect(push.taken.map(({ userId }) => userId)).toEqual([carla.userId, phone.userId]);
  });

  it('is decided again for what joined while it was decided', async () => {
    push.give(phone);
    await say('one');
    await second();
    let later = 0;
    push.before = async () => {
      if (later === 0) later = await say('two');
    };
    await work();
    await second();
    await work();
    expect(push.taken).toMatchObject([{ seq: later - 1 }, { seq: later, count: 1 }]);
  });

  it('is told once, however often its job runs', async () => {
    push.give(phone);
    await say('hello');
    await second();
    const [job] = await platform.jobs.take(['push'], 1, 60_000);
    for (let i = 0; i < 3; i++) if (job) await messaging.jobs.push?.(job);
    expect(push.taken).toHaveLength(1);
  });

  it('comes again when it could not be handed over', async () => {
    push.give(phone);
    await say('hello');
    await second();
    push.before = async () => {
      push.before = async () => {};
      throw new Error('out of reach');
    };
    await expect(work()).rejects.toThrow('out of reach');
    await platform.clock.pass(60_000);
    await work();
    expect(push.taken).toHaveLength(1);
  });

  it('survives the node: what was stored and not dispatched is decided at its next start', async () => {
    push.give(phone);
    const killed = makeMessaging({ ...platform, jobs: { ...platform.jobs, add: () => new Promise(() => {}) } });
    const device = makeDevice(killed.handlers, anna.userId);
    const { seq } = await device.call('message.send', { conversationId, clientId: newClientId(), text: 'hello' });
    await second();
    expect(await waiting()).toEqual([]);
    const next = makeMessaging(platform);
    await next.start();
    await work();
    expect(push.taken).toMatchObject([{ userId: phone.userId, seq }]);
    await next.stop();
  });

  it('passes no mark while its job could not be stored, and stores it later', async () => {
    push.give(phone);
    let away = true;
    const add: typeof platform.jobs.add = (jobs) =>
      away ? Promise.reject(new Error('away')) : platform.jobs.add(jobs);
    const node = makeMessaging({ ...platform, jobs: { ...platform.jobs, add } });
    const device = makeDevice(node.handlers, anna.userId);
    const { seq } = await device.call('message.send', { conversationId, clientId: newClientId(), text: 'hello' });
    await second();
    expect((await platform.messages.origin(conversationId, seq))?.dispatched).toBe(false);
    away = false;
    await second();
    expect((await platform.messages.origin(conversationId, seq))?.dispatched).toBe(true);
    expect(await waiting()).toHaveLength(1);
    await node.stop();
  });

  it('is not made for what a device confirmed at another node', async () => {
    push.give(phone);
    const other = makeMessaging({ ...platform, node: 'other' });
    await other.start();
    const there = makeDevice(other.handlers, phone.userId);
    push.give(there);
    const seq = await say('hello');
    await settled(there.call('receipts.mark', { marks: [{ conversationId, deliveredSeq: seq }] }));
    await second();
    await work();
    expect(push.taken).toMatchObject([{ sessionIds: [phone.sessionId] }]);
    await other.stop();
  });

  it('reaches every member of a large group, a page at a time', async () => {
    const users = await addPeople(platform, 700);
    for (let i = 0; i < users.length; i += 200)
      await anna.call('conversation.addMembers', { conversationId, userIds: users.slice(i, i + 200) });
    for (const userId of users) push.give(makeDevice({}, userId));
    await say('hello');
    await second();
    await work();
    expect(new Set(push.taken.map(({ userId }) => userId)).size).toBe(700);
  });
});

describe('nobody is told by push', () => {
  const nobodyIsTold = async () => {
    await second();
    await work();
    expect(push.taken).toEqual([]);
  };
  beforeEach(() => push.give(phone));

  it('of what they wrote themselves', async () => {
    await say('mine', desk);
    await nobodyIsTold();
  });

  it('of what they read', async () => {
    const seq = await say('hello');
    await second();
    await mark(desk, { readSeq: seq });
    await nobodyIsTold();
  });

  it('of what was removed', async () => {
    const seq = await say('hello');
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq });
    await nobodyIsTold();
  });

  it('of what disappeared by then', async () => {
    await anna.call('conversation.setSettings', { conversationId, settings: { disappearAfter: 10_000 } });
    await say('hello');
    await second();
    await platform.clock.pass(10_000);
    await nobodyIsTold();
  });

  it('of what they deleted for themselves', async () => {
    const seq = await say('hello');
    await desk.call('message.hide', { conversationId, seqs: [seq] });
    await nobodyIsTold();
  });

  it('of what somebody wrote whom they block', async () => {
    await desk.call('person.block', { userId: anna.userId, on: true });
    await say('hello');
    await nobodyIsTold();
  });

  it('of what was written after they left', async () => {
    await desk.call('conversation.leave', { conversationId });
    await say('hello');
    await nobodyIsTold();
  });

  it('of edits, reactions and what else does not count', async () => {
    const seq = await say('hello');
    await mark(desk, { readSeq: seq });
    await second();
    await work();
    await anna.call('message.edit', { conversationId, clientId: newClientId(), seq, text: 'hello again' });
    await anna.call('conversation.setTitle', { conversationId, title: 'Chorus' });
    await second();
    expect(await waiting()).toEqual([]);
    await nobodyIsTold();
  });
});

describe('a mute', () => {
  beforeEach(async () => {
    push.give(phone);
    await desk.call('conversation.setMine', {
      conversationId,
      change: { mutedUntil: platform.clock.now() + 3_600_000 },
    });
  });
  const nameOf = async (userId: UserId) => (await platform.users.profiles([userId]))[0]?.name ?? '';

  it('keeps pushes away until it ends', async () => {
    await say('hello');
    await second();
    await work();
    expect(push.taken).toEqual([]);
    await platform.clock.pass(3_600_000);
    const seq = await say('later');
    await second();
    await work();
    expect(push.taken).toMatchObject([{ seq, count: 1 }]);
  });

  it('is pierced by who mentions the person by name, not by who mentions all', async () => {
    await say('hello @all');
    await second();
    await work();
    expect(push.taken).toEqual([]);
    const seq = await say(`hello @${await nameOf(phone.userId)}`);
    await second();
    await work();
    expect(push.taken).toMatchObject([{ seq, count: 1, mention: true }]);
  });
});
