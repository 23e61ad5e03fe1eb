import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { Appended, Draft, MessageLog } from '../../src/ports/message-log.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Entry } from '../../src/protocol/models.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { addPeople } from '../support/people.ts';
import { makeTestPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let messaging: Messaging;
let users: readonly UserId[];
let anna: Device;
let boris: Device;
let carla: Device;

beforeEach(async () => {
  platform = await makeTestPlatform();
  messaging = makeMessaging(platform);
  await messaging.start();
  users = await addPeople(platform, 4);
  [anna, boris, carla] = users.map((userId) => makeDevice(messaging.handlers, userId)) as [Device, Device, Device];
});

afterEach(async () => {
  await messaging.stop();
  await platform.close();
});

async function direct(): Promise<ConversationId> {
  const { conversation } = await anna.call('conversation.openDirect', { userId: boris.userId });
  return conversation.conversationId;
}

async function group(...others: Device[]): Promise<ConversationId> {
  const { conversation } = await anna.call('conversation.create', {
    clientId: newClientId(),
    title: 'Choir',
    userIds: others.map((device) => device.userId),
  });
  return conversation.conversationId;
}

const send = (device: Device, conversationId: ConversationId, text: string, clientId = newClientId()) =>
  device.call('message.send', { conversationId, clientId, text });

const texts = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.history', { conversationId })).messages.map((message) =>
    message.kind === 'message' ? (message.body.text ?? null) : message.kind,
  );

const heard = (device: Device): Entry[] =>
  device.events.flatMap((event) => (event.event === 'entry.appended' ? [event.body] : []));

async function listen(...devices: Device[]) {
  for (const device of devices) {
    messaging.attach(device);
    await device.call('sync', {});
  }
}

