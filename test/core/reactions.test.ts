import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { MessageLog } from '../../src/ports/message-log.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { ConversationId, NodeId, UserId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { addPeople } from '../support/people.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';

let talkers: Talkers;
let anna: Device;
let boris: Device;
let carla: Device;
let dora: Device;
beforeEach(async () => {
  talkers = await makeTalkers();
  ({ anna, boris, carla, dora } = talkers);
});
afterEach(() => talkers.close());

const react = (device: Device, conversationId: ConversationId, seq: number, emoji: string, on = true) =>
  device.call('message.react', { conversationId, seq, emoji, on });

async function reactionsTo(conversationId: ConversationId, seq: number) {
  const found = new Map<string, UserId[]>();
  for (let [after, more] = [0, true]; more; after += limits.pageItems) {
    const page = await anna.call('message.reactions', { conversationId, seq, after, limit: limits.pageItems });
    for (const { emoji, userIds } of page.reactions) found.set(emoji, [...(found.get(emoji) ?? []), ...userIds]);
    more = page.more;
  }
  return [...found].map(([emoji, userIds]) => ({ emoji, userIds }));
}

const counted = async (conversationId: ConversationId, seq: number) =>
  (await talkers.look(anna, conversationId, seq))?.reactions;

const reactionEntries = async (conversationId: ConversationId) =>
  (await talkers.entries(conversationId)).flatMap((entry) => (entry.kind === 'reaction' ? [entry] : []));

/** A group with a message, its second entry. */
async function message(...others: Device[]): Promise<ConversationId> {
  const conversationId = await talkers.group(...others);
  await talkers.send(anna, conversationId, 'lunch?');
  return conversationId;
}

async function settled(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  const end = () => {
    done = true;
  };
  work.then(end, end);
  await talkers.platform.clock.pass(0);
  return done;
}

describe('the first reaction on a message', () => {
  it('is appended at once, under the name of who set it', async () => {
    const conversationId = await message(boris);
    await react(boris, conversationId, 2, '👍');
    expect(await reactionEntries(conversationId)).toMatchObject([
      {
        seq: 3,
        target: 2,
        senderId: boris.userId,
        body: { changes: [{ userId: boris.userId, emoji: '👍', on: true }] },
      },
    ]);
    expect(await counted(conversationId, 2)).toEqual([{ emoji: '👍', count: 1, userIds: [boris.userId] }]);
    expect(await reactionsTo(conversationId, 2)).toEqual([{ emoji: '👍', userIds: [boris.userId] }]);
  });

  it('is heard by everybody', async () => {
    const conversationId = await message(boris);
    talkers.messaging.attach(boris);
    await boris.call('sync', {});
    await react(anna, conversationId, 2, '👍');
    await expect.poll(() => boris.events.some((event) => event.event === 'entry.appended')).toBe(true);
  });
});

