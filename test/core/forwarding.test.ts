import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
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

const forward = (
  device: Device,
  from: { conversationId: ConversationId; seq: number },
  conversationId: ConversationId,
  clientId = newClientId(),
) => device.call('message.forward', { conversationId, clientId, from });

const edit = (device: Device, conversationId: ConversationId, seq: number, text: string) =>
  device.call('message.edit', { conversationId, clientId: newClientId(), seq, text });
const remove = (device: Device, conversationId: ConversationId, seq: number) =>
  device.call('message.remove', { conversationId, clientId: newClientId(), seq });

const nameOf = async ({ userId }: Device) => (await talkers.platform.users.profiles([userId]))[0]?.displayName;

describe('a forwarded message', () => {
  it('has the text as it is now, under the name of who wrote it, and nothing else', async () => {
    const from = await talkers.direct();
    await talkers.send(anna, from, 'before');
    const text = `news for ${await talkers.at(carla)}`;
    const { seq } = await boris.call('message.send', {
      conversationId: from,
      clientId: newClientId(),
      text: 'x',
      replyTo: 1,
    });
    await edit(boris, from, seq, text);
    const to = await talkers.group(carla);
    const sent = await forward(anna, { conversationId: from, seq }, to);
    expect(await talkers.look(carla, to, sent.seq)).toMatchObject({
      kind: 'message',
      senderId: anna.userId,
      body: { text, forwarded: { userId: boris.userId, displayName: await nameOf(boris) } },
    });
    expect((await talkers.entries(to))[sent.seq - 1]?.body).not.toHaveProperty('mentions');
    expect((await talkers.entries(to))[sent.seq - 1]?.body).not.toHaveProperty('replyTo');
  });

  it('keeps its first author when it goes on', async () => {
    const one = await talkers.direct();
    await talkers.send(boris, one, 'news');
    const two = await talkers.group(carla);
    const { seq } = await forward(anna, { conversationId: one, seq: 1 }, two);
    const three = (await carla.call('conversation.openDirect', { userId: carla.userId })).conversation.conversationId;
    const last = await forward(carla, { conversationId: two, seq }, three);
    expect(await talkers.look(carla, three, last.seq)).toMatchObject({
      senderId: carla.userId,
      body: { text: 'news', forwarded: { userId: boris.userId } },
    });
  });

  it('is nobody’s to edit, and its sender’s to remove', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(boris, conversationId, 'never');
    const { seq } = await forward(anna, { conversationId, seq: 1 }, conversationId);
    for (const device of [anna, boris])
      await expect(edit(device, conversationId, seq, 'always')).rejects.toMatchObject({
        reason: device === anna ? 'message_forwarded' : 'not_your_message',
      });
    await remove(anna, conversationId, seq);
  });

  it('is read by what the forwarder may read', async () => {
    const from = await talkers.group(boris);
    await talkers.send(anna, from, 'before Carla');
    await anna.call('conversation.addMembers', { conversationId: from, userIds: [carla.userId] });
    await talkers.send(anna, from, 'with Carla');
    await anna.call('conversation.removeMember', { conversationId: from, userId: carla.userId });
    await talkers.send(anna, from, 'after Carla');
    const to = (await carla.call('conversation.openDirect', { userId: carla.userId })).conversation.conversationId;
    for (const seq of [2, 6, 99])
      await expect(forward(carla, { conversationId: from, seq }, to)).rejects.toMatchObject({
        code: 'not_found',
        reason: 'no_such_message',
      });
    await forward(carla, { conversationId: from, seq: 4 }, to);
    const strange = await talkers.direct();
    await talkers.send(anna, strange, 'secret');
    await expect(forward(carla, { conversationId: strange, seq: 1 }, to)).rejects.toMatchObject({
      reason: 'not_a_member',
    });
  });

  it('may not be written where the forwarder may not write', async () => {
    const from = await talkers.direct();
    await talkers.send(anna, from, 'hi');
    const channel = await talkers.channel(boris);
    const source = { conversationId: from, seq: 1 };
    await expect(forward(boris, source, channel)).rejects.toMatchObject({ reason: 'only_admins_write' });
    await anna.call('conversation.removeMember', { conversationId: channel, userId: boris.userId });
    await expect(forward(boris, source, channel)).rejects.toMatchObject({ reason: 'not_a_member' });
  });

  it('is never a poll, a notice, an edit, or what was removed', async () => {
    const conversationId = await talkers.group(boris);
    await anna.call('poll.create', { conversationId, clientId: newClientId(), question: '?', options: ['a', 'b'] });
    await talkers.send(anna, conversationId, 'oops');
    await edit(anna, conversationId, 3, 'oh');
    await remove(anna, conversationId, 3);
    for (const [seq, code, reason] of [
      [1, 'conflict', 'not_forwardable'],
      [2, 'conflict', 'not_forwardable'],
      [3, 'conflict', 'message_removed'],
      [4, 'not_found', 'no_such_message'],
    ] as const)
      await expect(forward(boris, { conversationId, seq }, conversationId)).rejects.toMatchObject({ code, reason });
  });

  it('is answered again by its key when the source was edited or removed meanwhile', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'one');
    await talkers.send(anna, conversationId, 'two');
    const source = { conversationId, seq: 1 };
    const to = await talkers.group(carla);
    const clientId = newClientId();
    const first = await forward(boris, source, conversationId, clientId);
    await edit(anna, conversationId, 1, 'uno');
    expect(await forward(boris, source, conversationId, clientId)).toEqual(first);
    await expect(forward(boris, { conversationId, seq: 2 }, conversationId, clientId)).rejects.toMatchObject({
      reason: 'client_id_used',
    });
    const plain = boris.call('message.send', { conversationId, clientId, text: 'one' });
    await expect(plain).rejects.toMatchObject({ reason: 'client_id_used' });
    await remove(anna, conversationId, 1);
    expect(await forward(boris, source, conversationId, clientId)).toEqual(first);
    const notes = await forward(anna, { conversationId, seq: 2 }, to);
    expect(notes.seq).toBe(2);
  });
});
