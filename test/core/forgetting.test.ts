import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { GroupSettings, Message } from '../../src/protocol/models.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { addPeople } from '../support/people.ts';
import { makeTestPlatform, type TestPlatform, testSettings } from '../support/platform.ts';
import { until } from '../support/wait.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let platform: TestPlatform;
let messaging: Messaging;
let anna: Device;
let boris: Device;
let carla: Device;

async function begin(over: Parameters<typeof makeTestPlatform>[0] = {}) {
  platform = await makeTestPlatform(over);
  messaging = makeMessaging(platform);
  await messaging.start();
  const users = await addPeople(platform, 3);
  [anna, boris, carla] = users.map((userId) => makeDevice(messaging.handlers, userId)) as [Device, Device, Device];
}

beforeEach(() => begin());
afterEach(async () => {
  await messaging.stop();
  await platform.close();
});

async function group(settings: Partial<GroupSettings> = {}) {
  const input = { clientId: newClientId(), title: 'Choir', userIds: [boris.userId], settings };
  return (await anna.call('conversation.create', input)).conversation.conversationId;
}
const direct = async () =>
  (await anna.call('conversation.openDirect', { userId: boris.userId })).conversation.conversationId;
const send = async (device: Device, conversationId: ConversationId, text: string) =>
  (await device.call('message.send', { conversationId, clientId: newClientId(), text })).seq;
const set = (device: Device, conversationId: ConversationId, settings: Partial<GroupSettings>) =>
  device.call('conversation.setSettings', { conversationId, settings });
const show = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.show', { conversationId })).conversation;
const entriesOf = async (device: Device, conversationId: ConversationId, after = 0) =>
  (await device.call('conversation.entries', { conversationId, after, limit: 500 })).entries;
const historyOf = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.history', { conversationId, before: null, limit: 500 })).messages;
const find = async (device: Device, query: string) => (await device.call('message.search', { query })).results.length;
const refused = (reason: string) => expect.objectContaining({ reason });
const textOf = (message: Message | null | undefined) =>
  message?.kind === 'message' && !message.emptied ? message.body.text : null;

describe('what is sent where messages disappear', () => {
  it('says when it does, as the settings were when it was sent', async () => {
    const conversationId = await group({ disappearAfter: hour });
    const at = platform.clock.now();
    await send(anna, conversationId, 'for an hour');
    await boris.call('poll.create', { conversationId, clientId: newClientId(), question: 'q', options: ['a', 'b'] });
    await boris.call('message.forward', { conversationId, clientId: newClientId(), from: { conversationId, seq: 2 } });
    await set(anna, conversationId, { disappearAfter: null });
    await send(anna, conversationId, 'for good');
    const ends = (await entriesOf(boris, conversationId)).map(({ kind, expiresAt = null }) => [kind, expiresAt]);
    expect(ends).toEqual([
      ['created', null],
      ['message', at + hour],
      ['poll', at + hour],
      ['message', at + hour],
      ['settings', null],
      ['message', null],
    ]);
  });

  it('is decided by either of two who talk directly, together with previews and nothing else', async () => {
    const conversationId = await direct();
    await set(boris, conversationId, { disappearAfter: day, previews: false });
    expect((await show(anna, conversationId)).settings).toMatchObject({ disappearAfter: day, previews: false });
    expect((await entriesOf(anna, conversationId))[0]).toMatchObject({ kind: 'settings', senderId: boris.userId });
    for (const settings of [{ keepFor: day }, { description: 'ours' }, { disappearAfter: hour, showsPast: true }])
      await expect(set(anna, conversationId, settings)).rejects.toEqual(refused('direct_conversation'));
    await boris.call('person.block', { userId: anna.userId, on: true });
    await expect(set(anna, conversationId, { disappearAfter: hour })).rejects.toEqual(refused('may_not_write'));
    await expect(set(carla, conversationId, { disappearAfter: hour })).rejects.toEqual(refused('not_a_member'));
  });

  it('is decided by the owner and admins of a group', async () => {
    const conversationId = await group();
    await expect(set(boris, conversationId, { disappearAfter: hour })).rejects.toEqual(refused('not_an_admin'));
  });

  it('disappears from everywhere at its time, also before anybody swept', async () => {
    const conversationId = await group({ disappearAfter: minute });
    const seq = await send(anna, conversationId, '@all come quickly');
    await send(anna, conversationId, 'a second one');
    await anna.call('message.edit', { conversationId, clientId: newClientId(), seq, text: '@all come slowly' });
    await anna.call('message.pin', { conversationId, seq, on: true });
    await set(anna, conversationId, { disappearAfter: null });
    const stays = await send(anna, conversationId, 'this one stays');
    expect((await show(boris, conversationId)).mine).toMatchObject({ unread: 3, mentions: 1 });

    // The clock stands at the very moment: no round of the sweeper came since.
    await messaging.stop();
    platform.clock.advance(minute);
    const late = makeMessaging(platform);
    const [readers, handlers] = [[anna, boris], late.handlers];
    const [, other] = readers.map(({ userId }) => makeDevice(handlers, userId)) as [Device, Device];
    const history = await historyOf(other, conversationId);
    expect(history.filter(({ kind }) => kind === 'message').map(textOf)).toEqual([null, null, 'this one stays']);
    expect(history.find((message) => message.seq === seq)).toMatchObject({ emptied: true, body: {} });
    expect(JSON.stringify(await entriesOf(other, conversationId))).not.toMatch(/quickly|slowly|second/);
    expect((await other.call('message.edits', { conversationId, seq })).wordings).toEqual([]);
    const { messages } = await other.call('message.look', { conversationId, seqs: [seq] });
    expect(messages).toMatchObject([{ seq, emptied: true }]);
    expect((await show(other, conversationId)).mine).toMatchObject({ unread: 1, mentions: 0 });
    expect(await find(other, 'slowly')).toBe(0);
    const forward = { conversationId, clientId: newClientId(), from: { conversationId, seq } };
    await expect(other.call('message.forward', forward)).rejects.toEqual(refused('message_removed'));
    const report = { conversationId, seq, reason: 'spam' as const, note: '' };
    await expect(other.call('report.create', report)).rejects.toEqual(refused('message_removed'));
    const { lines } = await late.people.exportOf(boris.userId, null);
    expect(lines.join('')).not.toMatch(/quickly|slowly/);
    expect(stays).toBeGreaterThan(seq);
  });

  it('is erased soon after: its words, its edits, its pin, and what the search index has of it', async () => {
    const conversationId = await group({ disappearAfter: 2 * minute });
    const seq = await send(anna, conversationId, 'unforgettable');
    await anna.call('message.edit', { conversationId, clientId: newClientId(), seq, text: 'unforgettable indeed' });
    await anna.call('message.pin', { conversationId, seq, on: true });
    await until(async () => {
      await platform.clock.pass(1_000);
      return (await find(boris, 'unforgettable')) === 1;
    });
    await platform.clock.pass(2 * minute + 10_000);
    await until(async () => {
      await platform.clock.pass(5_000);
      return (await platform.messages.expired(platform.clock.now(), 10)).length === 0;
    });
    expect(await platform.messages.entry(conversationId, seq)).toMatchObject({ emptied: true, body: {} });
    expect(await platform.messages.entry(conversationId, seq + 1)).toMatchObject({ emptied: true, body: {} });
    const term = { kind: 'word', stems: ['unforgett'], begins: 'unforgettable' } as const;
    const within = [{ conversationId, spans: [{ from: 1, to: null }] }];
    const ask = { terms: [term], within, senderId: null, hasLink: false, since: null, until: null, behind: null };
    expect((await platform.search.find({ ...ask, limit: 5 })).found).toEqual([]);
    expect((await show(boris, conversationId)).pins).toEqual([]);
  });

  it('is told by sync again once it is gone, so that a count that names it is put right', async () => {
    const conversationId = await group({ disappearAfter: minute });
    await send(anna, conversationId, 'soon gone');
    const { cursor } = await boris.call('sync', { cursor: null });
    await platform.clock.pass(10 * minute);
    const { conversations } = await boris.call('sync', { cursor });
    expect(conversations.map((one) => [one.conversationId, one.mine.unread])).toEqual([[conversationId, 0]]);
  });
});