describe('further ones within a second', () => {
  it('wait, and make one entry without a sender that says who set and took what; all are answered after its commit', async () => {
    const conversationId = await message(boris, carla, dora);
    await react(anna, conversationId, 2, '👍');
    const others = [
      react(boris, conversationId, 2, '👍'),
      react(carla, conversationId, 2, '🎉'),
      react(anna, conversationId, 2, '👍', false),
    ];
    await talkers.platform.clock.pass(900);
    const late = react(dora, conversationId, 2, '👍');
    for (const one of [...others, late]) expect(await settled(one)).toBe(false);
    expect(await reactionEntries(conversationId)).toHaveLength(1);

    await talkers.platform.clock.pass(200);
    await Promise.all([...others, late]);
    const [, gathered, ...more] = await reactionEntries(conversationId);
    expect(more).toEqual([]);
    expect(gathered).toMatchObject({ target: 2, senderId: null });
    expect(gathered?.body.changes).toEqual([
      { userId: boris.userId, emoji: '👍', on: true },
      { userId: carla.userId, emoji: '🎉', on: true },
      { userId: anna.userId, emoji: '👍', on: false },
      { userId: dora.userId, emoji: '👍', on: true },
    ]);
    expect(await reactionsTo(conversationId, 2)).toEqual([
      { emoji: '👍', userIds: [boris.userId, dora.userId] },
      { emoji: '🎉', userIds: [carla.userId] },
    ]);
  });

  it('wait for the second after that again; once a second was quiet the next goes at once', async () => {
    const conversationId = await message(boris, carla);
    await react(anna, conversationId, 2, '👍');
    const second = react(boris, conversationId, 2, '👍');
    await talkers.platform.clock.pass(1_000);
    await second;
    const third = react(carla, conversationId, 2, '👍');
    expect(await settled(third)).toBe(false);
    await talkers.platform.clock.pass(1_000);
    await third;
    await talkers.platform.clock.pass(1_000);
    await react(carla, conversationId, 2, '🎉');
    expect((await reactionEntries(conversationId)).map(({ senderId }) => senderId)).toEqual([
      anna.userId,
      null,
      null,
      carla.userId,
    ]);
  });

  it('on another message do not wait for them', async () => {
    const conversationId = await message(boris);
    await talkers.send(anna, conversationId, 'dinner?');
    await react(anna, conversationId, 2, '👍');
    await react(boris, conversationId, 3, '👍');
  });

  it('are stored when the server stops', async () => {
    const conversationId = await message(boris, carla);
    await react(anna, conversationId, 2, '👍');
    const others = [react(boris, conversationId, 2, '👍'), react(carla, conversationId, 2, '👍')];
    await talkers.messaging.stop();
    await Promise.all(others);
    const entries = await reactionEntries(conversationId);
    expect(entries.map(({ body }) => body.changes.length)).toEqual([1, 2]);
  });

  it('of more people than one entry holds make several, at once', async () => {
    const { platform, messaging } = talkers;
    const people = await addPeople(platform, 600);
    const conversationId = await message(boris);
    for (let at = 0; at < people.length; at += limits.membersPerChange)
      await anna.call('conversation.addMembers', {
        conversationId,
        userIds: people.slice(at, at + limits.membersPerChange),
      });
    const seq = await talkers.send(anna, conversationId, 'who comes?');
    const all = people.map((userId) => react(makeDevice(messaging.handlers, userId), conversationId, seq, '✋'));
    await talkers.answered(Promise.all(all));
    const entries = await reactionEntries(conversationId);
    expect(entries.map(({ body }) => body.changes.length)).toEqual([1, 500, 99]);
    expect(await counted(conversationId, seq)).toMatchObject([{ emoji: '✋', count: 600 }]);
    expect((await reactionsTo(conversationId, seq))[0]?.userIds).toEqual(people);
  });
});

