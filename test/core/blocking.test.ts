import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { Bus } from '../../src/ports/bus.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
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

const refused = { code: 'forbidden', reason: 'may_not_write' };
const block = (by: Device, whom: Device, on = true) => by.call('person.block', { userId: whom.userId, on });
const listen = async (...devices: Device[]) => {
  for (const device of devices) {
    talkers.messaging.attach(device);
    await device.call('sync', {});
  }
};
const later = () => talkers.platform.clock.pass(1_500);
const marksHeard = (device: Device) =>
  device.events.flatMap((event) => (event.event === 'receipts.moved' ? event.body.marks : []));
const heardOf = (device: Device, userId: UserId) => marksHeard(device).filter((mark) => mark.userId === userId);
const read = (device: Device, conversationId: ConversationId, readSeq: number) =>
  talkers.answered(device.call('receipts.mark', { marks: [{ conversationId, readSeq }] }));
const stateOf = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.show', { conversationId })).conversation;

describe('a blocked person', () => {
  it('writes nothing more in the direct conversation, and keeps what there is', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(boris, conversationId, 'before');
    await talkers.send(anna, conversationId, 'answer');
    await block(anna, boris);
    const place = { conversationId, clientId: newClientId() };
    await expect(boris.call('message.send', { ...place, text: 'hey' })).rejects.toMatchObject(refused);
    await expect(boris.call('message.send', { ...place, text: 'hey', replyTo: 1 })).rejects.toMatchObject(refused);
    await expect(boris.call('message.edit', { ...place, seq: 1, text: 'after' })).rejects.toMatchObject(refused);
    await expect(boris.call('message.forward', { ...place, from: { conversationId, seq: 2 } })).rejects.toMatchObject(
      refused,
    );
    await expect(boris.call('poll.create', { ...place, question: 'why?', options: ['a', 'b'] })).rejects.toMatchObject(
      refused,
    );
    const reaction = { conversationId, seq: 2, emoji: '👍', on: true };
    await expect(boris.call('message.react', reaction)).rejects.toMatchObject(refused);
    await expect(boris.call('message.pin', { conversationId, seq: 2, on: true })).rejects.toMatchObject(refused);
    const { messages } = await boris.call('conversation.history', { conversationId });
    expect(messages).toHaveLength(2);
    await boris.call('message.remove', { conversationId, clientId: newClientId(), seq: 1 });
    expect(await talkers.look(anna, conversationId, 1)).toMatchObject({ emptied: true });
  });

  it('opens no direct conversation, as little as the one there is', async () => {
    await block(anna, boris);
    const open = () => boris.call('conversation.openDirect', { userId: anna.userId });
    await expect(open()).rejects.toMatchObject(refused);
    expect(await talkers.platform.conversations.findDirect(anna.userId, boris.userId)).toBeNull();
    await block(anna, boris, false);
    await open();
    await block(anna, boris);
    await expect(open()).rejects.toMatchObject(refused);
  });

  it('is answered what they had sent before, under its key', async () => {
    const conversationId = await talkers.direct();
    const sent = { conversationId, clientId: newClientId(), text: 'was there' };
    const first = await boris.call('message.send', sent);
    await block(anna, boris);
    expect(await boris.call('message.send', sent)).toEqual(first);
  });

  it('draws nobody who blocks them into a group', async () => {
    await block(anna, boris);
    const input = { clientId: newClientId(), title: 'Trap', userIds: [carla.userId, anna.userId] };
    await expect(boris.call('conversation.create', input)).rejects.toMatchObject(refused);
    const { conversation } = await boris.call('conversation.create', { ...input, userIds: [carla.userId] });
    const { conversationId } = conversation;
    const added = { conversationId, userIds: [anna.userId] };
    await expect(boris.call('conversation.addMembers', added)).rejects.toMatchObject(refused);
    await boris.call('conversation.setRole', { conversationId, userId: carla.userId, role: 'admin' });
    await carla.call('conversation.addMembers', added);
    expect((await stateOf(anna, conversationId)).mine.member).toBe(true);
  });

  it('writes in groups, and everybody has it', async () => {
    const conversationId = await talkers.group(boris, carla);
    await listen(anna, carla);
    await block(anna, boris);
    const seq = await talkers.send(boris, conversationId, 'to all');
    await later();
    for (const device of [anna, carla]) {
      expect(device.events).toContainEqual(
        expect.objectContaining({ event: 'entry.appended', body: expect.objectContaining({ seq }) }),
      );
      expect(await talkers.look(device, conversationId, seq)).toMatchObject({ body: { text: 'to all' } });
    }
  });

  it('writes again once they are no longer blocked', async () => {
    const conversationId = await talkers.direct();
    await block(anna, boris);
    await expect(talkers.send(boris, conversationId, 'hey')).rejects.toMatchObject(refused);
    await block(anna, boris, false);
    expect(await talkers.send(boris, conversationId, 'hey')).toBe(1);
  });
});

