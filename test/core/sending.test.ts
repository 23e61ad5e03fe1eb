import { describe, expect, it } from 'vitest';
import { makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { MessageLog } from '../../src/ports/message-log.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { makeDevice, newClientId } from '../support/device.ts';
import { anna, boris, carla, direct, group, platform, send, texts } from '../support/small-choir.ts';

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
