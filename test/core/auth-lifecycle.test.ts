import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import type { Letter, Mailer } from '../../src/ports/mailer.ts';
import type { Revocation } from '../../src/ports/user-store.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { Entry } from '../../src/protocol/models.ts';
import type { Role } from '../../src/protocol/roles.ts';
import { as, failure, goodPassword, local, stranger } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';
import { newClientId } from '../support/device.ts';

const day = 24 * 3_600_000;
let world: CoreWorld;
let sent: { to: string; letter: Letter }[];

const mailer: Mailer = {
  on: true,
  send: async (to, letter) => {
    sent.push({ to, letter });
    return 'taken';
  },
};

beforeEach(async () => {
  sent = [];
  world = await makeCoreWorld({ mailer });
});
afterEach(() => world.close());

const entriesOf = async (conversationId: ConversationId): Promise<readonly Entry[]> => {
  const spans = [{ from: 1, to: null }];
  const ask = { conversationId, after: 0, spans, limit: 500, maxBytes: 1e6 };
  return (await world.platform.messages.entries(ask)).entries;
};
const say = (who: Call, conversationId: ConversationId, text: string) =>
  world.device(who).call('message.send', { conversationId, clientId: newClientId(), text });
const audited = async (action: string) =>
  world.platform.audit.query({
    before: null,
    after: null,
    userId: null,
    action,
    since: null,
    until: null,
    limit: 100,
  });
const stateOf = async (who: Call) => (await world.platform.users.find(userIdOf(who)))?.state;

describe('disabling somebody', () => {
  it('ends their sessions, tokens and sockets at once, and keeps them out until they are enabled', async () => {
    const tokens = await world.register('alice');
    const alice = as(await world.person(tokens));
    const { token } = await world.ask('token.create', { name: 'bot', scopes: ['chat'] }, alice);
    expect(await world.auth.authenticate(token)).toMatchObject({ userId: tokens.userId });
    const heard: Revocation[] = [];
    world.auth.onRevoked((revocation) => void heard.push(revocation));

    const { user } = await world.ask('user.disable', { user: 'alice' }, local);
    expect(user).toMatchObject({ state: 'disabled', gone: true });
    await world.later(1_000);
    expect(heard).toContainEqual(expect.objectContaining({ userId: tokens.userId, sessionId: null }));
    expect(await failure(world.person(tokens))).toMatchObject({ code: 'unauthenticated', reason: 'session_closed' });
    expect(await failure(Promise.resolve().then(() => world.auth.authenticate(token)))).toMatchObject({
      code: 'unauthenticated',
    });
    expect(await failure(world.refresh(tokens.refreshToken))).toMatchObject({ code: 'unauthenticated' });
    expect(await failure(world.signIn('alice'))).toMatchObject({ reason: 'account_disabled' });
    expect(await failure(world.signIn('alice', stranger(), 'something else'))).toMatchObject({
      reason: 'wrong_credentials',
    });
    expect(await world.platform.sessions.list(tokens.userId)).toEqual([]);

    await world.ask('user.enable', { user: 'alice' }, local);
    await world.later(1_000);
    expect(await failure(world.person(tokens))).toMatchObject({ code: 'unauthenticated' });
    expect((await world.signIn('alice')).userId).toBe(tokens.userId);
    expect(await world.auth.authenticate(token)).toMatchObject({ userId: tokens.userId });
  });

  it('is heard by everybody who shares a conversation', async () => {
    const [alice, bob] = [await world.enter('alice'), await world.enter('bob')];
    await world.group(alice, 'two', [bob]);
    const device = world.device(bob);
    world.messaging.attach(device);
    await device.call('sync', { cursor: null });
    await world.ask('user.disable', { user: 'alice' }, local);
    await world.platform.clock.pass(100);
    expect(device.events).toContainEqual({
      event: 'profiles.changed',
      body: { profiles: [{ userId: userIdOf(alice), name: 'alice', displayName: 'alice', gone: true }] },
    });
    expect(await world.ask('user.find', { query: 'alice' }, bob)).toEqual({ people: [] });
  });

  it('twice does no harm, and audits once', async () => {
    await world.register('alice');
    await world.ask('user.disable', { user: 'alice' }, local);
    await world.ask('user.disable', { user: 'alice' }, local);
    await world.ask('user.enable', { user: 'alice' }, local);
    await world.ask('user.enable', { user: 'alice' }, local);
    expect(await audited('user.disabled')).toHaveLength(1);
    expect(await audited('user.enabled')).toHaveLength(1);
  });

  it('makes the invites of whoever made them worthless while it lasts', async () => {
    const mallory = await world.enter('mallory', 'admin');
    const { token } = await world.ask('invite.create', { role: 'admin', maxUses: null }, mallory);
    await world.ask('user.disable', { user: 'mallory' }, local);
    const look = () => world.ask('invite.look', { token }, stranger());
    expect(await failure(look())).toMatchObject({ reason: 'invite_revoked' });
    await world.ask('user.enable', { user: 'mallory' }, local);
    expect(await look()).toMatchObject({ role: 'admin' });
    await world.ask('user.setRole', { user: 'mallory', role: 'member' }, local);
    expect(await failure(look())).toMatchObject({ reason: 'invite_revoked' });
  });
});

