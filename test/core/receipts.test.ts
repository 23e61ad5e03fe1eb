import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { type Device, newClientId } from '../support/device.ts';
import { anna, boris, direct, group, listen, platform, send } from '../support/small-choir.ts';

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