describe('who blocks', () => {
  it('writes neither, and hears why', async () => {
    const conversationId = await talkers.direct();
    await block(anna, boris);
    const reason = { code: 'forbidden', reason: 'person_blocked' };
    await expect(talkers.send(anna, conversationId, 'hey')).rejects.toMatchObject(reason);
    const opened = await anna.call('conversation.openDirect', { userId: boris.userId });
    expect(opened.conversation.conversationId).toBe(conversationId);
    await block(anna, carla);
    await expect(anna.call('conversation.openDirect', { userId: carla.userId })).rejects.toMatchObject(reason);
  });

  it('hears what the other does where both block', async () => {
    const conversationId = await talkers.direct();
    await block(anna, boris);
    await block(boris, anna);
    for (const device of [anna, boris])
      await expect(talkers.send(device, conversationId, 'hey')).rejects.toMatchObject(refused);
    await block(anna, boris, false);
    await expect(talkers.send(boris, conversationId, 'hey')).rejects.toMatchObject({ reason: 'person_blocked' });
  });

  it('cannot be oneself, nor block nobody, nor too many', async () => {
    await expect(block(anna, anna)).rejects.toMatchObject({ code: 'conflict', reason: 'yourself' });
    const nobody = anna.call('person.block', { userId: crypto.randomUUID() as UserId, on: true });
    await expect(nobody).rejects.toMatchObject({ code: 'not_found', reason: 'no_such_user' });
    const { privacy } = talkers.platform;
    const full = makeMessaging({
      ...talkers.platform,
      privacy: { ...privacy, block: (userId, blockedId, on) => privacy.block(userId, blockedId, on, 1) },
    });
    const device = makeDevice(full.handlers, anna.userId);
    await block(device, boris);
    await expect(block(device, carla)).rejects.toMatchObject({ code: 'conflict', reason: 'too_many_blocks' });
    expect(limits.blocks).toBe(1_000);
    await full.stop();
  });

  it('finds all whom they block in sync, with their profiles, and again only when that changed', async () => {
    await block(anna, boris);
    await block(anna, carla);
    const first = await anna.call('sync', {});
    expect(first.blocks?.toSorted()).toEqual([boris.userId, carla.userId].sort());
    expect(first.profiles.map(({ userId }) => userId)).toEqual(expect.arrayContaining([boris.userId, carla.userId]));
    await talkers.platform.clock.pass(120_000);
    const { cursor } = await anna.call('sync', { cursor: first.cursor });
    expect((await anna.call('sync', { cursor })).blocks).toBeUndefined();
    await block(anna, boris, false);
    expect((await anna.call('sync', { cursor })).blocks).toEqual([carla.userId]);
    expect((await boris.call('sync', {})).blocks).toEqual([]);
  });

  it('is told so on all their devices, and the other only that something changed', async () => {
    await listen(anna, boris);
    const second = makeDevice(talkers.messaging.handlers, anna.userId);
    await listen(second);
    await talkers.direct();
    await later();
    for (const device of [anna, second, boris]) device.events.length = 0;
    await block(anna, boris);
    await later();
    for (const device of [anna, second, boris]) expect(device.events).toEqual([{ event: 'changed', body: {} }]);
    await block(anna, boris);
    await later();
    expect(boris.events).toHaveLength(1);
  });
});

