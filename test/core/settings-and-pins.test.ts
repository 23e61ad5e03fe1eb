import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Entry, type GroupSettings, plainSettings } from '../../src/protocol/models.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { addPeople } from '../support/people.ts';
import { makeTestPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let messaging: Messaging;
let anna: Device;
let boris: Device;
let carla: Device;

beforeEach(async () => {
  platform = await makeTestPlatform();
  messaging = makeMessaging(platform);
  await messaging.start();
  const users = await addPeople(platform, 3);
  [anna, boris, carla] = users.map((userId) => makeDevice(messaging.handlers, userId)) as [Device, Device, Device];
});

afterEach(async () => {
  await messaging.stop();
  await platform.close();
});

async function group(settings: Partial<GroupSettings> = {}, others: readonly Device[] = [boris]) {
  const input = { clientId: newClientId(), title: 'Choir', userIds: others.map((one) => one.userId), settings };
  return (await anna.call('conversation.create', input)).conversation.conversationId;
}

const direct = async () =>
  (await anna.call('conversation.openDirect', { userId: boris.userId })).conversation.conversationId;
const send = (device: Device, conversationId: ConversationId, text: string) =>
  device.call('message.send', { conversationId, clientId: newClientId(), text });
const remove = (device: Device, conversationId: ConversationId, seq: number) =>
  device.call('message.remove', { conversationId, clientId: newClientId(), seq });
const pin = (device: Device, conversationId: ConversationId, seq: number, on = true) =>
  device.call('message.pin', { conversationId, seq, on });
const set = (device: Device, conversationId: ConversationId, settings: Partial<GroupSettings>) =>
  device.call('conversation.setSettings', { conversationId, settings });
const add = (conversationId: ConversationId, ...people: Device[]) =>
  anna.call('conversation.addMembers', { conversationId, userIds: people.map((one) => one.userId) });
const expel = (conversationId: ConversationId, { userId }: Device) =>
  anna.call('conversation.removeMember', { conversationId, userId });
const show = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.show', { conversationId })).conversation;
const pinsOf = async (device: Device, conversationId: ConversationId) => (await show(device, conversationId)).pins;
const entriesOf = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.entries', { conversationId, after: 0, limit: 500 })).entries;
const heard = (device: Device): Entry[] =>
  device.events.flatMap((event) => (event.event === 'entry.appended' ? [event.body] : []));

/** What a device that knows `cursor` is told. */
async function news(device: Device, cursor: string | null) {
  const { conversations, cursor: next } = await device.call('sync', { cursor });
  return { conversations, cursor: next };
}

const plain = plainSettings;

describe('settings', () => {
  it('of a group are what it was made with, the rest plain; a direct conversation has plain ones', async () => {
    const conversationId = await group({ description: 'Tuesdays' });
    expect((await show(boris, conversationId)).settings).toEqual({ ...plain, description: 'Tuesdays' });
    expect((await show(boris, await direct())).settings).toEqual(plain);
  });

  it('are changed by what is named, and the entry carries the whole', async () => {
    const conversationId = await group({ description: 'Tuesdays', showsPast: true });
    await set(anna, conversationId, { posting: 'admins' });
    const whole = { ...plainSettings, description: 'Tuesdays', showsPast: true, posting: 'admins' };
    expect((await show(boris, conversationId)).settings).toEqual(whole);
    expect(await entriesOf(boris, conversationId)).toMatchObject([
      { kind: 'created' },
      { kind: 'settings', senderId: anna.userId, body: whole },
    ]);
  });

  it('describe in lines of text, without the spaces around it', async () => {
    const conversationId = await group();
    await set(anna, conversationId, { description: ' Tuesdays\nat six ' });
    expect((await show(boris, conversationId)).settings.description).toBe('Tuesdays\nat six');
    for (const description of ['a\u0000b', 'tab\there', 'half \ud83d', 'x'.repeat(limits.descriptionLength + 1)])
      await expect(set(anna, conversationId, { description })).rejects.toThrow();
  });

  it('that are set as they are make no entry', async () => {
    const conversationId = await group({ description: 'Tuesdays' });
    await set(anna, conversationId, { description: 'Tuesdays' });
    await set(anna, conversationId, {});
    expect((await show(anna, conversationId)).head.seq).toBe(1);
  });

  it('are for owner and admins to change, of groups alone', async () => {
    const conversationId = await group();
    await expect(set(boris, conversationId, { description: 'x' })).rejects.toMatchObject({ reason: 'not_an_admin' });
    await expect(set(carla, conversationId, { description: 'x' })).rejects.toMatchObject({ reason: 'not_a_member' });
    await expect(set(anna, await direct(), { description: 'x' })).rejects.toMatchObject({
      code: 'conflict',
      reason: 'direct_conversation',
    });
    await anna.call('conversation.setRole', { conversationId, userId: boris.userId, role: 'admin' });
    await set(boris, conversationId, { description: 'by Boris' });
    expect((await show(anna, conversationId)).settings.description).toBe('by Boris');
  });

  it('reach every member by sync and as an entry, and those who left learn nothing of them', async () => {
    const conversationId = await group({}, [boris, carla]);
    await expel(conversationId, carla);
    for (const device of [boris, carla]) messaging.attach(device);
    await platform.clock.pass(100_000);
    const [known, left] = [await news(boris, null), await news(carla, null)];
    await set(anna, conversationId, { description: 'secret' });
    await platform.clock.pass(10);
    expect(heard(boris)).toMatchObject([{ kind: 'settings', body: { description: 'secret' } }]);
    expect((await news(boris, known.cursor)).conversations).toMatchObject([{ settings: { description: 'secret' } }]);
    expect(heard(carla)).toEqual([]);
    expect(JSON.stringify(await news(carla, left.cursor))).not.toContain('secret');
  });

  it('of two who change them at once both hold', async () => {
    const conversationId = await group();
    await anna.call('conversation.setRole', { conversationId, userId: boris.userId, role: 'admin' });
    await Promise.all([
      set(anna, conversationId, { description: 'Tuesdays' }),
      set(boris, conversationId, { showsPast: true }),
    ]);
    expect((await show(anna, conversationId)).settings).toEqual({ ...plain, description: 'Tuesdays', showsPast: true });
  });
});

describe('a channel', () => {
  it('is written in by its owner and admins, and read by all', async () => {
    const conversationId = await group({ posting: 'admins' }, [boris, carla]);
    await anna.call('conversation.setRole', { conversationId, userId: carla.userId, role: 'admin' });
    await send(anna, conversationId, 'by the owner');
    await send(carla, conversationId, 'by an admin');
    await expect(send(boris, conversationId, 'by a member')).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'only_admins_write',
    });
    expect((await entriesOf(boris, conversationId)).filter(({ kind }) => kind === 'message')).toHaveLength(2);
  });

  it('is one at every node from its entry on: what another node judged by older rules is judged anew', async () => {
    const conversationId = await group();
    const node = makeMessaging(platform);
    const there = makeDevice(node.handlers, boris.userId);
    await send(there, conversationId, 'that node knows the rules now');
    await set(anna, conversationId, { posting: 'admins' });
    await expect(send(there, conversationId, 'too late')).rejects.toMatchObject({ reason: 'only_admins_write' });
    await set(anna, conversationId, { posting: 'members' });
    await send(there, conversationId, 'again');
    await node.stop();
  });

  it('lets nobody but admins write behind the entry that makes it one', async () => {
    const conversationId = await group();
    const sends = (from: number) =>
      Array.from({ length: 40 }, (_, i) => send(boris, conversationId, `${from + i}`).catch(() => null));
    await Promise.all([...sends(0), set(anna, conversationId, { posting: 'admins' }), ...sends(40)]);
    const entries = await entriesOf(anna, conversationId);
    const since = entries.find(({ kind }) => kind === 'settings')?.seq ?? 0;
    expect(since).toBeGreaterThan(0);
    expect(entries.filter(({ senderId, seq }) => senderId === boris.userId && seq > since)).toEqual([]);
  });
});

