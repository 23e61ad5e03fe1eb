import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { Permission } from '../../src/protocol/roles.ts';
import { failure, goodPassword, local, signedIn, stranger } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';

let world: CoreWorld;

beforeEach(async () => {
  world = await makeCoreWorld();
});
afterEach(() => world.close());

describe('an invite', () => {
  it('names its inviter and the instance, and carries its token behind the # of its link', async () => {
    const alice = await world.enter('alice');
    const { link, token } = await world.ask('invite.create', { expiresInHours: null, note: 'for bob' }, alice);
    expect(link).toBe(`https://chat.example.org/join#${token}`);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(await world.ask('invite.look', { token }, stranger())).toEqual({
      instanceName: 'Test',
      invitedBy: 'alice',
      role: 'member',
      expiresAt: null,
      groups: [],
    });
  });

  it.each([
    ['owner', 'owner', true],
    ['admin', 'owner', false],
    ['admin', 'admin', true],
    ['moderator', 'moderator', false],
    ['moderator', 'member', true],
    ['member', 'moderator', false],
    ['member', 'member', true],
    ['member', 'guest', true],
    ['guest', 'member', false],
  ] as const)('by %s for %s: allowed %s', async (mine, role, allowed) => {
    const inviter = await world.enter('alice', mine);
    const created = world.ask('invite.create', { role }, inviter);
    if (allowed) expect(await created).toMatchObject({ invite: { role, createdBy: userIdOf(inviter) } });
    else expect(await failure(created)).toMatchObject({ code: 'forbidden' });
  });

  it('is seen and revoked by who made it and by who manages invites', async () => {
    const alice = await world.enter('alice');
    const bob = await world.enter('bob');
    const admin = await world.enter('carol', 'admin');
    const { invite } = await world.ask('invite.create', {}, alice);
    const listed = async (call: Call, all = false) =>
      (await world.ask('invite.list', { all }, call)).invites.map(({ inviteId }) => inviteId);

    expect(await listed(alice)).toEqual([invite.inviteId]);
    expect(await listed(bob)).toEqual([]);
    expect(await listed(admin, true)).toContain(invite.inviteId);
    expect(await listed(local)).toContain(invite.inviteId);
    expect(await failure(listed(bob, true))).toMatchObject({ code: 'forbidden' });

    const revoke = (call: Call) => world.ask('invite.revoke', { inviteId: invite.inviteId }, call);
    expect(await failure(revoke(bob))).toMatchObject({ code: 'not_found' });
    await revoke(alice);
    await revoke(admin);
    expect(await listed(alice)).toEqual([]);
  });
});

