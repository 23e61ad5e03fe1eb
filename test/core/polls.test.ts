import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Device, newClientId } from '../support/device.ts';
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

const options = ['pizza', 'soup', 'salad'];

const create = async (device: Device, conversationId: ConversationId, several = false) =>
  (
    await device.call('poll.create', {
      conversationId,
      clientId: newClientId(),
      question: 'Lunch?',
      options,
      several,
    })
  ).seq;

const vote = (device: Device, conversationId: ConversationId, seq: number, ...chosen: number[]) =>
  talkers.answered(device.call('poll.vote', { conversationId, seq, options: chosen }));

const ballots = async (conversationId: ConversationId, seq: number) =>
  (await talkers.look(anna, conversationId, seq))?.ballots;

const count = async (conversationId: ConversationId, kind: string) =>
  (await talkers.entries(conversationId)).filter((entry) => entry.kind === kind).length;

describe('a poll', () => {
  it('is asked once, and unread to the others', async () => {
    const conversationId = await talkers.direct();
    const input = { conversationId, clientId: newClientId(), question: 'Lunch?', options };
    const first = await anna.call('poll.create', input);
    expect(await anna.call('poll.create', input)).toEqual(first);
    for (const other of [{ question: 'Dinner?' }, { options: ['a', 'b'] }, { several: true }])
      await expect(anna.call('poll.create', { ...input, ...other })).rejects.toMatchObject({
        reason: 'client_id_used',
      });
    expect(await talkers.look(boris, conversationId, 1)).toMatchObject({
      kind: 'poll',
      senderId: anna.userId,
      body: { question: 'Lunch?', options, several: false },
    });
    expect((await boris.call('conversation.show', { conversationId })).conversation.mine.unread).toBe(1);
  });

  it('has a question and between two and so many options', async () => {
    const conversationId = await talkers.direct();
    const input = { conversationId, clientId: newClientId(), question: 'Lunch?', options };
    for (const wrong of [
      { question: ' ' },
      { question: 'half \ud800' },
      { question: 'x'.repeat(limits.pollQuestionLength + 1) },
      { options: ['one'] },
      { options: Array.from({ length: limits.pollOptions.max + 1 }, (_, i) => `${i}`) },
      { options: ['one', ' '] },
      { options: ['one', 'x'.repeat(limits.pollOptionLength + 1)] },
    ])
      await expect(anna.call('poll.create', { ...input, ...wrong })).rejects.toThrow();
    const most = Array.from({ length: limits.pollOptions.max }, (_, i) => `${i}`);
    await anna.call('poll.create', { ...input, options: most });
  });

  it('is not for those who only read, nor for strangers', async () => {
    const conversationId = await talkers.channel(boris);
    await expect(create(boris, conversationId)).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'only_admins_write',
    });
    await expect(create(carla, conversationId)).rejects.toMatchObject({ reason: 'not_a_member' });
  });

  it('can be removed like a message, and not be edited', async () => {
    const conversationId = await talkers.group(boris, carla);
    const seq = await create(boris, conversationId);
    await vote(carla, conversationId, seq, 1);
    const key = { conversationId, clientId: newClientId(), seq };
    await expect(boris.call('message.edit', { ...key, text: 'Dinner?' })).rejects.toMatchObject({
      reason: 'no_such_message',
    });
    await expect(carla.call('message.remove', key)).rejects.toMatchObject({ reason: 'not_your_message' });
    await boris.call('message.remove', key);
    const removed = { code: 'conflict', reason: 'message_removed' };
    const left = await talkers.look(anna, conversationId, seq);
    expect(left).toMatchObject({ kind: 'poll', body: {}, emptied: true });
    expect(left).not.toHaveProperty('ballots');
    await expect(vote(carla, conversationId, seq, 0)).rejects.toMatchObject(removed);
    await expect(boris.call('poll.close', { conversationId, seq })).rejects.toMatchObject(removed);
  });
});

