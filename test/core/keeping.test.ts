import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { catchUp, goLive, type Held, nothingHeld } from '../support/model-device.ts';
import { addPeople } from '../support/people.ts';
import { makeTestPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let messaging: Messaging;
let phone: Device;
let laptop: Device;
let boris: Device;

beforeEach(async () => {
  platform = await makeTestPlatform();
  messaging = makeMessaging(platform);
  await messaging.start();
  const [anna, other] = await addPeople(platform, 2);
  if (!anna || !other) throw new Error('two people');
  [phone, laptop] = [makeDevice(messaging.handlers, anna), makeDevice(messaging.handlers, anna)];
  boris = makeDevice(messaging.handlers, other);
});

afterEach(async () => {
  await messaging.stop();
  await platform.close();
});

const direct = async () =>
  (await phone.call('conversation.openDirect', { userId: boris.userId })).conversation.conversationId;
const send = (device: Device, conversationId: ConversationId, text: string) =>
  device.call('message.send', { conversationId, clientId: newClientId(), text });
const mineOf = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.show', { conversationId })).conversation.mine;

/** A device that is open, and follows what it hears. */
async function open(device: Device): Promise<{ held: Held; idle: () => Promise<void> }> {
  const held = nothingHeld();
  messaging.attach(device);
  const hearing = goLive(device, held);
  await hearing.caughtUp;
  return {
    held,
    idle: async () => {
      await platform.clock.pass(10);
      await hearing.idle();
    },
  };
}

const nothing = {
  pinned: false,
  archived: false,
  mutedUntil: null,
  markedUnread: false,
  draft: null,
  hidden: [],
  mentions: 0,
};

describe('what somebody keeps', () => {
  it('reaches their other devices at once, and nobody else', async () => {
    const conversationId = await direct();
    await send(boris, conversationId, 'hi');
    const [open1, open2] = [await open(phone), await open(laptop)];
    await open(boris);
    await platform.clock.pass(1_500);
    const before = boris.events.length;
    expect(open2.held.conversations.get(conversationId)?.mine).toMatchObject(nothing);

    const until = platform.clock.now() + 3_600_000;
    await phone.call('conversation.setMine', { conversationId, change: { pinned: true, mutedUntil: until } });
    await phone.call('draft.set', { conversationId, draft: { text: 'Dear Boris', replyTo: 1 } });
    await phone.call('message.hide', { conversationId, seqs: [1] });
    const kept = {
      ...nothing,
      pinned: true,
      mutedUntil: until,
      draft: { text: 'Dear Boris', replyTo: 1, at: platform.clock.now() },
      hidden: [1],
    };
    for (const { held, idle } of [open1, open2]) {
      await idle();
      expect(held.conversations.get(conversationId)?.mine).toMatchObject(kept);
    }
    expect(await mineOf(laptop, conversationId)).toMatchObject(kept);
    expect(await mineOf(boris, conversationId)).toMatchObject(nothing);
    expect(boris.events.slice(before)).toEqual([]);

    await laptop.call('conversation.setMine', { conversationId, change: { archived: true, pinned: false } });
    await laptop.call('draft.set', { conversationId, draft: null });
    await open1.idle();
    expect(open1.held.conversations.get(conversationId)?.mine).toMatchObject({
      pinned: false,
      archived: true,
      mutedUntil: until,
      draft: null,
    });
  });

  it('is there on a device that was away, by what changed since', async () => {
    const conversationId = await direct();
    const held = nothingHeld();
    await platform.clock.pass(100_000);
    await catchUp(laptop, held);
    const news = async () => (await laptop.call('sync', { cursor: held.cursor })).conversations;
    expect(await news()).toEqual([]);
    await phone.call('conversation.setMine', { conversationId, change: { markedUnread: true } });
    expect(await news()).toMatchObject([{ mine: { markedUnread: true } }]);
    const theirs = await boris.call('sync', { cursor: held.cursor });
    expect(theirs.conversations).toEqual([]);
  });

  it('stays theirs when they are out, and is nothing for who never was in', async () => {
    const input = { clientId: newClientId(), title: 'Choir', userIds: [boris.userId] };
    const { conversationId } = (await phone.call('conversation.create', input)).conversation;
    await boris.call('conversation.leave', { conversationId });
    await boris.call('conversation.setMine', { conversationId, change: { archived: true } });
    expect(await mineOf(boris, conversationId)).toMatchObject({ member: false, archived: true });
    const stranger = makeDevice(messaging.handlers, (await addPeople(platform, 1))[0] ?? boris.userId);
    const refused = { code: 'forbidden', reason: 'not_a_member' };
    const change = { pinned: true };
    await expect(stranger.call('conversation.setMine', { conversationId, change })).rejects.toMatchObject(refused);
    await expect(stranger.call('draft.set', { conversationId, draft: null })).rejects.toMatchObject(refused);
    await expect(stranger.call('message.hide', { conversationId, seqs: [1] })).rejects.toMatchObject(refused);
  });
});

describe('a draft', () => {
  it('is the later one of two, on every device', async () => {
    const conversationId = await direct();
    await phone.call('draft.set', { conversationId, draft: { text: 'on the phone', replyTo: null } });
    await platform.clock.pass(5);
    await laptop.call('draft.set', { conversationId, draft: { text: 'on the laptop', replyTo: null } });
    expect((await mineOf(phone, conversationId)).draft).toEqual({
      text: 'on the laptop',
      replyTo: null,
      at: platform.clock.now(),
    });
  });

  it('is bounded as a message is, and may be of spaces yet', async () => {
    const conversationId = await direct();
    const set = (text: string) => phone.call('draft.set', { conversationId, draft: { text, replyTo: null } });
    await set(' \n');
    await set('ж'.repeat(limits.textBytes / 2));
    await expect(set('ж'.repeat(limits.textBytes / 2 + 1))).rejects.toThrow(/longer/);
    await expect(set('half \ud83d')).rejects.toThrow(/Unicode/);
  });

  it('is in an export of the person, and gone with their account', async () => {
    const conversationId = await direct();
    await phone.call('draft.set', { conversationId, draft: { text: 'never sent', replyTo: null } });
    const { lines } = await messaging.people.exportOf(phone.userId, null);
    const exported = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'conversation');
    expect(exported).toMatchObject([{ conversationId, draft: { text: 'never sent' }, pinned: false, hidden: [] }]);
    expect(JSON.stringify(await messaging.people.exportOf(boris.userId, null))).not.toContain('never sent');
    await messaging.people.depart(phone.userId);
    expect((await platform.conversations.row(conversationId, phone.userId))?.draft).toBeNull();
  });

  it('makes no page of sync larger than a page may be, though all are long', async () => {
    const text = 'ж'.repeat(limits.textBytes / 2);
    const people = await addPeople(platform, 40);
    for (const userId of people) {
      const { conversation } = await phone.call('conversation.openDirect', { userId });
      const { conversationId } = conversation;
      await phone.call('draft.set', { conversationId, draft: { text, replyTo: null } });
    }
    const seen = new Set<ConversationId>();
    for (let cursor: string | null = null, more = true; more; ) {
      const page: { cursor: string; more: boolean; conversations: { conversationId: ConversationId }[] } =
        await laptop.call('sync', { cursor });
      expect(Buffer.byteLength(JSON.stringify(page.conversations))).toBeLessThanOrEqual(limits.pageBytes);
      for (const { conversationId } of page.conversations) {
        expect(seen.has(conversationId)).toBe(false);
        seen.add(conversationId);
      }
      ({ cursor, more } = page);
    }
    expect(seen.size).toBe(40);
  });
});

