import { describe, expect, it } from 'vitest';
import { newClientId } from '../support/device.ts';
import { anna, boris, carla, group, platform, send, texts } from '../support/small-choir.ts';

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