describe('an invite that leads into groups', () => {
  const come = async (name: string, token: string) =>
    signedIn(await world.ask('auth.register', { name, password: goodPassword, invite: token }, stranger()));
  const rowOf = async (
    conversationId: ConversationId,
    { userId }: { userId: Parameters<typeof world.platform.users.find>[0] },
  ) => world.platform.conversations.row(conversationId, userId);
  const lastOf = async (conversationId: ConversationId) => {
    const [head] = await world.platform.messages.heads([conversationId]);
    return world.platform.messages.entry(conversationId, head?.seq ?? 0);
  };

  it('says which, and whoever comes with it is in them, with an entry that says who added them', async () => {
    const alice = await world.enter('alice');
    const groups = [await world.group(alice, 'Board'), await world.group(alice, 'Choir')];
    const { invite, token } = await world.ask(
      'invite.create',
      { conversationIds: [...groups, groups[0] as ConversationId], maxUses: null },
      alice,
    );
    expect(invite.conversationIds).toEqual(groups);
    expect((await world.ask('invite.look', { token }, stranger())).groups).toEqual(['Board', 'Choir']);
    const bob = await come('bob', token);
    await world.work();
    for (const group of groups) {
      expect(await rowOf(group, bob)).toMatchObject({ member: true, role: 'member', spans: [{ from: 2, to: null }] });
      expect(await lastOf(group)).toMatchObject({
        kind: 'joined',
        senderId: userIdOf(alice),
        body: { userIds: [bob.userId] },
      });
    }
  });

  it('of the host leads into any group, and whoever comes joins by themselves', async () => {
    const alice = await world.enter('alice');
    const group = await world.group(alice, 'Board');
    const { token } = await world.invite({ conversationIds: [group] });
    const bob = await come('bob', token);
    await world.work();
    expect(await lastOf(group)).toMatchObject({
      kind: 'joined',
      senderId: bob.userId,
      body: { userIds: [bob.userId] },
    });
  });

  it('names only groups its inviter may add people to', async () => {
    const [alice, bob] = [await world.enter('alice'), await world.enter('bob')];
    const group = await world.group(alice, 'Board', [bob]);
    const { conversation } = await world.device(alice).call('conversation.openDirect', { userId: userIdOf(bob) });
    const nowhere = world.platform.random.id() as ConversationId;
    const create = (conversationId: ConversationId, call: Call) =>
      world.ask('invite.create', { conversationIds: [conversationId] }, call);
    for (const conversationId of [group, conversation.conversationId, nowhere]) {
      expect(await failure(create(conversationId, bob))).toMatchObject({ code: 'forbidden', reason: 'may_not_add' });
    }
    for (const conversationId of [conversation.conversationId, nowhere]) {
      expect(await failure(create(conversationId, local))).toMatchObject({
        code: 'not_found',
        reason: 'no_such_conversation',
      });
    }
    const role = { conversationId: group, userId: userIdOf(bob), role: 'admin' } as const;
    await world.device(alice).call('conversation.setRole', role);
    await create(group, bob);
  });

  it('takes an API token that may add people to groups, not only invite them to the instance', async () => {
    const alice = await world.enter('alice');
    const group = await world.group(alice, 'Board', [await world.enter('bob')]);
    const { caller } = alice;
    if (caller.kind !== 'person') throw new Error('alice is nobody');
    const create = (scopes: readonly Permission[], conversationIds: ConversationId[]) =>
      world.ask('invite.create', { conversationIds }, { ...alice, caller: { ...caller, scopes } });
    expect(await failure(create(['invite'], [group]))).toMatchObject({ code: 'forbidden', reason: 'scope_missing' });
    await create(['invite'], []);
    await create(['invite', 'converse'], [group]);
  });

  it('lands people only where its inviter may still add them when they come', async () => {
    const [alice, bob] = [await world.enter('alice'), await world.enter('bob')];
    const [board, choir] = [await world.group(alice, 'Board', [bob]), await world.group(bob, 'Choir')];
    const promote = { conversationId: board, userId: userIdOf(bob) };
    await world.device(alice).call('conversation.setRole', { ...promote, role: 'admin' });
    const { token } = await world.ask('invite.create', { conversationIds: [board, choir] }, bob);
    await world.device(alice).call('conversation.setRole', { ...promote, role: 'member' });
    const carol = await come('carol', token);
    await world.work();
    expect(await rowOf(board, carol)).toBeNull();
    expect(await rowOf(choir, carol)).toMatchObject({ member: true });
  });

  it('lands them once, and does not bring back who left, however often the job runs', async () => {
    const alice = await world.enter('alice');
    const group = await world.group(alice, 'Board');
    const { token } = await world.ask('invite.create', { conversationIds: [group] }, alice);
    const tokens = await come('bob', token);
    const [job] = await world.work();
    if (!job) throw new Error('nobody landed');
    await world.auth.jobs.land?.(job);
    expect((await world.platform.messages.heads([group]))[0]).toMatchObject({ seq: 2 });
    const bob = { caller: await world.person(tokens), address: null, origin: null, receiver: null };
    await world.device(bob).call('conversation.leave', { conversationId: group });
    await world.auth.jobs.land?.(job);
    expect(await rowOf(group, tokens)).toMatchObject({ member: false });
  });

  it('goes on landing them where a crash ended it between the change and its entry', async () => {
    const alice = await world.enter('alice');
    const group = await world.group(alice, 'Board');
    const { token } = await world.ask('invite.create', { conversationIds: [group] }, alice);
    const bob = await come('bob', token);
    const { messages, jobs } = world.platform;
    const whole = messages.append;
    Reflect.set(messages, 'append', () => Promise.reject(new Error('the power went')));
    const [job] = await jobs.take(['land'], 1, 60_000);
    if (!job) throw new Error('nobody planned it');
    await failure(Promise.resolve(world.auth.jobs.land?.(job)));
    Reflect.set(messages, 'append', whole);
    await world.auth.jobs.land?.(job);
    expect(await rowOf(group, bob)).toMatchObject({ member: true, spans: [{ from: 2, to: null }] });
    expect((await messages.heads([group]))[0]).toMatchObject({ seq: 2 });
  });

  it('lands them although the process ended right after the account was made', async () => {
    const alice = await world.enter('alice');
    const group = await world.group(alice, 'Board');
    const { token } = await world.ask('invite.create', { conversationIds: [group] }, alice);
    const { users } = world.platform;
    const whole = users.add;
    Reflect.set(users, 'add', async (...input: Parameters<typeof whole>) => {
      await Reflect.apply(whole, users, input);
      throw new Error('the power went');
    });
    await failure(come('bob', token));
    Reflect.set(users, 'add', whole);
    await world.later(60_000);
    await world.work();
    const bob = await users.findByName('bob');
    if (!bob) throw new Error('bob is not there');
    expect(await rowOf(group, bob)).toMatchObject({ member: true });
  });

  it('lands nobody who is kept out meanwhile, nor in a group that is not there', async () => {
    const alice = await world.enter('alice');
    const group = await world.group(alice, 'Board');
    const { token } = await world.ask('invite.create', { conversationIds: [group], maxUses: null }, alice);
    const bob = await come('bob', token);
    await world.ask('user.disable', { user: 'bob' }, local);
    await world.work();
    expect(await rowOf(group, bob)).toBeNull();
    const carol = await come('carol', token);
    await world.messaging.people.land(carol.userId, [world.platform.random.id() as ConversationId], null);
  });
});