describe('between the two', () => {
  it('no marks move, in neither direction, and others see theirs', async () => {
    const group = await talkers.group(boris, carla);
    const direct = await talkers.direct();
    await talkers.send(anna, group, 'hello');
    await talkers.send(anna, direct, 'hello');
    await listen(anna, boris, carla);
    await read(boris, direct, 1);
    await later();
    await block(anna, boris);
    await later();
    for (const device of [anna, boris, carla]) device.events.length = 0;
    await read(boris, group, 2);
    await read(carla, group, 2);
    const seq = await talkers.send(anna, group, 'more');
    await later();
    expect(heardOf(anna, boris.userId)).toEqual([]);
    expect(heardOf(boris, anna.userId)).toEqual([]);
    expect(heardOf(anna, carla.userId)).toMatchObject([{ readSeq: 2 }]);
    expect(heardOf(carla, boris.userId)).toMatchObject([{ readSeq: 2 }]);
    expect(heardOf(carla, anna.userId).at(-1)).toMatchObject({ readSeq: seq });
    expect(heardOf(boris, boris.userId)).toMatchObject([{ readSeq: 2 }]);

    for (const [device, other] of [
      [anna, boris],
      [boris, anna],
    ] as const) {
      for (const conversationId of [group, direct]) {
        expect((await stateOf(device, conversationId)).marks.map(({ userId }) => userId)).not.toContain(other.userId);
        const { marks } = await device.call('receipts.list', { conversationId });
        expect(marks.map(({ userId }) => userId)).not.toContain(other.userId);
        expect(marks.map(({ userId }) => userId)).toContain(device.userId);
      }
      const { members } = await device.call('conversation.members', { conversationId: group });
      const their = members.find(({ profile }) => profile.userId === other.userId);
      expect(their).toMatchObject({ deliveredSeq: 0, readSeq: 0 });
    }
    expect((await stateOf(boris, group)).mine.readSeq).toBe(2);
  });

  it('marks are there again once nobody blocks, from sync', async () => {
    const direct = await talkers.direct();
    await talkers.send(anna, direct, 'hello');
    await block(anna, boris);
    await read(boris, direct, 1);
    await talkers.platform.clock.pass(120_000);
    const { cursor } = await anna.call('sync', {});
    await talkers.platform.clock.pass(120_000);
    expect((await anna.call('sync', { cursor })).conversations).toEqual([]);
    await block(anna, boris, false);
    const { conversations } = await anna.call('sync', { cursor });
    expect(conversations[0]?.marks).toMatchObject([{ userId: boris.userId, readSeq: 1 }]);
  });

  it('presence is hidden both ways, from the next moment on, and back', async () => {
    await listen(anna, boris, carla);
    const watch = async (device: Device, ...others: Device[]) =>
      (await device.call('presence.watch', { userIds: others.map(({ userId }) => userId) })).people;
    expect(await watch(anna, boris)).toMatchObject([{ online: true }]);
    expect(await watch(boris, anna)).toMatchObject([{ online: true }]);
    for (const device of [anna, boris]) device.events.length = 0;
    await block(anna, boris);
    await later();
    for (const [device, other] of [
      [anna, boris],
      [boris, anna],
    ] as const) {
      const gone = { userId: other.userId, online: false, lastSeenAt: null };
      expect(device.events).toContainEqual({ event: 'presence.changed', body: { people: [gone] } });
      expect(await watch(device, other)).toEqual([gone]);
      device.events.length = 0;
    }
    talkers.messaging.detach(boris);
    await talkers.platform.clock.pass(10_000);
    expect(anna.events).toEqual([]);
    talkers.messaging.attach(boris);
    await later();
    expect(anna.events).toEqual([]);
    await block(anna, boris, false);
    await later();
    expect(anna.events).toContainEqual({
      event: 'presence.changed',
      body: { people: [{ userId: boris.userId, online: true, lastSeenAt: null }] },
    });
    expect(await watch(carla, anna, boris)).toMatchObject([{ online: true }, { online: true }]);
  });

  it('nobody sees the other type, and others do', async () => {
    const direct = await talkers.direct();
    const group = await talkers.group(boris, carla);
    await listen(anna, boris, carla);
    for (const device of [anna, boris, carla])
      await device.call('presence.watch', { userIds: [], conversationId: device === carla ? group : direct });
    await block(anna, boris);
    await later();
    for (const device of [anna, boris, carla]) device.events.length = 0;
    await boris.call('typing.set', { conversationId: direct, typing: true });
    await anna.call('typing.set', { conversationId: direct, typing: true });
    await later();
    expect([...anna.events, ...boris.events]).toEqual([]);
    await anna.call('presence.watch', { userIds: [], conversationId: group });
    await boris.call('typing.set', { conversationId: group, typing: true });
    await later();
    await boris.call('typing.set', { conversationId: group, typing: false });
    await later();
    expect(anna.events).toEqual([]);
    expect(carla.events).toContainEqual({
      event: 'typing.changed',
      body: { conversationId: group, userIds: [boris.userId] },
    });
  });
});