describe('a message removed for oneself', () => {
  it('is there for the other, and in the log', async () => {
    const conversationId = await direct();
    for (const text of ['one', 'two', 'three']) await send(boris, conversationId, text);
    await phone.call('message.hide', { conversationId, seqs: [3, 1] });
    await phone.call('message.hide', { conversationId, seqs: [3] });
    expect((await mineOf(phone, conversationId)).hidden).toEqual([1, 3]);
    const { messages } = await boris.call('conversation.history', { conversationId });
    expect(messages.map(({ emptied }) => emptied)).toEqual([undefined, undefined, undefined]);
  });

  it('is one that they may read', async () => {
    const input = { clientId: newClientId(), title: 'Choir', userIds: [] };
    const { conversationId } = (await phone.call('conversation.create', input)).conversation;
    await send(phone, conversationId, 'before Boris');
    await phone.call('conversation.addMembers', { conversationId, userIds: [boris.userId] });
    await send(phone, conversationId, 'after');
    for (const seqs of [[2], [4, 2], [5]])
      await expect(boris.call('message.hide', { conversationId, seqs })).rejects.toMatchObject({
        code: 'not_found',
        reason: 'no_such_message',
      });
    expect((await mineOf(boris, conversationId)).hidden).toEqual([]);
    await boris.call('message.hide', { conversationId, seqs: [4] });
    expect((await mineOf(boris, conversationId)).hidden).toEqual([4]);
  });

  it('is one of so many at most', async () => {
    const conversationId = await direct();
    await Promise.all(Array.from({ length: limits.hidden + 1 }, (_, i) => send(boris, conversationId, `${i}`)));
    for (let first = 1; first <= limits.hidden; first += 100) {
      const seqs = Array.from({ length: 100 }, (_, i) => first + i);
      await phone.call('message.hide', { conversationId, seqs });
    }
    await expect(phone.call('message.hide', { conversationId, seqs: [limits.hidden + 1] })).rejects.toMatchObject({
      code: 'conflict',
      reason: 'too_many_hidden',
    });
    await phone.call('message.hide', { conversationId, seqs: [limits.hidden] });
    expect((await mineOf(phone, conversationId)).hidden).toHaveLength(limits.hidden);
  });
});