describe('a group that shows its past', () => {
  it('lets those who join read from the beginning, and does not make all of it unread', async () => {
    const conversationId = await group({ showsPast: true });
    await send(anna, conversationId, 'before');
    await add(conversationId, carla);
    await send(anna, conversationId, 'after');
    const { messages, hidden } = await carla.call('conversation.history', { conversationId });
    expect(messages.map(({ kind }) => kind)).toEqual(['created', 'message', 'joined', 'message']);
    expect(hidden).toEqual([]);
    expect((await show(carla, conversationId)).mine).toMatchObject({
      spans: [{ from: 1, to: null }],
      unread: 1,
      readSeq: 3,
    });
    // Nobody is told that she read what was there before her.
    const { marks } = await anna.call('receipts.list', { conversationId });
    expect(marks.find(({ userId }) => userId === carla.userId)).toMatchObject({ readSeq: 0, deliveredSeq: 0 });
  });

  it('shows it to those who come from then on; those who are in keep what they may read', async () => {
    const conversationId = await group();
    await send(anna, conversationId, 'before');
    await add(conversationId, carla);
    await set(anna, conversationId, { showsPast: true });
    expect((await show(carla, conversationId)).mine.spans).toEqual([{ from: 3, to: null }]);
    await expel(conversationId, boris);
    await send(anna, conversationId, 'while Boris was out');
    await add(conversationId, boris);
    expect((await show(boris, conversationId)).mine.spans).toEqual([{ from: 1, to: null }]);
    const kinds = (await entriesOf(boris, conversationId)).map(({ kind }) => kind);
    expect(kinds).toEqual(['created', 'message', 'joined', 'settings', 'removed', 'message', 'joined']);
  });

  it('passes to who has been in it longest, though all read from the beginning', async () => {
    const conversationId = await group({ showsPast: true }, []);
    for (const device of [carla, boris]) await add(conversationId, device);
    await anna.call('conversation.leave', { conversationId });
    expect((await show(carla, conversationId)).mine.role).toBe('owner');
  });
});