describe('ranks', () => {
  it.each([
    ['admin', 'owner', false],
    ['admin', 'admin', true],
    ['admin', 'member', true],
    ['owner', 'owner', true],
  ] as const)('%s acts on %s: %s', async (mine, theirs, allowed) => {
    await world.enter('olga', 'owner');
    const actor = await world.enter('actor', mine);
    await world.enter('subject', theirs);
    const acts = [
      () => world.ask('user.disable', { user: 'subject' }, actor),
      () => world.ask('user.enable', { user: 'subject' }, actor),
      () => world.ask('user.setRole', { user: 'subject', role: 'guest' }, actor),
      () => world.ask('user.delete', { user: 'subject' }, actor),
    ];
    for (const act of acts) {
      if (allowed) await act();
      else expect(await failure(act())).toMatchObject({ code: 'forbidden', reason: 'rank_above_own' });
    }
  });

  it('nobody gives a role above their own, and the change ends old tokens and is audited', async () => {
    const admin = await world.enter('adam', 'admin');
    const tokens = await world.register('alice');
    expect(await failure(world.ask('user.setRole', { user: 'alice', role: 'owner' }, admin))).toMatchObject({
      code: 'forbidden',
      reason: 'role_above_own',
    });
    const { user } = await world.ask('user.setRole', { user: 'alice', role: 'moderator' }, admin);
    expect(user.role).toBe('moderator');
    await world.later(1_000);
    expect(await failure(world.person(tokens))).toMatchObject({ code: 'unauthenticated' });
    const refreshed = await world.refresh(tokens.refreshToken);
    expect(await world.person(refreshed)).toMatchObject({ role: 'moderator' });
    expect(await audited('user.role_changed')).toMatchObject([{ details: { from: 'member', to: 'moderator' } }]);
  });

  it('the last active owner stays one', async () => {
    const olga = await world.enter('olga', 'owner');
    await world.enter('otto', 'owner');
    await world.ask('user.disable', { user: 'otto' }, local);
    const acts: (() => Promise<unknown>)[] = [
      () => world.ask('user.setRole', { user: 'olga', role: 'admin' }, olga),
      () => world.ask('user.disable', { user: 'olga' }, local),
      () => world.ask('user.delete', { user: 'olga', graceDays: 0 }, local),
    ];
    for (const act of acts) expect(await failure(act())).toMatchObject({ code: 'conflict', reason: 'last_owner' });
    await world.work();
    expect(await stateOf(olga)).toBe('active');
    await world.ask('user.enable', { user: 'otto' }, local);
    await world.ask('user.setRole', { user: 'olga', role: 'admin' as Role }, olga);
  });
});

