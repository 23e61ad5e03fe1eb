import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { openPrivacy, type Privacy } from '../../src/protocol/models.ts';
import { type Device, makeDevice } from '../support/device.ts';
import { addPeople } from '../support/people.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';

let talkers: Talkers;
let anna: Device;
let boris: Device;
let carla: Device;
beforeEach(async () => {
  talkers = await makeTalkers();
  ({ anna, boris, carla } = talkers);
});
afterEach(() => talkers.close());

const set = (device: Device, change: Partial<Privacy>) => device.call('privacy.set', change);
const listen = async (...devices: Device[]) => {
  for (const device of devices) {
    talkers.messaging.attach(device);
    await device.call('sync', {});
  }
};
const later = () => talkers.platform.clock.pass(1_500);
const watch = async (device: Device, other: Device) =>
  (await device.call('presence.watch', { userIds: [other.userId] })).people[0];
const presenceHeard = (device: Device) =>
  device.events.flatMap((event) => (event.event === 'presence.changed' ? event.body.people : []));
const marksHeard = (device: Device, userId: UserId) =>
  device.events
    .flatMap((event) => (event.event === 'receipts.moved' ? event.body.marks : []))
    .filter((mark) => mark.userId === userId);
const mark = (device: Device, conversationId: ConversationId, marks: { deliveredSeq?: number; readSeq?: number }) =>
  talkers.answered(device.call('receipts.mark', { marks: [{ conversationId, ...marks }] }));
const stateOf = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.show', { conversationId })).conversation;

describe('what one decides', () => {
  it('is part of me in sync, open at first, and tells my other devices', async () => {
    expect((await anna.call('sync', {})).me?.privacy).toEqual(openPrivacy);
    await listen(anna);
    const second = makeDevice(talkers.messaging.handlers, anna.userId);
    await listen(second);
    const answer = await set(anna, { lastSeen: 'contacts' });
    expect(answer.privacy).toEqual({ lastSeen: 'contacts', readReceipts: true });
    await later();
    expect(second.events).toContainEqual({ event: 'changed', body: {} });
    expect((await second.call('sync', {})).me?.privacy).toEqual(answer.privacy);
  });

  it('cannot be changed without end', async () => {
    const changes = Array.from({ length: 40 }, (_, i) => set(anna, { readReceipts: i % 2 === 0 }));
    const refusals = (await Promise.allSettled(changes)).filter(({ status }) => status === 'rejected');
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals[0]).toMatchObject({ reason: { code: 'too_many_requests', retryAfter: expect.any(Number) } });
  });
});

describe('last seen', () => {
  const hidden = { online: false, lastSeenAt: null };

  it('of nobody is shown to nobody, but to oneself', async () => {
    await listen(anna, boris);
    await talkers.send(boris, await talkers.direct(), 'we know each other');
    await set(boris, { lastSeen: 'nobody' });
    expect(await watch(anna, boris)).toEqual({ userId: boris.userId, ...hidden });
    expect(await watch(boris, boris)).toMatchObject({ online: true });
    expect(await watch(boris, anna)).toMatchObject({ online: true });
    talkers.messaging.detach(boris);
    await talkers.platform.clock.pass(10_000);
    expect(await watch(anna, boris)).toEqual({ userId: boris.userId, ...hidden });
    expect(presenceHeard(anna)).toEqual([]);
  });

  it('of contacts is shown to whom one wrote directly, not to those who only wrote', async () => {
    await listen(anna, boris, carla);
    await set(boris, { lastSeen: 'contacts' });
    expect(await watch(anna, boris)).toMatchObject(hidden);
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'hello?');
    expect(await watch(anna, boris)).toMatchObject(hidden);
    await talkers.send(boris, conversationId, 'hello');
    expect(await watch(anna, boris)).toMatchObject({ online: true });
    const group = await talkers.group(boris, carla);
    await talkers.send(boris, group, 'groups make no contacts');
    expect(await watch(carla, boris)).toMatchObject(hidden);
    talkers.messaging.detach(boris);
    await talkers.platform.clock.pass(10_000);
    expect(presenceHeard(anna)).toMatchObject([
      { userId: boris.userId, online: false, lastSeenAt: expect.any(Number) },
    ]);
    expect(presenceHeard(carla)).toEqual([]);
  });

  it('vanishes from screens that show it, and comes back', async () => {
    await listen(anna, boris);
    await watch(anna, boris);
    await set(boris, { lastSeen: 'nobody' });
    await later();
    expect(presenceHeard(anna)).toEqual([{ userId: boris.userId, ...hidden }]);
    await set(boris, { lastSeen: 'everybody' });
    await later();
    expect(presenceHeard(anna).at(-1)).toEqual({ userId: boris.userId, online: true, lastSeenAt: null });
  });

  it('of two changes at once, shows what was decided last', async () => {
    await listen(anna, boris);
    const watching = watch(anna, boris);
    await Promise.all([set(boris, { lastSeen: 'nobody' }), set(boris, { lastSeen: 'contacts' }), watching]);
    await later();
    await Promise.all([set(boris, { lastSeen: 'everybody' }), set(boris, { lastSeen: 'nobody' })]);
    await later();
    const { lastSeen } = (await talkers.platform.privacy.of(boris.userId)).privacy;
    const shown = presenceHeard(anna).at(-1) ?? (await watching);
    expect(shown?.online).toBe(lastSeen === 'everybody');
  });

  it('of nobody hides typing too', async () => {
    const conversationId = await talkers.group(boris, carla);
    await listen(anna, boris);
    await anna.call('presence.watch', { userIds: [], conversationId });
    await set(boris, { lastSeen: 'nobody' });
    await boris.call('typing.set', { conversationId, typing: true });
    await later();
    expect(anna.events.filter(({ event }) => event === 'typing.changed')).toEqual([]);
    await set(boris, { lastSeen: 'contacts' });
    await boris.call('typing.set', { conversationId, typing: true });
    await later();
    expect(anna.events.filter(({ event }) => event === 'typing.changed')).toHaveLength(1);
  });
});