describe('on another node', () => {
  let other: Messaging;
  let gap: () => void;
  let isCut: boolean;
  let far: Device;

  beforeEach(async () => {
    const { bus } = talkers.platform;
    const gaps = new Set<() => void>();
    gap = () => {
      for (const listener of gaps) listener();
    };
    isCut = false;
    const farBus: Bus = {
      ...bus,
      onGap: (listener) => {
        gaps.add(listener);
        return () => gaps.delete(listener);
      },
      subscribe: (topic, listener) => bus.subscribe(topic, (...heard) => (isCut ? undefined : listener(...heard))),
    };
    other = makeMessaging({ ...talkers.platform, node: 'other', bus: farBus });
    await other.start();
    far = makeDevice(other.handlers, boris.userId);
    other.attach(far);
    await far.call('sync', {});
  });
  afterEach(() => other.stop());

  it('a block holds as soon as it was heard, and asks no store for each message', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(far, conversationId, 'remembers the rules');
    await block(anna, boris);
    await later();
    await expect(talkers.send(far, conversationId, 'hey')).rejects.toMatchObject(refused);
    await block(anna, boris, false);
    await later();
    await talkers.send(far, conversationId, 'hey');

    const { privacy, conversations } = talkers.platform;
    let asked = 0;
    const counting = <T extends object>(store: T): T =>
      new Proxy(store, {
        get: (target, name) => {
          asked++;
          return Reflect.get(target, name);
        },
      });
    const counted = makeMessaging({
      ...talkers.platform,
      privacy: counting(privacy),
      conversations: counting(conversations),
    });
    const device = makeDevice(counted.handlers, boris.userId);
    await talkers.send(device, conversationId, 'first');
    asked = 0;
    for (let i = 0; i < 5; i++) await talkers.send(device, conversationId, `${i}`);
    expect(asked).toBe(0);
    await counted.stop();
  });

  it('marks and presence stop as they do on this one', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'hello');
    await listen(anna);
    await far.call('presence.watch', { userIds: [anna.userId] });
    await block(anna, boris);
    await later();
    for (const device of [anna, far]) device.events.length = 0;
    await talkers.answered(far.call('receipts.mark', { marks: [{ conversationId, readSeq: 1 }] }));
    talkers.messaging.detach(anna);
    await talkers.platform.clock.pass(10_000);
    expect(heardOf(anna, boris.userId)).toEqual([]);
    expect(far.events.filter(({ event }) => event === 'presence.changed')).toEqual([]);
    expect(heardOf(far, boris.userId)).toMatchObject([{ readSeq: 1 }]);
  });

  it('one that was not heard holds once the gap is known', async () => {
    const conversationId = await talkers.direct();
    await listen(anna);
    await talkers.send(far, conversationId, 'remembers the rules');
    expect((await far.call('presence.watch', { userIds: [anna.userId] })).people).toMatchObject([{ online: true }]);
    isCut = true;
    await block(anna, boris);
    await later();
    isCut = false;
    gap();
    await expect(talkers.send(far, conversationId, 'hey')).rejects.toMatchObject(refused);
    await talkers.platform.clock.pass(7_000);
    expect(far.events.findLast(({ event }) => event === 'presence.changed')).toMatchObject({
      body: { people: [{ userId: anna.userId, online: false, lastSeenAt: null }] },
    });
  });
});

describe('an account that is deleted', () => {
  it('blocks nobody any more', async () => {
    await block(anna, boris);
    await talkers.messaging.people.depart(anna.userId);
    await talkers.messaging.people.depart(anna.userId);
    expect((await talkers.platform.privacy.of(anna.userId)).blocks).toEqual([]);
  });
});