describe('pins', () => {
  it('stand with the last one first, are heard of, and come by sync', async () => {
    const conversationId = await group();
    for (const text of ['one', 'two']) await send(anna, conversationId, text);
    messaging.attach(boris);
    const { cursor } = await news(boris, null);
    await platform.clock.pass(100_000);
    await pin(anna, conversationId, 2);
    await pin(anna, conversationId, 3);
    await platform.clock.pass(10);
    expect(await pinsOf(boris, conversationId)).toEqual([3, 2]);
    expect(heard(boris)).toMatchObject([
      { kind: 'pin', target: 2, senderId: anna.userId, body: { on: true } },
      { kind: 'pin', target: 3, body: { on: true } },
    ]);
    expect((await news(boris, cursor)).conversations).toMatchObject([{ pins: [3, 2], head: { seq: 5 } }]);
    const { messages } = await boris.call('conversation.history', { conversationId });
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('are for owner and admins in groups, and for both in direct conversations, in notes for oneself', async () => {
    const conversationId = await group();
    await send(boris, conversationId, 'mine');
    await expect(pin(boris, conversationId, 2)).rejects.toMatchObject({ code: 'forbidden', reason: 'not_an_admin' });
    await expect(pin(carla, conversationId, 2)).rejects.toMatchObject({ reason: 'not_a_member' });
    await pin(anna, conversationId, 2);

    const both = await direct();
    await send(anna, both, 'hers');
    await send(boris, both, 'his');
    await pin(boris, both, 1);
    await pin(anna, both, 2);
    expect(await pinsOf(boris, both)).toEqual([2, 1]);
    expect((await entriesOf(anna, both)).map(({ kind }) => kind)).toEqual(['message', 'message', 'pin', 'pin']);
    await expect(pin(carla, both, 1)).rejects.toMatchObject({ reason: 'not_a_member' });

    const notes = (await anna.call('conversation.openDirect', { userId: anna.userId })).conversation.conversationId;
    await send(anna, notes, 'milk');
    await pin(anna, notes, 1);
    expect(await pinsOf(anna, notes)).toEqual([1]);
  });

  it('set or taken twice make no further entry', async () => {
    const conversationId = await direct();
    await send(anna, conversationId, 'hi');
    await pin(anna, conversationId, 1, false);
    await pin(anna, conversationId, 9, false);
    await pin(anna, conversationId, 1);
    await pin(boris, conversationId, 1);
    await pin(boris, conversationId, 1, false);
    await pin(anna, conversationId, 1, false);
    expect((await entriesOf(anna, conversationId)).map(({ kind }) => kind)).toEqual(['message', 'pin', 'pin']);
    expect(await pinsOf(anna, conversationId)).toEqual([]);
  });

  it('are of what was said and may be read: texts and polls, not notices, nothing removed, nothing unseen', async () => {
    const conversationId = await group();
    await send(anna, conversationId, 'before Carla');
    await send(anna, conversationId, 'removed');
    await remove(anna, conversationId, 3);
    await add(conversationId, carla);
    await anna.call('conversation.setRole', { conversationId, userId: carla.userId, role: 'admin' });
    const poll = await anna.call('poll.create', {
      conversationId,
      clientId: newClientId(),
      question: 'When?',
      options: ['Mo', 'Tu'],
    });
    for (const seq of [1, 3, 4, 99])
      await expect(pin(anna, conversationId, seq)).rejects.toMatchObject({
        code: 'not_found',
        reason: 'no_such_message',
      });
    await expect(pin(carla, conversationId, 2)).rejects.toMatchObject({ reason: 'no_such_message' });
    await pin(anna, conversationId, 2);
    await pin(carla, conversationId, poll.seq);
    // She does not see the one from before her: to her it is not pinned.
    await pin(carla, conversationId, 2, false);
    expect(await pinsOf(carla, conversationId)).toEqual([poll.seq]);
    expect(await pinsOf(anna, conversationId)).toEqual([poll.seq, 2]);
    await expel(conversationId, carla);
    expect(await pinsOf(carla, conversationId)).toEqual([]);
  });

  it('are so many at most', async () => {
    const conversationId = await direct();
    await Promise.all(Array.from({ length: limits.pins + 1 }, (_, i) => send(anna, conversationId, `${i}`)));
    for (let seq = 1; seq <= limits.pins; seq++) await pin(anna, conversationId, seq);
    const one = limits.pins + 1;
    await expect(pin(boris, conversationId, one)).rejects.toMatchObject({ code: 'conflict', reason: 'too_many_pins' });
    await pin(boris, conversationId, 1);
    await pin(boris, conversationId, 1, false);
    await pin(boris, conversationId, one);
    expect((await pinsOf(anna, conversationId)).slice(0, 2)).toEqual([one, limits.pins]);
  });

  it('go with the message that is removed, at once and for everybody, and make room', async () => {
    const conversationId = await direct();
    for (const text of ['one', 'two']) await send(anna, conversationId, text);
    await pin(anna, conversationId, 1);
    await pin(anna, conversationId, 2);
    const { cursor } = await news(boris, null);
    await platform.clock.pass(100_000);
    await remove(anna, conversationId, 1);
    expect(await pinsOf(boris, conversationId)).toEqual([2]);
    expect((await platform.conversations.find(conversationId))?.pins).toEqual([2]);
    expect((await news(boris, cursor)).conversations).toMatchObject([{ pins: [2] }]);
    const kinds = (await entriesOf(anna, conversationId)).map(({ kind }) => kind);
    expect(kinds).toEqual(['message', 'message', 'pin', 'pin', 'removal']);
  });

  it('do not outlive a removal that comes at the same time', async () => {
    for (let i = 0; i < 20; i++) {
      const conversationId = await direct();
      const { seq } = await send(anna, conversationId, 'now or never');
      const work = [pin(boris, conversationId, seq), remove(anna, conversationId, seq)];
      await Promise.allSettled(i % 2 ? work : work.toReversed());
      expect(await pinsOf(anna, conversationId)).toEqual([]);
    }
  });

  it('of what was removed by a node that was killed then go when it starts again', async () => {
    const conversationId = await direct();
    await send(anna, conversationId, 'hi');
    await pin(anna, conversationId, 1);
    await platform.clock.pass(1_500);
    await platform.messages.append({
      conversationId,
      senderId: anna.userId,
      clientId: newClientId(),
      kind: 'removal',
      body: {},
      target: 1,
      time: platform.clock.now(),
      rulesSeq: null,
    });
    const again = makeMessaging(platform);
    await again.start();
    expect(await pinsOf(anna, conversationId)).toEqual([]);
    await again.stop();
  });

  it('that were owed when a node was killed reach the log', async () => {
    const conversationId = await direct();
    await send(anna, conversationId, 'hi');
    const owed = { clientId: newClientId(), senderId: anna.userId };
    await platform.conversations.change(conversationId, 0, { type: 'pin', seq: 1, on: true }, owed);
    await platform.clock.pass(11_000);
    await expect
      .poll(() => entriesOf(boris, conversationId))
      .toMatchObject([{ kind: 'message' }, { kind: 'pin', target: 1, clientId: owed.clientId }]);
  });
});