describe('a vote', () => {
  it('is the whole choice each time, and nothing takes it back', async () => {
    const conversationId = await talkers.group(boris, carla);
    const seq = await create(anna, conversationId, true);
    await vote(boris, conversationId, seq, 2, 0);
    await vote(carla, conversationId, seq, 1);
    expect(await ballots(conversationId, seq)).toEqual([
      { userId: boris.userId, options: [0, 2] },
      { userId: carla.userId, options: [1] },
    ]);
    await vote(boris, conversationId, seq, 1);
    await vote(carla, conversationId, seq);
    expect(await ballots(conversationId, seq)).toEqual([{ userId: boris.userId, options: [1] }]);
  });

  it('twice appends nothing, whatever the order of the options', async () => {
    const conversationId = await talkers.group(boris);
    const seq = await create(anna, conversationId, true);
    await vote(boris, conversationId, seq);
    await vote(boris, conversationId, seq, 0, 2);
    await vote(boris, conversationId, seq, 2, 0);
    expect(await count(conversationId, 'vote')).toBe(1);
  });

  it('goes at once, further ones within a second in one entry without a sender', async () => {
    const conversationId = await talkers.group(boris, carla, dora);
    const seq = await create(anna, conversationId);
    await boris.call('poll.vote', { conversationId, seq, options: [0] });
    const others = [carla, dora, carla].map((device, i) =>
      device.call('poll.vote', { conversationId, seq, options: [i] }),
    );
    await talkers.platform.clock.pass(999);
    expect(await count(conversationId, 'vote')).toBe(1);
    await talkers.platform.clock.pass(1);
    await Promise.all(others);
    const votes = (await talkers.entries(conversationId)).flatMap((entry) => (entry.kind === 'vote' ? [entry] : []));
    expect(votes.map(({ senderId, body }) => ({ senderId, votes: body.votes }))).toEqual([
      { senderId: boris.userId, votes: [{ userId: boris.userId, options: [0] }] },
      {
        senderId: null,
        votes: [
          { userId: carla.userId, options: [0] },
          { userId: dora.userId, options: [1] },
          { userId: carla.userId, options: [2] },
        ],
      },
    ]);
    expect(await ballots(conversationId, seq)).toEqual([
      { userId: boris.userId, options: [0] },
      { userId: dora.userId, options: [1] },
      { userId: carla.userId, options: [2] },
    ]);
  });

  it('does not wait for reactions to the poll, nor they for it', async () => {
    const conversationId = await talkers.group(boris);
    const seq = await create(anna, conversationId);
    await boris.call('poll.vote', { conversationId, seq, options: [0] });
    await boris.call('message.react', { conversationId, seq, emoji: '👍', on: true });
    expect(await talkers.look(anna, conversationId, seq)).toMatchObject({
      ballots: [{ options: [0] }],
      reactions: [{ emoji: '👍' }],
    });
  });

  it('for an option that is not there, twice for one, or for several where one is asked is invalid', async () => {
    const conversationId = await talkers.group(boris);
    const one = await create(anna, conversationId);
    const several = await create(anna, conversationId, true);
    for (const [seq, chosen, reason] of [
      [one, [3], 'no_such_option'],
      [several, [0, 0], 'option_repeated'],
      [one, [0, 1], 'single_choice'],
    ] as const)
      await expect(vote(boris, conversationId, seq, ...chosen)).rejects.toMatchObject({ code: 'invalid', reason });
    expect(await count(conversationId, 'vote')).toBe(0);
  });

  it('on what is no poll, is not there, or was asked before one came is refused', async () => {
    const conversationId = await talkers.group(boris);
    const message = await talkers.send(anna, conversationId, 'hi');
    const seq = await create(anna, conversationId);
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await expect(vote(boris, conversationId, message, 0)).rejects.toMatchObject({ reason: 'no_such_poll' });
    for (const nothing of [1, 99])
      await expect(vote(boris, conversationId, nothing, 0)).rejects.toMatchObject({ reason: 'no_such_message' });
    await expect(vote(carla, conversationId, seq, 0)).rejects.toMatchObject({ reason: 'no_such_message' });
    await expect(vote(dora, conversationId, seq, 0)).rejects.toMatchObject({ reason: 'not_a_member' });
  });

  it('may be cast by who only reads', async () => {
    const conversationId = await talkers.channel(boris);
    const seq = await create(anna, conversationId);
    await vote(boris, conversationId, seq, 1);
    expect(await ballots(conversationId, seq)).toMatchObject([{ userId: boris.userId }]);
  });

  it('of two people at once counts both', async () => {
    const conversationId = await talkers.group(boris, carla);
    const seq = await create(anna, conversationId);
    await Promise.all([vote(boris, conversationId, seq, 0), vote(carla, conversationId, seq, 0)]);
    expect(await ballots(conversationId, seq)).toHaveLength(2);
  });
});

describe('a poll that was closed', () => {
  it('takes no vote, although it waited when that happened', async () => {
    const conversationId = await talkers.group(boris, carla);
    const seq = await create(anna, conversationId);
    await vote(boris, conversationId, seq, 0);
    const waiting = carla.call('poll.vote', { conversationId, seq, options: [1] });
    waiting.catch(() => {});
    await anna.call('poll.close', { conversationId, seq });
    const closed = { code: 'conflict', reason: 'poll_closed' };
    await expect(talkers.answered(waiting)).rejects.toMatchObject(closed);
    await expect(vote(boris, conversationId, seq, 1)).rejects.toMatchObject(closed);
    await expect(vote(boris, conversationId, seq)).rejects.toMatchObject(closed);
    expect(await talkers.look(boris, conversationId, seq)).toMatchObject({
      closed: true,
      ballots: [{ userId: boris.userId, options: [0] }],
    });
  });

  it('counts no vote that another node stored behind the closing', async () => {
    const conversationId = await talkers.group(boris);
    const seq = await create(anna, conversationId);
    await anna.call('poll.close', { conversationId, seq });
    await talkers.platform.messages.append({
      conversationId,
      senderId: boris.userId,
      clientId: newClientId(),
      kind: 'vote',
      body: { votes: [{ userId: boris.userId, options: [0] }] },
      target: seq,
      time: 0,
      rulesSeq: null,
    });
    expect(await talkers.look(boris, conversationId, seq)).not.toHaveProperty('ballots');
  });

  it('is closed once', async () => {
    const conversationId = await talkers.group(boris);
    const seq = await create(anna, conversationId);
    const close = () => anna.call('poll.close', { conversationId, seq });
    await Promise.all([close(), close()]);
    await close();
    expect(await count(conversationId, 'poll_closed')).toBe(1);
  });

  it('was closed by who asked, or who runs the group', async () => {
    const conversationId = await talkers.group(boris, carla);
    const seq = await create(boris, conversationId);
    const close = (device: Device, of = seq) => device.call('poll.close', { conversationId, seq: of });
    await expect(close(carla)).rejects.toMatchObject({ code: 'forbidden', reason: 'not_your_poll' });
    await expect(close(dora)).rejects.toMatchObject({ reason: 'not_a_member' });
    await expect(close(anna, 1)).rejects.toMatchObject({ reason: 'no_such_poll' });
    await close(boris);
    await close(anna, await create(carla, conversationId));
    const two = await talkers.direct();
    const theirs = await create(boris, two);
    await expect(anna.call('poll.close', { conversationId: two, seq: theirs })).rejects.toMatchObject({
      reason: 'not_your_poll',
    });
  });
});
