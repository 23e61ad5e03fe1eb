import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
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

const remove = (by: Device, conversationId: ConversationId, device: Device) =>
  by.call('conversation.removeMember', { conversationId, userId: device.userId });
const kindsOf = async (conversationId: ConversationId) =>
  (await talkers.entries(conversationId)).map(({ kind }) => kind);
const settled = (work: readonly Promise<unknown>[]) =>
  Promise.allSettled(work).then((all) => all.map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.reason)));

/** As many who are in it as that, Anna and Boris among them. */
async function groupOf(count: number): Promise<ConversationId> {
  const conversationId = await talkers.group(boris);
  const people = await addPeople(talkers.platform, count - 2);
  for (let at = 0; at < people.length; at += limits.membersPerChange)
    await anna.call('conversation.addMembers', {
      conversationId,
      userIds: people.slice(at, at + limits.membersPerChange),
    });
  return conversationId;
}

describe('a member removed while sending', () => {
  it('has nothing behind their removal, and hears of each send whether it came before', async () => {
    for (let round = 0; round < 10; round++) {
      const conversationId = await talkers.group(boris);
      const sends = Array.from({ length: 6 }, (_, i) =>
        boris.call('message.send', { conversationId, clientId: newClientId(), text: `${i}` }),
      );
      const [removal, ...sent] = await settled([remove(anna, conversationId, boris), ...sends]);
      expect(removal).toBe('done');
      const kinds = await kindsOf(conversationId);
      expect(kinds.at(-1)).toBe('removed');
      expect(sent.filter((one) => one === 'done')).toHaveLength(kinds.length - 2);
      expect(new Set(sent.filter((one) => one !== 'done'))).toEqual(
        new Set(sent.includes('not_a_member') ? ['not_a_member'] : []),
      );
    }
  });
});

describe('two admins who remove each other at once', () => {
  it('cannot: an admin removes members only, and the owner removes either', async () => {
    const conversationId = await talkers.group(boris, carla);
    for (const { userId } of [boris, carla])
      await anna.call('conversation.setRole', { conversationId, userId, role: 'admin' });
    const outcomes = await settled([remove(boris, conversationId, carla), remove(carla, conversationId, boris)]);
    expect(outcomes).toEqual(['not_an_admin', 'not_an_admin']);
  });

  it('one of whom becomes owner: exactly one is out', async () => {
    const conversationId = await talkers.group(boris);
    await anna.call('conversation.setRole', { conversationId, userId: boris.userId, role: 'admin' });
    const outcomes = await settled([
      anna.call('conversation.setRole', { conversationId, userId: boris.userId, role: 'owner' }),
      remove(anna, conversationId, boris),
      remove(boris, conversationId, anna),
    ]);
    const { members } = await talkers.answered(
      anna
        .call('conversation.members', { conversationId })
        .catch(() => boris.call('conversation.members', { conversationId })),
    );
    const isOut = (outcome: unknown) => outcome === 'done';
    expect(members).toHaveLength(2 - outcomes.slice(1).filter(isOut).length);
    expect(members.filter(({ role }) => role === 'owner')).toHaveLength(1);
  });
});

describe('what was removed', () => {
  it('is not edited, and an edit that was first is removed with it', async () => {
    const conversationId = await talkers.direct();
    for (let round = 0; round < 10; round++) {
      const seq = await talkers.send(anna, conversationId, 'oops');
      const key = () => ({ conversationId, clientId: newClientId(), seq });
      const [edited, removed] = await settled([
        anna.call('message.edit', { ...key(), text: 'better' }),
        anna.call('message.remove', key()),
      ]);
      expect(removed).toBe('done');
      expect(['done', 'message_removed']).toContain(edited);
      expect(await talkers.look(boris, conversationId, seq)).toMatchObject({ emptied: true, body: {} });
      await expect(anna.call('message.edit', { ...key(), text: 'late' })).rejects.toMatchObject({
        code: 'conflict',
        reason: 'message_removed',
      });
    }
  });
});

describe('a clock that is wrong', () => {
  it('of a client decides nothing: entries bear the server’s time, and never go back', async () => {
    const conversationId = await talkers.direct();
    // A UUIDv7 begins with the time by the device's clock: here the years 1970 and 9999.
    const keys = ['00000000-0001-7000-8000-000000000001', 'e677d21f-ffff-7000-8000-000000000002'];
    for (const clientId of keys)
      await anna.call('message.send', { conversationId, clientId: clientId as never, text: clientId });
    const entries = await talkers.entries(conversationId);
    expect(entries.map(({ time }) => time)).toEqual(entries.map(() => talkers.platform.clock.now()));
    expect(entries.map(({ clientId }) => clientId)).toEqual(keys);
  });
});

describe('a group that is full', () => {
  it('of 5,000 takes nobody more', async () => {
    const conversationId = await groupOf(limits.members);
    const adding = anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await expect(adding).rejects.toMatchObject({ code: 'conflict', reason: 'group_full' });
    expect((await anna.call('conversation.show', { conversationId })).conversation.memberCount).toBe(limits.members);
  });
});

describe('a large group', () => {
  const heard = (device: Device, name: string) => device.events.filter(({ event }) => event === name).length;
  const listen = async (device: Device, conversationId: ConversationId) => {
    talkers.messaging.attach(device);
    await device.call('sync', {});
    await device.call('presence.watch', { userIds: [], conversationId });
  };

  it.each([
    [limits.publishedMarks, 1],
    [limits.publishedMarks + 1, 0],
  ])('of %i members publishes a mark %i times (publishedMarks)', async (count, times) => {
    const conversationId = await groupOf(count);
    const seq = await talkers.send(anna, conversationId, 'hello');
    const listener = makeDevice(talkers.messaging.handlers, anna.userId);
    await listen(listener, conversationId);
    await talkers.answered(boris.call('receipts.mark', { marks: [{ conversationId, deliveredSeq: seq }] }));
    await talkers.platform.clock.pass(3_000);
    const ofBoris = listener.events.filter(
      (event) => event.event === 'receipts.moved' && event.body.marks.some(({ userId }) => userId === boris.userId),
    );
    expect(ofBoris).toHaveLength(times);
  });

  it.each([
    [limits.typingMembers, 1],
    [limits.typingMembers + 1, 0],
  ])('of %i members hears who types %i times (typingMembers)', async (count, times) => {
    const conversationId = await groupOf(count);
    const listener = makeDevice(talkers.messaging.handlers, anna.userId);
    await listen(listener, conversationId);
    await boris.call('typing.set', { conversationId, typing: true });
    await talkers.platform.clock.pass(2_000);
    expect(Math.min(1, heard(listener, 'typing.changed'))).toBe(times);
  });
});