describe('a reaction', () => {
  it('set twice, or taken where there is none, appends nothing and is no error', async () => {
    const conversationId = await message(boris);
    await react(boris, conversationId, 2, '👍', false);
    await react(boris, conversationId, 2, '👍');
    await talkers.answered(react(boris, conversationId, 2, '👍'));
    await talkers.answered(react(boris, conversationId, 2, '🎉', false));
    await talkers.platform.clock.pass(2_000);
    await react(boris, conversationId, 2, '👍');
    expect(await reactionEntries(conversationId)).toHaveLength(1);
  });

  it('can be taken by who set it beyond those who are named', async () => {
    const { platform, messaging } = talkers;
    const people = await addPeople(platform, limits.namedReactors + 10);
    const conversationId = await message(boris);
    await anna.call('conversation.addMembers', { conversationId, userIds: [...people] });
    const seq = await talkers.send(anna, conversationId, 'who comes?');
    const devices = people.map((userId) => makeDevice(messaging.handlers, userId));
    const last = devices.at(-1) as Device;
    await talkers.answered(Promise.all(devices.map((device) => react(device, conversationId, seq, '✋'))));
    await talkers.answered(react(last, conversationId, seq, '✋'));
    expect(await counted(conversationId, seq)).toMatchObject([{ count: 60, userIds: people.slice(0, 50) }]);
    await talkers.answered(react(last, conversationId, seq, '✋', false));
    await talkers.answered(react(last, conversationId, seq, '✋', false));
    expect(await counted(conversationId, seq)).toMatchObject([{ count: 59 }]);
  });

  it('of another emoji than so many on one message is refused, of those that are there is not', async () => {
    const conversationId = await message(boris);
    const emoji = [...'😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔'];
    expect(emoji).toHaveLength(limits.reactionsPerMessage + 1);
    const extra = emoji.pop() as string;
    await talkers.answered(Promise.all(emoji.map((one) => react(anna, conversationId, 2, one))));
    await expect(talkers.answered(react(boris, conversationId, 2, extra))).rejects.toMatchObject({
      code: 'conflict',
      reason: 'too_many_reactions',
    });
    await talkers.answered(react(boris, conversationId, 2, emoji[0] as string));
    await talkers.answered(react(anna, conversationId, 2, emoji[1] as string, false));
    await talkers.answered(react(boris, conversationId, 2, extra));
    expect(await counted(conversationId, 2)).toHaveLength(limits.reactionsPerMessage);
  });

  it('is refused alone, when others wait with it', async () => {
    const conversationId = await message(boris, carla);
    await react(anna, conversationId, 2, '👍');
    const [good, stranger, removed] = [
      react(boris, conversationId, 2, '👍'),
      react(dora, conversationId, 2, '👍'),
      react(carla, conversationId, 2, '👍'),
    ];
    await anna.call('conversation.removeMember', { conversationId, userId: carla.userId });
    for (const one of [stranger, removed]) one.catch(() => {});
    await talkers.platform.clock.pass(1_000);
    await good;
    for (const one of [stranger, removed]) await expect(one).rejects.toMatchObject({ reason: 'not_a_member' });
    expect((await reactionEntries(conversationId))[1]?.body.changes).toEqual([
      { userId: boris.userId, emoji: '👍', on: true },
    ]);
  });

  it('on what was removed is refused, although it waited when that happened', async () => {
    const conversationId = await message(boris);
    await react(anna, conversationId, 2, '👍');
    const waiting = react(boris, conversationId, 2, '👍');
    waiting.catch(() => {});
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq: 2 });
    await talkers.platform.clock.pass(1_000);
    const removed = { code: 'conflict', reason: 'message_removed' };
    await expect(waiting).rejects.toMatchObject(removed);
    await expect(react(boris, conversationId, 2, '🎉')).rejects.toMatchObject(removed);
    expect(await reactionEntries(conversationId)).toHaveLength(1);
    expect(await reactionsTo(conversationId, 2)).toEqual([]);
    expect(await talkers.look(anna, conversationId, 2)).toMatchObject({ body: {}, emptied: true });
  });

  it('on what is no message, is not there, or was said before one came is refused', async () => {
    const conversationId = await message(boris);
    await anna.call('message.edit', { conversationId, clientId: newClientId(), seq: 2, text: 'brunch?' });
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    for (const [device, seq] of [
      [anna, 1],
      [anna, 3],
      [anna, 99],
      [carla, 2],
    ] as const)
      await expect(react(device, conversationId, seq, '👍')).rejects.toMatchObject({ reason: 'no_such_message' });
    const nowhere = newClientId() as unknown as ConversationId;
    await expect(react(anna, nowhere, 1, '👍')).rejects.toMatchObject({ reason: 'no_such_conversation' });
  });

  it('may be set by who only reads', async () => {
    const conversationId = await talkers.channel(boris);
    await talkers.send(anna, conversationId, 'news');
    await react(boris, conversationId, 2, '🎉');
    expect(await counted(conversationId, 2)).toMatchObject([{ count: 1 }]);
  });

  it('is one emoji', async () => {
    const conversationId = await message(boris);
    for (const emoji of ['', 'a', '👍👍', '1', ':+1:', '👍 '])
      await expect(react(boris, conversationId, 2, emoji)).rejects.toThrow();
    for (const emoji of ['👍🏽', '👨‍👩‍👧‍👦', '🇩🇪', '❤️']) await talkers.answered(react(boris, conversationId, 2, emoji));
  });

  it('is not unread', async () => {
    const conversationId = await message(boris);
    await boris.call('conversation.show', { conversationId });
    const before = (await boris.call('conversation.show', { conversationId })).conversation.mine.unread;
    await react(anna, conversationId, 2, '👍');
    expect((await boris.call('conversation.show', { conversationId })).conversation.mine.unread).toBe(before);
  });

  it('whose storing failed is refused, and can be set again', async () => {
    const conversationId = await message(boris);
    let failing = true;
    const append: MessageLog['append'] = (draft) => {
      if (failing) return Promise.reject(new AppError('unavailable', 'store_away'));
      return talkers.platform.messages.append(draft);
    };
    const node = makeMessaging({
      ...talkers.platform,
      messages: { ...talkers.platform.messages, append },
    });
    const device = makeDevice(node.handlers, boris.userId);
    await expect(react(device, conversationId, 2, '👍')).rejects.toMatchObject({ code: 'unavailable' });
    failing = false;
    await react(device, conversationId, 2, '👍');
    expect(await counted(conversationId, 2)).toMatchObject([{ count: 1 }]);
    await node.stop();
  });
});