describe('sending', () => {
  it('answers a repeated send with the first entry, and stores it once', async () => {
    const conversationId = await direct();
    const clientId = newClientId();
    const first = await send(anna, conversationId, 'hello', clientId);
    expect(await send(anna, conversationId, 'hello', clientId)).toEqual(first);
    expect(await texts(boris, conversationId)).toEqual(['hello']);
  });

  it('refuses other content under a used key', async () => {
    const conversationId = await direct();
    const clientId = newClientId();
    await send(anna, conversationId, 'hello', clientId);
    await expect(send(anna, conversationId, 'bye', clientId)).rejects.toMatchObject({ reason: 'client_id_used' });
  });

  it('keeps the order in which a socket sent, although nothing waits for the commit before', async () => {
    const conversationId = await direct();
    const sent = Array.from({ length: 200 }, (_, i) => `${i}`);
    const answers = await Promise.all(sent.map((text) => send(anna, conversationId, text)));
    expect(answers.map(({ seq }) => seq)).toEqual(sent.map((_, i) => i + 1));
    const { entries } = await boris.call('conversation.entries', { conversationId, after: 0, limit: 500 });
    expect(entries.map((entry) => entry.kind === 'message' && entry.body.text)).toEqual(sent);
  });

  it('keeps that order while members change, so that sends are judged again in between', async () => {
    const conversationId = await group(boris);
    const work: Promise<unknown>[] = [];
    for (let i = 0; i < 60; i++) {
      work.push(send(boris, conversationId, `${i}`));
      if (i % 7 === 3) work.push(anna.call('conversation.setTitle', { conversationId, title: `title ${i}` }));
      if (i % 11 === 5) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(work);
    const { entries } = await anna.call('conversation.entries', { conversationId, after: 0, limit: 500 });
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1));
    const own = entries.filter((entry) => entry.kind === 'message').map((entry) => Number(entry.body.text));
    expect(own).toEqual(own.map((_, i) => i));
  });

  it('does not make those who waited for the rules wait for each other', async () => {
    const conversationId = await direct();
    let underWay = 0;
    let most = 0;
    const append: MessageLog['append'] = async (draft) => {
      most = Math.max(most, ++underWay);
      const appended = await platform.messages.append(draft);
      underWay--;
      return appended;
    };
    const cold = makeMessaging({ ...platform, messages: { ...platform.messages, append } });
    const device = makeDevice(cold.handlers, anna.userId);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => send(device, conversationId, `${i}`)));
    expect(answers.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(most).toBeGreaterThan(90);
  });

  it('edits and removals keep their place between the texts of one socket', async () => {
    const conversationId = await direct();
    await send(anna, conversationId, 'zero');
    await Promise.all([
      send(anna, conversationId, 'one'),
      anna.call('message.edit', { conversationId, clientId: newClientId(), seq: 1, text: 'edited' }),
      send(anna, conversationId, 'two'),
      anna.call('message.remove', { conversationId, clientId: newClientId(), seq: 1 }),
      send(anna, conversationId, 'three'),
    ]);
    const { entries } = await anna.call('conversation.entries', { conversationId, after: 0 });
    expect(entries.map((entry) => entry.kind)).toEqual(['message', 'message', 'edit', 'message', 'removal', 'message']);
  });

  it('is refused to those who are no members, and to those who were removed', async () => {
    const conversationId = await group(boris);
    await expect(send(carla, conversationId, 'hi')).rejects.toMatchObject({ reason: 'not_a_member' });
    await send(boris, conversationId, 'hi');
    await anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    await expect(send(boris, conversationId, 'again')).rejects.toMatchObject({ reason: 'not_a_member' });
  });

  it('answers a repeated send of somebody who was removed meanwhile with the first entry', async () => {
    const conversationId = await group(boris);
    const clientId = newClientId();
    const first = await send(boris, conversationId, 'hi', clientId);
    await anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    expect(await send(boris, conversationId, 'hi', clientId)).toEqual(first);
  });

  it('lets nobody write behind their own removal', async () => {
    const conversationId = await group(boris);
    const work = Array.from({ length: 50 }, (_, i) => send(boris, conversationId, `${i}`).catch(() => null));
    const removal = anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    work.push(...Array.from({ length: 50 }, (_, i) => send(boris, conversationId, `later ${i}`).catch(() => null)));
    await Promise.all([...work, removal]);
    const { entries } = await anna.call('conversation.entries', { conversationId, after: 0, limit: 500 });
    const removed = entries.find((entry) => entry.kind === 'removed')?.seq ?? 0;
    expect(removed).toBeGreaterThan(0);
    expect(entries.filter((entry) => entry.senderId === boris.userId && entry.seq > removed)).toEqual([]);
  });

  it('says that a conversation that does not exist does not exist', async () => {
    await expect(send(anna, newClientId() as unknown as ConversationId, 'hi')).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('edits and removals', () => {
  it('show in history as they are now, and in entries as they came', async () => {
    const conversationId = await direct();
    await send(anna, conversationId, 'frist');
    await send(anna, conversationId, 'secret');
    await anna.call('message.edit', { conversationId, clientId: newClientId(), seq: 1, text: 'first' });
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq: 2 });
    const history = await boris.call('conversation.history', { conversationId });
    expect(history.messages).toMatchObject([
      { seq: 1, body: { text: 'first' }, editedAt: expect.any(Number) },
      { seq: 2, body: {}, emptied: true },
    ]);
    expect(history.asOf).toBe(4);
    const { entries } = await boris.call('conversation.entries', { conversationId, after: 0 });
    expect(entries).toMatchObject([
      { kind: 'message', body: { text: 'frist' } },
      { kind: 'message', body: {}, emptied: true },
      { kind: 'edit', target: 1, body: { text: 'first' } },
      { kind: 'removal', target: 2 },
    ]);
  });

  it('are for the author alone, removals also for who runs the group', async () => {
    const conversationId = await group(boris, carla);
    await send(boris, conversationId, 'mine');
    const seq = 2;
    const key = { conversationId, clientId: newClientId(), seq };
    await expect(anna.call('message.edit', { ...key, text: 'no' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(carla.call('message.remove', key)).rejects.toMatchObject({ code: 'forbidden' });
    await anna.call('message.remove', key);
    await expect(boris.call('message.edit', { ...key, clientId: newClientId(), text: 'late' })).rejects.toMatchObject({
      reason: 'message_removed',
    });
  });

  it('cannot be made of what is no message', async () => {
    const conversationId = await group(boris);
    const key = { conversationId, clientId: newClientId(), seq: 1 };
    await expect(anna.call('message.remove', key)).rejects.toMatchObject({ reason: 'no_such_message' });
    await expect(anna.call('message.edit', { ...key, seq: 99, text: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('members', () => {
  it('who join read from their joining on, and those who leave up to their leaving', async () => {
    const conversationId = await group(boris);
    await send(anna, conversationId, 'before');
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await send(anna, conversationId, 'with Carla');
    await anna.call('conversation.removeMember', { conversationId, userId: carla.userId });
    await send(anna, conversationId, 'after');
    expect(await texts(carla, conversationId)).toEqual(['joined', 'with Carla', 'removed']);
    expect(await texts(boris, conversationId)).toEqual([
      'created',
      'before',
      'joined',
      'with Carla',
      'removed',
      'after',
    ]);
    const { hidden, asOf } = await carla.call('conversation.history', { conversationId });
    expect({ hidden, asOf }).toEqual({ hidden: [{ from: 1, to: 2 }], asOf: 5 });
  });

  it('who come back read both stretches and not what lies between', async () => {
    const conversationId = await group(boris);
    await anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    await send(anna, conversationId, 'between');
    await anna.call('conversation.addMembers', { conversationId, userIds: [boris.userId] });
    await send(anna, conversationId, 'again');
    expect(await texts(boris, conversationId)).toEqual(['created', 'removed', 'joined', 'again']);
    const { entries } = await boris.call('conversation.entries', { conversationId, after: 0 });
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 4, 5]);
  });

  it('two admins who remove each other: exactly one is removed', async () => {
    const conversationId = await group(boris, carla);
    await anna.call('conversation.setRole', { conversationId, userId: boris.userId, role: 'admin' });
    await anna.call('conversation.setRole', { conversationId, userId: carla.userId, role: 'owner' });
    const both = await Promise.allSettled([
      carla.call('conversation.removeMember', { conversationId, userId: anna.userId }),
      anna.call('conversation.removeMember', { conversationId, userId: carla.userId }),
    ]);
    expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('the oldest admin, else the oldest member, inherits a group its owner leaves', async () => {
    const conversationId = await group(boris);
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await anna.call('conversation.setRole', { conversationId, userId: carla.userId, role: 'admin' });
    await anna.call('conversation.leave', { conversationId });
    expect((await carla.call('conversation.show', { conversationId })).conversation.mine.role).toBe('owner');
    await carla.call('conversation.leave', { conversationId });
    expect((await boris.call('conversation.show', { conversationId })).conversation.mine.role).toBe('owner');
  });

  it('the same request to make a group answers the same group', async () => {
    const input = { clientId: newClientId(), title: 'Choir', userIds: [boris.userId] };
    const [first, second] = await Promise.all([
      anna.call('conversation.create', input),
      anna.call('conversation.create', input),
    ]);
    expect(second.conversation.conversationId).toBe(first.conversation.conversationId);
    expect(second.conversation.head.seq).toBe(1);
  });

  it('two people who open their conversation at once have one', async () => {
    const [a, b] = await Promise.all([
      anna.call('conversation.openDirect', { userId: boris.userId }),
      boris.call('conversation.openDirect', { userId: anna.userId }),
    ]);
    expect(a.conversation.conversationId).toBe(b.conversation.conversationId);
    expect(a.conversation.peerId).toBe(boris.userId);
    expect(b.conversation.peerId).toBe(anna.userId);
  });

  it('an entry that a change owes is appended after a crash between the two', async () => {
    const conversationId = await group(boris);
    const owed = await platform.conversations.change(
      conversationId,
      1,
      { type: 'add', userIds: [carla.userId] },
      { clientId: newClientId(), senderId: anna.userId },
    );
    expect(owed?.version).toBe(2);
    expect(await texts(carla, conversationId)).toEqual([]);
    await platform.clock.pass(11_000);
    await expect.poll(() => texts(carla, conversationId)).toEqual(['joined']);
  });

  it('sync settles what is owed, and tells the spans that came of it with the head that names its entry', async () => {
    const conversationId = await group(boris);
    await platform.conversations.change(
      conversationId,
      1,
      { type: 'add', userIds: [carla.userId] },
      { clientId: newClientId(), senderId: anna.userId },
    );
    const { conversations } = await carla.call('sync', {});
    expect(conversations).toMatchObject([
      { conversationId, head: { seq: 2 }, mine: { member: true, spans: [{ from: 2, to: null }] } },
    ]);
  });
});

describe('hearing', () => {
  it('brings every entry to every member’s devices in seq order', async () => {
    const conversationId = await group(boris, carla);
    const phone = makeDevice(messaging.handlers, boris.userId);
    await listen(boris, phone, carla);
    await Promise.all(Array.from({ length: 100 }, (_, i) => send(i % 2 ? anna : carla, conversationId, `${i}`)));
    await expect.poll(() => heard(phone).length).toBe(100);
    for (const device of [boris, phone, carla])
      expect(heard(device).map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 2));
  });

  it('drops what was passed on, waits for what is missing, and reads it from the store after 50 ms', async () => {
    const conversationId = await direct();
    await listen(boris);
    const entries: Entry[] = [];
    for (let i = 0; i < 5; i++) {
      const entry = await appendUnheard(conversationId, `${i}`);
      entries.push(entry);
    }
    const hear = (i: number) =>
      platform.bus.publish(`conversation:${conversationId}`, { type: 'entry', entry: entries[i] as Entry });
    hear(0);
    hear(2);
    hear(0);
    hear(4);
    await platform.clock.pass(10);
    expect(heard(boris).map(({ seq }) => seq)).toEqual([1]);
    hear(1);
    await platform.clock.pass(10);
    expect(heard(boris).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await platform.clock.pass(60);
    await expect.poll(() => heard(boris).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('begins with the first sync and misses nothing after it', async () => {
    const conversationId = await direct();
    messaging.attach(boris);
    await send(anna, conversationId, 'unheard');
    expect(heard(boris)).toEqual([]);
    const [{ conversations }] = await Promise.all([boris.call('sync', {}), send(anna, conversationId, 'meanwhile')]);
    await send(anna, conversationId, 'heard');
    await expect.poll(() => heard(boris).at(-1)?.seq).toBe(3);
    const head = conversations[0]?.head.seq ?? 0;
    const first = heard(boris)[0]?.seq ?? 0;
    expect(first).toBeLessThanOrEqual(head + 1);
  });

  it('reaches people from the moment they are added, and ends with their removal', async () => {
    const conversationId = await group(boris);
    await listen(carla);
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await expect.poll(() => carla.events.some((event) => event.event === 'changed')).toBe(true);
    await carla.call('sync', {});
    await send(anna, conversationId, 'welcome');
    await expect.poll(() => heard(carla).map((entry) => entry.seq)).toContain(3);
    await anna.call('conversation.removeMember', { conversationId, userId: carla.userId });
    await send(anna, conversationId, 'she is gone');
    await platform.clock.pass(1_000);
    expect(heard(carla).map((entry) => entry.seq)).not.toContain(5);
  });

  async function appendUnheard(conversationId: ConversationId, text: string): Promise<Entry> {
    const draft: Draft = {
      conversationId,
      senderId: anna.userId,
      clientId: newClientId(),
      kind: 'message',
      body: { text },
      time: platform.clock.now(),
      rulesSeq: 0,
    };
    const appended: Appended = await platform.messages.append(draft);
    if (appended.outcome !== 'appended') throw new Error(appended.outcome);
    return appended.entry;
  }
});

describe('a node that was killed', () => {
  it('publishes at its next start what it had stored and not dispatched, and erases what was removed', async () => {
    const conversationId = await direct();
    await listen(boris);
    await send(anna, conversationId, 'dispatched');
    await platform.clock.pass(1_500);
    const seen = heard(boris).length;
    const key = { conversationId, senderId: anna.userId, time: platform.clock.now(), rulesSeq: 0 };
    await platform.messages.append({ ...key, clientId: newClientId(), kind: 'message', body: { text: 'left behind' } });
    await platform.messages.append({ ...key, clientId: newClientId(), kind: 'removal', body: {}, target: 1 });
    expect(heard(boris).length).toBe(seen);

    const again = makeMessaging(platform);
    await again.start();
    await expect.poll(() => heard(boris).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await platform.messages.entry(conversationId, 1)).toMatchObject({ body: {}, emptied: true });
    expect(await platform.messages.undispatched(platform.node, 10)).toEqual([]);
    await again.stop();
  });
});

describe('receipts', () => {
  it('never go back, and are published once they are written', async () => {
    const conversationId = await direct();
    await listen(anna);
    for (let i = 0; i < 3; i++) await send(anna, conversationId, `${i}`);
    await mark(boris, { conversationId, deliveredSeq: 3, readSeq: 2 });
    await mark(boris, { conversationId, deliveredSeq: 1, readSeq: 1 });
    const moved = anna.events.flatMap((event) => (event.event === 'receipts.moved' ? event.body.marks : []));
    expect(moved.filter((one) => one.userId === boris.userId)).toMatchObject([{ deliveredSeq: 3, readSeq: 2 }]);
    expect((await boris.call('conversation.show', { conversationId })).conversation.mine).toMatchObject({
      readSeq: 2,
      unread: 1,
    });
  });

  it('beyond the head are refused', async () => {
    const conversationId = await direct();
    await expect(boris.call('receipts.mark', { marks: [{ conversationId, readSeq: 1 }] })).rejects.toMatchObject({
      reason: 'mark_beyond_head',
    });
  });

  it('of one conversation somebody was removed from do not hold up the others', async () => {
    const gone = await group(boris);
    const conversationId = await direct();
    await send(anna, conversationId, 'hi');
    await anna.call('conversation.removeMember', { conversationId: gone, userId: boris.userId });
    await mark(boris, { conversationId: gone, readSeq: 1 }, { conversationId, readSeq: 1 });
    expect((await boris.call('conversation.show', { conversationId })).conversation.mine.unread).toBe(0);
  });

  it('of who just left reach their own devices, and nobody else', async () => {
    const conversationId = await group(boris);
    await listen(anna, boris);
    const marked = boris.call('receipts.mark', { marks: [{ conversationId, readSeq: 1 }] });
    await boris.call('conversation.leave', { conversationId });
    await platform.clock.pass(1_000);
    await marked;
    const marks = (device: Device) =>
      device.events.flatMap((event) => (event.event === 'receipts.moved' ? event.body.marks : []));
    expect(marks(boris)).toMatchObject([{ userId: boris.userId, readSeq: 1 }]);
    expect(marks(anna).filter(({ userId }) => userId === boris.userId)).toEqual([]);
  });

  it('count what others wrote, without what was removed and without notices', async () => {
    const conversationId = await group(boris);
    await send(anna, conversationId, 'one');
    await send(anna, conversationId, 'two');
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq: 2 });
    const { mine } = (await boris.call('conversation.show', { conversationId })).conversation;
    expect(mine.unread).toBe(1);
    await send(boris, conversationId, 'three');
    expect((await boris.call('conversation.show', { conversationId })).conversation.mine.unread).toBe(0);
  });

  async function mark(
    device: Device,
    ...marks: { conversationId: ConversationId; deliveredSeq?: number; readSeq?: number }[]
  ) {
    const answered = device.call('receipts.mark', { marks });
    let done = false;
    answered
      .finally(() => {
        done = true;
      })
      .catch(() => undefined);
    while (!done) await platform.clock.pass(60);
    await answered;
    await platform.clock.pass(1);
  }
});

describe('presence and typing', () => {
  it('are told only to devices that have them on screen, gathered per second', async () => {
    const conversationId = await direct();
    await listen(anna, carla);
    const { people } = await anna.call('presence.watch', { userIds: [boris.userId], conversationId });
    expect(people).toMatchObject([{ userId: boris.userId, online: false }]);
    messaging.attach(boris);
    await boris.call('typing.set', { conversationId, typing: true });
    await platform.clock.pass(1_100);
    expect(anna.events).toContainEqual({
      event: 'presence.changed',
      body: { people: [{ userId: boris.userId, online: true, lastSeenAt: null }] },
    });
    expect(anna.events).toContainEqual({ event: 'typing.changed', body: { conversationId, userIds: [boris.userId] } });
    expect(carla.events.filter(({ event }) => event !== 'changed')).toEqual([]);

    messaging.detach(boris);
    await platform.clock.pass(7_000);
    expect(anna.events.findLast(({ event }) => event === 'presence.changed')).toMatchObject({
      body: { people: [{ userId: boris.userId, online: false }] },
    });
  });

  it('do not flicker when a device changes networks', async () => {
    await listen(anna);
    messaging.attach(boris);
    await anna.call('presence.watch', { userIds: [boris.userId] });
    await platform.clock.pass(1_100);
    const before = anna.events.length;
    messaging.detach(boris);
    await platform.clock.pass(2_000);
    messaging.attach(makeDevice(messaging.handlers, boris.userId));
    await platform.clock.pass(10_000);
    expect(anna.events.slice(before).filter(({ event }) => event === 'presence.changed')).toEqual([]);
  });
});
