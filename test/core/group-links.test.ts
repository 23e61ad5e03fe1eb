import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { InputToSend } from '../../src/protocol/operations.ts';
import { type Device, makeDevice } from '../support/device.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';

let talkers: Talkers;
let anna: Device;
let boris: Device;
let carla: Device;
let dora: Device;
let conversationId: ConversationId;
beforeEach(async () => {
  talkers = await makeTalkers();
  ({ anna, boris, carla, dora } = talkers);
  conversationId = await talkers.group(boris);
});
afterEach(() => talkers.close());

const hour = 3_600_000;
const make = (more: Partial<InputToSend<'link.create'>> = {}, by = anna) =>
  by.call('link.create', { conversationId, ...more });
const join = (who: Device, secret: string) => who.call('link.join', { secret });
const look = (who: Device, secret: string) => who.call('link.look', { secret });
const names = async () => {
  const { members } = await anna.call('conversation.members', { conversationId });
  return members.map(({ profile }) => profile.userId);
};
const refused = (reason: string) => ({ code: 'forbidden', reason });

describe('a link into a group', () => {
  it('shows where it leads, and lets in who follows it, as themselves', async () => {
    const { secret, link, groupLink } = await make();
    expect(link).toBe(`https://chat.example.org/j#${secret}`);
    expect(groupLink).toMatchObject({ conversationId, createdBy: anna.userId, uses: 0, maxUses: null });
    expect(await look(carla, secret)).toEqual({
      conversationId,
      title: 'Choir',
      description: '',
      avatar: null,
      memberCount: 2,
      member: false,
    });
    expect(await join(carla, secret)).toEqual({ conversationId });
    expect(await names()).toContain(carla.userId);
    expect((await talkers.entries(conversationId)).at(-1)).toMatchObject({
      kind: 'joined',
      senderId: carla.userId,
      body: { userIds: [carla.userId] },
    });
    await talkers.send(carla, conversationId, 'hello');
    expect(await look(carla, secret)).toMatchObject({ member: true, memberCount: 3 });
  });

  it('followed twice joins once and counts once', async () => {
    const { secret } = await make({ maxUses: 2 });
    await Promise.all([join(carla, secret), join(carla, secret)]);
    await join(carla, secret);
    await join(boris, secret);
    const joined = (await talkers.entries(conversationId)).filter(({ kind }) => kind === 'joined');
    expect(joined).toHaveLength(1);
    expect((await anna.call('link.list', { conversationId })).links).toMatchObject([{ uses: 1 }]);
  });

  it('lets one of two in who follow it for its last use at once, on two nodes', async () => {
    const other = makeMessaging(talkers.platform);
    await other.start();
    const { secret } = await make({ maxUses: 1 });
    const elsewhere = makeDevice(other.handlers, dora.userId);
    const outcomes = await Promise.allSettled([join(carla, secret), join(elsewhere, secret)]);
    await other.stop();
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining(refused('group_link_used_up')),
    });
    expect(await names()).toHaveLength(3);
    expect((await anna.call('link.list', { conversationId })).links).toEqual([]);
  });

  it('says why it lets nobody in any more', async () => {
    const [brief, revoked, used] = [await make({ expiresInHours: 1 }), await make(), await make({ maxUses: 1 })];
    await join(carla, used.secret);
    await talkers.platform.clock.pass(hour);
    await anna.call('link.revoke', { groupLinkId: revoked.groupLink.groupLinkId });
    await anna.call('link.revoke', { groupLinkId: revoked.groupLink.groupLinkId });
    for (const ask of [look, join]) {
      await expect(ask(dora, brief.secret)).rejects.toMatchObject(refused('group_link_expired'));
      await expect(ask(dora, revoked.secret)).rejects.toMatchObject(refused('group_link_revoked'));
      await expect(ask(dora, used.secret)).rejects.toMatchObject(refused('group_link_used_up'));
      await expect(ask(dora, 'made-up')).rejects.toMatchObject(refused('group_link_invalid'));
    }
    expect(await look(boris, brief.secret)).toMatchObject({ member: true });
  });

  it('counts no longer once who made it may not add people, nor when they are out', async () => {
    await anna.call('conversation.setRole', { conversationId, userId: boris.userId, role: 'admin' });
    const { secret } = await make({}, boris);
    await anna.call('conversation.setRole', { conversationId, userId: boris.userId, role: 'member' });
    await expect(join(carla, secret)).rejects.toMatchObject(refused('group_link_revoked'));
    await anna.call('conversation.setRole', { conversationId, userId: boris.userId, role: 'admin' });
    await join(carla, secret);
    await boris.call('conversation.leave', { conversationId });
    await expect(join(dora, secret)).rejects.toMatchObject(refused('group_link_revoked'));
  });

  it('brings nobody back whom an admin removed, until one adds them; who left comes back', async () => {
    const { secret } = await make();
    await join(carla, secret);
    await carla.call('conversation.leave', { conversationId });
    await join(carla, secret);
    await anna.call('conversation.removeMember', { conversationId, userId: carla.userId });
    for (const ask of [look, join])
      await expect(ask(carla, secret)).rejects.toMatchObject(refused('removed_from_group'));
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await carla.call('conversation.leave', { conversationId });
    await join(carla, secret);
    expect(await names()).toContain(carla.userId);
  });

  it('takes no use where the group is full', async () => {
    const { secret } = await make({ maxUses: 1 });
    const { conversations } = talkers.platform;
    const full = makeMessaging({
      ...talkers.platform,
      conversations: {
        ...conversations,
        load: async (id) => {
          const loaded = await conversations.load(id);
          return loaded && { ...loaded, conversation: { ...loaded.conversation, memberCount: limits.members } };
        },
      },
    });
    await full.start();
    await expect(join(makeDevice(full.handlers, carla.userId), secret)).rejects.toMatchObject({
      code: 'conflict',
      reason: 'group_full',
    });
    await full.stop();
    await join(dora, secret);
  });

  it('is for its owner and admins to make, see and revoke', async () => {
    await expect(make({}, boris)).rejects.toMatchObject(refused('not_an_admin'));
    await expect(boris.call('link.list', { conversationId })).rejects.toMatchObject(refused('not_an_admin'));
    await expect(make({}, carla)).rejects.toMatchObject(refused('not_a_member'));
    const { groupLinkId } = (await make()).groupLink;
    const unknown = { code: 'not_found', reason: 'no_such_link' };
    await expect(boris.call('link.revoke', { groupLinkId })).rejects.toMatchObject(unknown);
    await expect(carla.call('link.revoke', { groupLinkId })).rejects.toMatchObject(unknown);
    const direct = await talkers.direct();
    await expect(make({ conversationId: direct })).rejects.toMatchObject({ reason: 'direct_conversation' });
  });

  it('is stored without what lets people in', async () => {
    const { secret, groupLink } = await make();
    const stored = await talkers.platform.groupLinks.find(groupLink.groupLinkId);
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(await talkers.platform.groupLinks.findByHash(secret)).toBeNull();
    expect(secret.length).toBeGreaterThanOrEqual(43);
  });

  it('is one of at most so many in a group', async () => {
    for (let i = 0; i < limits.groupLinks; i++) await make();
    await expect(make()).rejects.toMatchObject({ code: 'conflict', reason: 'too_many_group_links' });
  });

  it('cannot be guessed without end', async () => {
    const guess = async () => {
      for (let i = 0; ; i++) await look(carla, `guess-${i}`).catch((error) => stopAt(error));
    };
    const stopAt = (error: { code: string }) => {
      if (error.code === 'too_many_requests') throw error;
    };
    await expect(guess()).rejects.toMatchObject({ code: 'too_many_requests' });
  });
});

describe('members of a group', () => {
  it('are found by how a word of their names begins', async () => {
    const { members } = await anna.call('conversation.members', { conversationId });
    const found = async (query: string) =>
      (await boris.call('conversation.members', { conversationId, query })).members.map(({ profile }) => profile.name);
    for (const { profile } of members) {
      expect(await found(profile.name)).toContain(profile.name);
      expect(await found(profile.displayName.toUpperCase())).toContain(profile.name);
    }
    const [outsider] = await talkers.platform.users.profiles([dora.userId]);
    expect(await found(outsider?.name ?? '')).not.toContain(outsider?.name);
    expect([await found('nobody-at-all'), await found('%'), await found('_')]).toEqual([[], [], []]);
    expect(await found('')).toHaveLength(2);
  });
});