describe('what a conversation keeps for a while', () => {
  const sweeping = async (ms: number) => {
    platform.clock.advance(ms);
    await platform.clock.pass(11 * minute);
  };

  it('is emptied once it is older: messages, notices, what is found and pinned; the head says where it begins', async () => {
    const conversationId = await group({ keepFor: day });
    const old = await send(anna, conversationId, 'yesterday');
    await boris.call('message.pin', { conversationId, seq: old, on: true }).catch(() => {});
    await anna.call('message.pin', { conversationId, seq: old, on: true });
    const { cursor } = await boris.call('sync', { cursor: null });
    await sweeping(day / 2);
    const young = await send(anna, conversationId, 'today');
    await sweeping(day / 2);
    await until(async () => {
      await platform.clock.pass(10 * minute);
      return (await show(boris, conversationId)).head.firstSeq === young;
    });
    expect((await historyOf(boris, conversationId)).map(textOf)).toEqual(['today']);
    expect((await entriesOf(boris, conversationId)).map(({ seq }) => seq)).toEqual([young]);
    expect(await show(boris, conversationId)).toMatchObject({ pins: [], mine: { unread: 1 } });
    await expect(anna.call('message.pin', { conversationId, seq: old, on: true })).rejects.toEqual(
      refused('no_such_message'),
    );
    const { conversations } = await boris.call('sync', { cursor });
    expect(conversations[0]?.head).toMatchObject({ firstSeq: young });
    expect(await find(boris, 'yesterday')).toBe(0);
    expect(await find(boris, 'today')).toBe(1);
  });

  it('goes by the shorter of what the conversation and the instance say, and stays where neither says anything', async () => {
    const forever = await group();
    await send(anna, forever, 'kept');
    await sweeping(100 * day);
    expect((await show(anna, forever)).head.firstSeq).toBe(1);

    await messaging.stop();
    await platform.close();
    await begin({ settings: { ...testSettings, keepMs: 7 * day } });
    const [short, long] = [await group({ keepFor: day }), await group({ keepFor: 30 * day })];
    for (const conversationId of [short, long]) await send(anna, conversationId, 'x');
    await sweeping(2 * day);
    expect((await show(anna, short)).head.firstSeq).toBe(3);
    expect((await show(anna, long)).head.firstSeq).toBe(1);
    await sweeping(6 * day);
    expect((await show(anna, long)).head.firstSeq).toBe(3);
  });

  it('may be thousands, page by page, and a conversation goes on behind it', async () => {
    const conversationId = await group({ keepFor: hour });
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => send(anna, conversationId, `${i}`)));
    platform.clock.advance(2 * hour);
    await until(async () => {
      await platform.clock.pass(10 * minute);
      return (await show(boris, conversationId)).head.firstSeq === 1_002;
    });
    expect(await show(boris, conversationId)).toMatchObject({ last: null, mine: { unread: 0 } });
    await send(anna, conversationId, 'new');
    expect((await historyOf(boris, conversationId)).map(textOf)).toEqual(['new']);
    await until(async () => {
      await platform.clock.pass(1_000);
      return (await find(boris, 'new')) === 1;
    });
  });
});
