import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Device, newClientId } from '../support/device.ts';
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

const edit = (conversationId: ConversationId, seq: number, text: string) =>
  anna.call('message.edit', { conversationId, clientId: newClientId(), seq, text });
const remove = (conversationId: ConversationId, seq: number) =>
  anna.call('message.remove', { conversationId, clientId: newClientId(), seq });
const wordings = async (device: Device, conversationId: ConversationId, seq: number) =>
  (await device.call('message.edits', { conversationId, seq })).wordings;

describe('looking at messages', () => {
  it('answers those that one may read, as they are now, in order, each once', async () => {
    const conversationId = await talkers.group(boris);
    for (const text of ['a', 'b', 'c']) await talkers.send(anna, conversationId, text);
    await edit(conversationId, 2, 'A');
    await remove(conversationId, 3);
    await anna.call('message.react', { conversationId, seq: 4, emoji: '👍', on: true });
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    const { messages } = await boris.call('message.look', { conversationId, seqs: [4, 2, 3, 1, 4, 5, 99] });
    expect(messages).toMatchObject([
      { seq: 1, kind: 'created' },
      { seq: 2, body: { text: 'A' }, editedAt: expect.any(Number) },
      { seq: 3, body: {}, emptied: true },
      { seq: 4, body: { text: 'c' }, reactions: [{ emoji: '👍', count: 1 }] },
    ]);
    expect((await carla.call('message.look', { conversationId, seqs: [1, 2, 3, 4] })).messages).toEqual([]);
    const stranger = talkers.dora.call('message.look', { conversationId, seqs: [1] });
    await expect(stranger).rejects.toMatchObject({ reason: 'not_a_member' });
  });

  it('takes pages of at most 128 KiB, however large the messages are', async () => {
    const conversationId = await talkers.direct();
    const large = '\u0001'.repeat(limits.textBytes);
    const seqs: number[] = [];
    for (let i = 0; i < 5; i++) seqs.push(await talkers.send(anna, conversationId, `${i}${large.slice(1)}`));
    const seen: number[] = [];
    for (let more = true; more; ) {
      const left = seqs.filter((seq) => seq > (seen.at(-1) ?? 0));
      const page = await boris.call('message.look', { conversationId, seqs: left });
      expect(JSON.stringify(page).length).toBeLessThan(limits.pageBytes);
      seen.push(...page.messages.map(({ seq }) => seq));
      more = page.more;
    }
    expect(seen).toEqual(seqs);
  });
});

describe('what a message said before', () => {
  it('begins with its first wording and ends with the present one', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'frist');
    for (const text of ['fisrt', 'first']) {
      talkers.platform.clock.advance(60_000);
      await edit(conversationId, 1, text);
    }
    const said = await wordings(boris, conversationId, 1);
    expect(said.map(({ text }) => text)).toEqual(['frist', 'fisrt', 'first']);
    expect(said.map(({ time }) => time - (said[0]?.time ?? 0))).toEqual([0, 60_000, 120_000]);
  });

  it('is nothing once it was removed', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'oops');
    await edit(conversationId, 1, 'ouch');
    await remove(conversationId, 1);
    expect(await wordings(boris, conversationId, 1)).toEqual([]);
  });

  it('is cut to what one may read', async () => {
    const conversationId = await talkers.group(boris);
    await talkers.send(anna, conversationId, 'one');
    await edit(conversationId, 2, 'two');
    await anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    await edit(conversationId, 2, 'three');
    expect((await wordings(boris, conversationId, 2)).map(({ text }) => text)).toEqual(['one', 'two']);
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await expect(wordings(carla, conversationId, 2)).rejects.toMatchObject({ reason: 'no_such_message' });
    await expect(wordings(anna, conversationId, 1)).rejects.toMatchObject({ reason: 'no_such_message' });
    await expect(wordings(anna, conversationId, 99)).rejects.toMatchObject({ reason: 'no_such_message' });
  });

  it('fits a page: of very many the first and the last ones', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'first');
    for (let i = 1; i <= 12; i++) await edit(conversationId, 1, `${i} ${'x'.repeat(16_000)}`);
    const said = (await wordings(boris, conversationId, 1)).map(({ text }) => text.split(' ')[0]);
    expect(said[0]).toBe('first');
    expect(said.at(-1)).toBe('12');
    expect(JSON.stringify(await wordings(boris, conversationId, 1)).length).toBeLessThan(limits.pageBytes);
  });
});

describe('an edit', () => {
  it('is refused where the author only reads by now; removing is not', async () => {
    const conversationId = await talkers.group(boris);
    const seq = await talkers.send(boris, conversationId, 'mine');
    await anna.call('conversation.setSettings', { conversationId, settings: { posting: 'admins' } });
    const key = { conversationId, clientId: newClientId(), seq };
    await expect(boris.call('message.edit', { ...key, text: 'still' })).rejects.toMatchObject({
      reason: 'only_admins_write',
    });
    await expect(talkers.send(boris, conversationId, 'more')).rejects.toMatchObject({ reason: 'only_admins_write' });
    await boris.call('message.remove', key);
  });

  it('of what was removed and is not erased yet is refused', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'oops');
    await talkers.platform.messages.append({
      conversationId,
      senderId: anna.userId,
      clientId: newClientId(),
      kind: 'removal',
      body: {},
      target: 1,
      time: 0,
      rulesSeq: 0,
    });
    await expect(edit(conversationId, 1, 'ouch')).rejects.toMatchObject({ reason: 'message_removed' });
  });
});