describe('read receipts', () => {
  let conversationId: ConversationId;
  beforeEach(async () => {
    conversationId = await talkers.group(boris, carla);
    for (let i = 0; i < 3; i++) await talkers.send(anna, conversationId, `${i}`);
    await talkers.platform.clock.pass(2_000);
  });

  it('of who hides theirs show only what was delivered, and only when that moves', async () => {
    await set(boris, { readReceipts: false });
    await listen(anna, boris);
    await mark(boris, conversationId, { deliveredSeq: 3 });
    await mark(boris, conversationId, { readSeq: 2 });
    await mark(boris, conversationId, { deliveredSeq: 3, readSeq: 3 });
    await talkers.send(anna, conversationId, 'more');
    await mark(boris, conversationId, { readSeq: 4 });
    await later();
    expect(marksHeard(anna, boris.userId)).toMatchObject([
      { deliveredSeq: 3, readSeq: 0 },
      { deliveredSeq: 4, readSeq: 0 },
    ]);
    expect(marksHeard(boris, boris.userId).map(({ readSeq }) => readSeq)).toEqual([0, 2, 3, 4]);
    const hidden = { userId: boris.userId, deliveredSeq: 4, readSeq: 0 };
    expect((await stateOf(anna, conversationId)).marks).toContainEqual(hidden);
    expect((await anna.call('receipts.list', { conversationId })).marks).toContainEqual(hidden);
    const { members } = await anna.call('conversation.members', { conversationId });
    expect(members.find(({ profile }) => profile.userId === boris.userId)).toMatchObject({
      deliveredSeq: 4,
      readSeq: 0,
    });
  });

  it('still drive what is unread for oneself', async () => {
    await set(boris, { readReceipts: false });
    expect((await stateOf(boris, conversationId)).mine.unread).toBe(3);
    await mark(boris, conversationId, { readSeq: 3 });
    expect((await stateOf(boris, conversationId)).mine).toMatchObject({ unread: 1, readSeq: 3 });
    const second = makeDevice(talkers.messaging.handlers, boris.userId);
    await listen(second);
    await mark(boris, conversationId, { readSeq: 4 });
    expect(marksHeard(second, boris.userId)).toMatchObject([{ readSeq: 4 }]);
    expect((await boris.call('receipts.list', { conversationId })).marks).toContainEqual(
      expect.objectContaining({ userId: boris.userId, readSeq: 4 }),
    );
  });

  it('of others are hidden from who hides theirs', async () => {
    await set(boris, { readReceipts: false });
    await listen(boris);
    await mark(carla, conversationId, { readSeq: 3 });
    await later();
    expect(marksHeard(boris, carla.userId)).toMatchObject([{ deliveredSeq: 3, readSeq: 0 }]);
    for (const mark of (await stateOf(boris, conversationId)).marks) expect(mark).toMatchObject({ readSeq: 0 });
    expect((await stateOf(anna, conversationId)).marks).toContainEqual({
      userId: carla.userId,
      deliveredSeq: 3,
      readSeq: 3,
    });
  });

  it('come and go with what is decided, for everybody who sees them, by sync', async () => {
    await mark(boris, conversationId, { readSeq: 3 });
    await listen(anna, carla);
    await talkers.platform.clock.pass(120_000);
    const { cursor } = await anna.call('sync', {});
    for (const device of [anna, carla]) device.events.length = 0;
    const seen = async () => {
      const { conversations } = await anna.call('sync', { cursor });
      return conversations.flatMap(({ marks }) => marks.filter(({ userId }) => userId === boris.userId));
    };
    await set(boris, { readReceipts: false });
    await later();
    for (const device of [anna, carla]) expect(device.events).toContainEqual({ event: 'changed', body: {} });
    expect(await seen()).toMatchObject([{ deliveredSeq: 3, readSeq: 0 }]);
    await set(boris, { readReceipts: true });
    expect(await seen()).toMatchObject([{ deliveredSeq: 3, readSeq: 3 }]);
    for (const device of [anna, carla]) device.events.length = 0;
    await set(boris, { lastSeen: 'nobody' });
    await later();
    expect([...anna.events, ...carla.events]).toEqual([]);
  });

  it('are hidden in large groups too, where they are fetched when somebody looks', async () => {
    const many = await addPeople(talkers.platform, 250);
    await anna.call('conversation.addMembers', { conversationId, userIds: many.slice(0, 200) });
    await anna.call('conversation.addMembers', { conversationId, userIds: many.slice(200) });
    await set(boris, { readReceipts: false });
    await carla.call('person.block', { userId: anna.userId, on: true });
    await mark(boris, conversationId, { readSeq: 3 });
    await mark(carla, conversationId, { readSeq: 3 });
    const { marks } = await anna.call('receipts.list', { conversationId });
    expect(marks).toContainEqual({ userId: boris.userId, deliveredSeq: 3, readSeq: 0 });
    expect(marks.map(({ userId }) => userId)).not.toContain(carla.userId);
    const { members } = await anna.call('conversation.members', { conversationId, limit: 500 });
    const markOf = ({ userId }: Device) => members.find(({ profile }) => profile.userId === userId);
    expect(markOf(boris)).toMatchObject({ deliveredSeq: 3, readSeq: 0 });
    expect(markOf(carla)).toMatchObject({ deliveredSeq: 0, readSeq: 0 });
  });
});