describe('two nodes', () => {
  const nodeOf = (name: string): Messaging => makeMessaging({ ...talkers.platform, node: name as NodeId });

  it('that store reactions to one message at once lose none and count none twice', async () => {
    const people = await addPeople(talkers.platform, limits.namedReactors + 5);
    const conversationId = await message(boris);
    await anna.call('conversation.addMembers', { conversationId, userIds: [...people] });
    const seq = await talkers.send(anna, conversationId, 'who comes?');
    const nodes = [nodeOf('one'), nodeOf('two')];
    const everywhere = (userId: UserId) =>
      nodes.map((node) => react(makeDevice(node.handlers, userId), conversationId, seq, '✋'));
    await talkers.answered(Promise.all(people.flatMap(everywhere)));
    expect(await counted(conversationId, seq)).toMatchObject([{ emoji: '✋', count: people.length }]);
    expect((await reactionsTo(conversationId, seq))[0]?.userIds).toHaveLength(people.length);
    for (const node of nodes) await node.stop();
  });

  it('that judge by the same state do not both store it: one judges again', async () => {
    const people = await addPeople(talkers.platform, limits.namedReactors + 2);
    const conversationId = await message(boris);
    await anna.call('conversation.addMembers', { conversationId, userIds: [...people] });
    const seq = await talkers.send(anna, conversationId, 'who comes?');
    const [last, extra, ...named] = people as [UserId, UserId, ...UserId[]];
    const first = nodeOf('first');
    const early = named.map((userId) => react(makeDevice(first.handlers, userId), conversationId, seq, '✋'));
    await talkers.answered(Promise.all(early));

    // Nobody stores before both have read.
    const nodes = ['one', 'two'];
    let reading: (() => void)[] = [];
    const targeting: MessageLog['targeting'] = async (ask) => {
      const found = await talkers.platform.messages.targeting(ask);
      const read = new Promise<void>((resolve) => reading.push(resolve));
      if (reading.length >= nodes.length) for (const go of reading) go();
      await read;
      return found;
    };
    const { messages } = talkers.platform;
    const [one, two] = nodes.map((node) =>
      makeMessaging({ ...talkers.platform, node, messages: { ...messages, targeting } }),
    ) as [Messaging, Messaging];
    const hands = [one, two].map((node) => react(makeDevice(node.handlers, last), conversationId, seq, '✋'));
    await talkers.answered(Promise.all(hands));
    expect(await counted(conversationId, seq)).toMatchObject([{ count: named.length + 1 }]);

    // Then gathered, with another one beside it on one of them.
    const gone = [
      react(makeDevice(one.handlers, last), conversationId, seq, '✋', false),
      react(makeDevice(two.handlers, last), conversationId, seq, '✋', false),
      react(makeDevice(two.handlers, extra), conversationId, seq, '✋'),
    ];
    reading = [];
    await talkers.answered(Promise.all(gone));
    expect(await counted(conversationId, seq)).toMatchObject([{ count: named.length + 1 }]);
    expect((await reactionsTo(conversationId, seq))[0]?.userIds).toEqual([...named, extra]);
    for (const node of [first, one, two]) await node.stop();
  });

  it('that set and take the same come to what one of them said last', async () => {
    const conversationId = await message(boris);
    const [one, two] = [nodeOf('one'), nodeOf('two')];
    const phone = makeDevice(one.handlers, boris.userId);
    const laptop = makeDevice(two.handlers, boris.userId);
    await react(phone, conversationId, 2, '👍');
    await react(laptop, conversationId, 2, '👍', false);
    await talkers.answered(react(phone, conversationId, 2, '👍'));
    expect(await counted(conversationId, 2)).toMatchObject([{ count: 1 }]);
    for (const node of [one, two]) await node.stop();
  });
});

describe('who set what', () => {
  it('is cut to what one may read', async () => {
    const conversationId = await message(boris);
    await react(boris, conversationId, 2, '👍');
    await anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    await talkers.answered(react(anna, conversationId, 2, '🎉'));
    const { reactions } = await boris.call('message.reactions', { conversationId, seq: 2 });
    expect(reactions).toEqual([{ emoji: '👍', userIds: [boris.userId] }]);
    const asked = carla.call('message.reactions', { conversationId, seq: 2 });
    await expect(asked).rejects.toMatchObject({ reason: 'not_a_member' });
    await expect(anna.call('message.reactions', { conversationId, seq: 1 })).rejects.toMatchObject({
      reason: 'no_such_message',
    });
  });

  it('comes in pages that begin and end within an emoji', async () => {
    const conversationId = await message(boris, carla, dora);
    for (const device of [boris, carla, dora]) await talkers.answered(react(device, conversationId, 2, '👍'));
    for (const device of [anna, boris]) await talkers.answered(react(device, conversationId, 2, '🎉'));
    const page = (after: number) => anna.call('message.reactions', { conversationId, seq: 2, after, limit: 2 });
    expect(await page(0)).toEqual({
      reactions: [{ emoji: '👍', userIds: [boris.userId, carla.userId] }],
      more: true,
    });
    expect(await page(2)).toEqual({
      reactions: [
        { emoji: '👍', userIds: [dora.userId] },
        { emoji: '🎉', userIds: [anna.userId] },
      ],
      more: true,
    });
    expect(await page(4)).toEqual({ reactions: [{ emoji: '🎉', userIds: [boris.userId] }], more: false });
    expect(await page(5)).toEqual({ reactions: [], more: false });
  });
});