describe('deleting somebody', () => {
  it('signs them out at once, and empties their account when the grace period ends, not before', async () => {
    const { user: added } = await world.ask(
      'user.add',
      { name: 'alice', password: goodPassword, email: 'Alice@Example.org', displayName: 'Alice A.' },
      local,
    );
    const tokens = await world.signIn('alice');
    const { user, deletedAt } = await world.ask('user.delete', { user: 'alice', graceDays: 2 }, local);
    expect(deletedAt).toBe(world.platform.clock.now() + 2 * day);
    expect(user).toMatchObject({ state: 'deleting', deletesAt: deletedAt, gone: true, displayName: 'Alice A.' });
    await world.later(1_000);
    expect(await failure(world.person(tokens))).toMatchObject({ code: 'unauthenticated' });
    expect(await failure(world.signIn('alice'))).toMatchObject({ reason: 'account_disabled' });
    await world.work();
    expect(sent.map(({ to, letter }) => ({ to, kind: letter.kind }))).toContainEqual({
      to: 'alice@example.org',
      kind: 'account_deleting',
    });

    await world.later(2 * day - 3_001);
    await world.work();
    expect((await world.platform.users.find(tokens.userId))?.state).toBe('deleting');
    await world.later(0);
    await world.work();
    expect(await world.platform.users.find(tokens.userId)).toMatchObject({
      userId: added?.userId,
      state: 'deleted',
      name: '',
      displayName: '',
      email: null,
      passwordHash: '',
      gone: true,
    });
    expect(await audited('user.deleted')).toHaveLength(1);
    expect(await failure(world.signIn('alice'))).toMatchObject({ reason: 'wrong_credentials' });
    await world.register('alice');
  });

  it('is cancelled by enabling, however the job runs later', async () => {
    const alice = await world.enter('alice');
    const group = await world.group(alice, 'mine');
    await world.ask('user.delete', { user: 'alice', graceDays: 1 }, local);
    await world.ask('user.enable', { user: 'alice' }, local);
    await world.later(day + 60_000);
    await world.work();
    expect(await stateOf(alice)).toBe('active');
    expect(await world.platform.conversations.row(group, userIdOf(alice))).toMatchObject({ member: true });
  });

  it('ordered again after that counts from then', async () => {
    const alice = await world.enter('alice');
    await world.ask('user.delete', { user: 'alice', graceDays: 1 }, local);
    await world.ask('user.enable', { user: 'alice' }, local);
    await world.later(day / 2);
    await world.ask('user.delete', { user: 'alice', graceDays: 1 }, local);
    await world.later(day / 2 + 60_000);
    await world.work();
    expect(await stateOf(alice)).toBe('deleting');
    await world.later(day / 2);
    await world.work();
    expect(await stateOf(alice)).toBe('deleted');
  });

  it('cannot be cancelled or ordered anew once it is under way', async () => {
    await world.register('alice');
    await world.ask('user.delete', { user: 'alice', graceDays: 0 }, local);
    for (const act of [
      () => world.ask('user.enable', { user: 'alice' }, local),
      () => world.ask('user.delete', { user: 'alice', graceDays: 7 }, local),
    ]) {
      expect(await failure(act())).toMatchObject({ code: 'conflict', reason: 'deletion_under_way' });
    }
  });

  it('is begun again by ordering it at once, should its job be lost', async () => {
    const alice = await world.enter('alice');
    await world.ask('user.delete', { user: 'alice', graceDays: 0 }, local);
    for (const { jobId } of await world.platform.jobs.take(['delete_account'], 1, 60_000)) {
      await world.platform.jobs.fail(jobId, 'tried often enough', null);
    }
    await world.later(60_000);
    await world.work();
    expect(await stateOf(alice)).toBe('deleting');
    await world.ask('user.delete', { user: 'alice', graceDays: 0 }, local);
    await world.work();
    expect(await stateOf(alice)).toBe('deleted');
  });

  it('leaves nothing to be done to whoever was deleted', async () => {
    const alice = await world.enter('alice');
    await world.ask('user.delete', { user: 'alice', graceDays: 0 }, local);
    await world.work();
    const user = userIdOf(alice);
    const acts = [
      () => world.ask('user.enable', { user }, local),
      () => world.ask('user.disable', { user }, local),
      () => world.ask('user.approve', { user }, local),
      () => world.ask('user.delete', { user }, local),
      () => world.ask('user.setRole', { user, role: 'admin' }, local),
      () => world.ask('user.export', { user }, local),
    ];
    for (const act of acts) expect(await failure(act())).toMatchObject({ reason: 'account_deleted' });
    expect((await world.ask('user.list', {}, local)).users).toEqual([]);
  });

  it('passes their groups to the oldest admin, else the oldest member who is not gone, as entries that say so', async () => {
    const [alice, bob, carol, dave] = await Promise.all(
      ['alice', 'bob', 'carol', 'dave'].map((name) => world.enter(name)),
    );
    if (!alice || !bob || !carol || !dave) throw new Error('somebody is missing');
    const plain = await world.group(alice, 'plain', [bob, carol]);
    const run = await world.group(alice, 'run', [bob]);
    await world.device(alice).call('conversation.addMembers', { conversationId: run, userIds: [userIdOf(carol)] });
    await world.device(alice).call('conversation.setRole', {
      conversationId: run,
      userId: userIdOf(carol),
      role: 'admin',
    });
    const orphan = await world.group(alice, 'orphan', [dave]);
    await world.device(alice).call('conversation.addMembers', { conversationId: orphan, userIds: [userIdOf(carol)] });
    const alone = await world.group(alice, 'alone');
    await world.ask('user.disable', { user: 'dave' }, local);

    await world.ask('user.delete', { user: 'alice', graceDays: 0 }, local);
    await world.work();
    const ownerOf = async (conversationId: ConversationId) =>
      (await world.platform.conversations.load(conversationId))?.members.find(
        ({ role, member }) => member && role === 'owner',
      )?.userId;
    expect([userIdOf(bob), userIdOf(carol)].sort()[0]).toBe(await ownerOf(plain));
    expect(await ownerOf(run)).toBe(userIdOf(carol));
    expect(await ownerOf(orphan)).toBe(userIdOf(carol));
    expect(await ownerOf(alone)).toBeUndefined();
    expect((await entriesOf(run)).at(-1)).toMatchObject({
      kind: 'left',
      senderId: userIdOf(alice),
      body: { userId: userIdOf(alice), heir: userIdOf(carol) },
    });
  });

  it('leaves their messages under an empty name, which those who share them hear', async () => {
    const [alice, bob] = [await world.enter('alice'), await world.enter('bob')];
    const group = await world.group(alice, 'two', [bob]);
    await say(alice, group, 'remember me');
    const device = world.device(bob);
    world.messaging.attach(device);
    const { cursor } = await device.call('sync', { cursor: null });
    await world.ask('user.delete', { user: 'alice', graceDays: 0 }, local);
    await world.work();
    await world.platform.clock.pass(100);
    expect((await entriesOf(group)).filter(({ kind }) => kind === 'message')).toMatchObject([
      { body: { text: 'remember me' } },
    ]);
    const nameless = { userId: userIdOf(alice), name: '', displayName: '', gone: true };
    expect(device.events).toContainEqual({ event: 'profiles.changed', body: { profiles: [nameless] } });
    expect((await device.call('sync', { cursor })).profiles).toContainEqual(nameless);
  });

  it('removes their messages everywhere where that is asked for, those of groups they had left too', async () => {
    const [alice, bob] = [await world.enter('alice'), await world.enter('bob')];
    const group = await world.group(bob, 'two', [alice]);
    const left = await world.group(bob, 'left', [alice]);
    const { conversation } = await world.device(alice).call('conversation.openDirect', { userId: userIdOf(bob) });
    const direct = conversation.conversationId;
    for (const place of [group, left, direct]) {
      for (let n = 0; n < 3; n++) await say(alice, place, `mine ${n}`);
      await say(bob, place, 'theirs');
    }
    await world
      .device(alice)
      .call('message.edit', { conversationId: direct, clientId: newClientId(), seq: 1, text: 'x' });
    await world.device(alice).call('message.remove', { conversationId: direct, clientId: newClientId(), seq: 2 });
    await world.device(alice).call('conversation.leave', { conversationId: left });

    await world.ask('user.delete', { user: 'alice', graceDays: 0, removeMessages: true }, local);
    await world.work();
    for (const place of [group, left, direct]) {
      const entries = await entriesOf(place);
      const mine = entries.filter(({ kind, senderId }) => kind === 'message' && senderId === userIdOf(alice));
      expect(mine.map(({ emptied }) => emptied)).toEqual([true, true, true]);
      expect(JSON.stringify(entries)).not.toContain('mine');
      expect(entries.filter(({ kind }) => kind === 'removal')).toHaveLength(3);
      const theirs = entries.filter(({ kind, senderId }) => kind === 'message' && senderId === userIdOf(bob));
      expect(theirs).toMatchObject([{ body: { text: 'theirs' } }]);
    }
  });

  it.each([
    ['before', 'was done'],
    ['after', 'was done, but not heard to be'],
  ] as const)('goes on where a crash ended it, %s any step %s', async (when, _) => {
    let step = 0;
    for (let crashed = true; crashed; step++) {
      await world.close();
      world = await makeCoreWorld();
      const [alice, bob] = [await world.enter('alice'), await world.enter('bob')];
      const groups = [await world.group(alice, 'one', [bob]), await world.group(alice, 'two', [bob])];
      for (const group of groups) await say(alice, group, 'mine');
      await world.ask('user.delete', { user: 'alice', graceDays: 0, removeMessages: true }, local);

      const mend = crashAt(step, when);
      const [job] = await world.platform.jobs.take(['delete_account'], 1, 60_000);
      if (!job) throw new Error('nobody planned it');
      crashed = await Promise.resolve(world.auth.jobs.delete_account?.(job)).then(
        () => false,
        () => true,
      );
      mend();
      await world.auth.jobs.delete_account?.(job);

      expect(await stateOf(alice)).toBe('deleted');
      for (const group of groups) {
        const entries = await entriesOf(group);
        expect(entries.filter(({ kind }) => kind === 'left')).toHaveLength(1);
        expect(entries.filter(({ kind, emptied }) => kind === 'message' && !emptied)).toEqual([]);
        expect(await world.platform.conversations.owed(group)).toEqual([]);
        const row = await world.platform.conversations.row(group, userIdOf(bob));
        expect(row).toMatchObject({ role: 'owner', member: true });
      }
    }
    // Two groups: change, entry and settling of each, a removal and an erasing in each, and the emptying.
    expect(step).toBeGreaterThan(10);
  });
});

/** The writes of a deletion fail at the one of this number (from 0), and from then on, as they do when a process ends. */
function crashAt(step: number, when: 'before' | 'after'): () => void {
  const { conversations, messages, users } = world.platform;
  const writes = [
    [conversations, 'change'],
    [conversations, 'settle'],
    [messages, 'append'],
    [messages, 'erase'],
    [users, 'empty'],
  ] as const;
  let calls = 0;
  const undo = writes.map(([store, method]) => {
    const whole = Reflect.get(store, method);
    Reflect.set(store, method, async (...input: unknown[]) => {
      const call = calls++;
      const isDone = call < step || (call === step && when === 'after');
      const answer = isDone ? await Reflect.apply(whole, store, input) : null;
      if (call >= step) throw new Error('the power went');
      return answer;
    });
    return () => Reflect.set(store, method, whole);
  });
  return () => {
    for (const each of undo) each();
  };
}
