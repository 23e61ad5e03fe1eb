import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import type { AuditLog } from '../../src/ports/audit-log.ts';
import type { BusMessage } from '../../src/ports/bus.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import type { InputToSend } from '../../src/protocol/operations.ts';
import { as, failure, goodPassword, local, signedIn, stranger } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';

let world: CoreWorld;
let audited: Parameters<AuditLog['add']>[0][];

beforeEach(async () => {
  audited = [];
  world = await makeCoreWorld({ audit: auditLog((event) => void audited.push(event)) });
});
afterEach(() => world.close());

const auditLog = (add: (event: Parameters<AuditLog['add']>[0]) => unknown): AuditLog => ({
  add: async (event) => {
    await add(event);
  },
  query: async () => [],
  prune: async () => 0,
});
const enter = (...of: Parameters<CoreWorld['enter']>) => world.enter(...of);

describe('people', () => {
  it('are found by the beginnings of their names, I myself not', async () => {
    const alice = await enter('alice');
    await enter('alina');
    await enter('bob');
    const found = async (query: string, limit = 20) =>
      (await world.ask('user.find', { query, limit }, alice)).people.map(({ name }) => name);
    expect(await found('al')).toEqual(['alina']);
    expect(await found('ALI')).toEqual(['alina']);
    expect(await found('bob')).toEqual(['bob']);
    expect(await found('lina')).toEqual([]);
  });

  it('change their own profile, and their other devices hear of it', async () => {
    const alice = await enter('alice');
    const userId = userIdOf(alice);
    const heard: BusMessage[] = [];
    world.platform.bus.subscribe(`user:${userId}`, (message) => heard.push(message));
    const { me } = await world.ask('user.update', { displayName: 'Alice 🦊' }, alice);
    expect(me).toMatchObject({ name: 'alice', displayName: 'Alice 🦊', role: 'member' });
    expect(me).not.toHaveProperty('passwordHash');
    await world.platform.clock.pass(0);
    expect(heard).toEqual([{ type: 'changed', userId }]);
  });

  it('choose the language of their mails, and none again', async () => {
    const alice = await enter('alice');
    const first = await world.ask('user.update', { language: 'ru' }, alice);
    expect(first.me).toMatchObject({ language: 'ru', displayName: 'alice' });
    const second = await world.ask('user.update', { displayName: 'A' }, alice);
    expect(second.me).toMatchObject({ language: 'ru', displayName: 'A' });
    expect((await world.ask('user.update', { language: null }, alice)).me.language).toBeNull();
  });
});

describe('accounts', () => {
  const add = (input: Partial<InputToSend<'user.add'>> & { name: string }, call: Call = local) =>
    world.ask('user.add', { password: goodPassword, ...input }, call);

  it('are added by the owner of the host, with any role', async () => {
    const { user } = await add({ name: 'olga', role: 'owner' });
    expect(user).toMatchObject({ name: 'olga', displayName: 'olga', role: 'owner', gone: false });
    expect(user).not.toHaveProperty('passwordHash');
    await world.signIn('olga');
  });

  it('are added by an admin with a role up to their own', async () => {
    const admin = await enter('adam', 'admin');
    await add({ name: 'anna', role: 'admin' }, admin);
    expect(await failure(add({ name: 'olga', role: 'owner' }, admin))).toMatchObject({ code: 'forbidden' });
  });

  it('are refused under a name that is taken or with a weak password', async () => {
    await add({ name: 'olga' });
    expect(await failure(add({ name: 'olga' }))).toMatchObject({ code: 'conflict', reason: 'name_taken' });
    expect(await failure(add({ name: 'otto', password: 'password1234' }))).toMatchObject({
      reason: 'password_too_weak',
    });
  });

  it('are refused under an address that is taken; one that is given counts as confirmed', async () => {
    const { user } = await add({ name: 'olga', email: 'Olga@Example.org', language: 'ru' });
    expect(user).toMatchObject({ email: 'olga@example.org', language: 'ru' });
    expect(await failure(add({ name: 'otto', email: 'olga@example.ORG' }))).toMatchObject({
      code: 'conflict',
      reason: 'email_taken',
    });
    expect(await world.platform.users.count()).toBe(1);
  });

  it('are tried without being made: whatever making them would refuse is refused', async () => {
    const admin = await enter('adam', 'admin');
    await add({ name: 'olga', email: 'olga@example.org' });
    const attempt = (input: Parameters<typeof add>[0], call?: Call) => add({ ...input, dryRun: true }, call);
    expect(await attempt({ name: 'otto', email: 'otto@example.org' })).toEqual({ user: null });
    expect(await failure(attempt({ name: 'olga' }))).toMatchObject({ reason: 'name_taken' });
    expect(await failure(attempt({ name: 'otto', email: 'olga@example.org' }))).toMatchObject({
      reason: 'email_taken',
    });
    expect(await failure(attempt({ name: 'otto', password: 'otto-otto-otto' }))).toMatchObject({
      reason: 'password_too_weak',
    });
    expect(await failure(attempt({ name: 'otto', role: 'owner' }, admin))).toMatchObject({ reason: 'role_above_own' });
    expect(await world.platform.users.findByName('otto')).toBeNull();
    expect(audited.filter(({ action }) => action === 'user.added')).toHaveLength(1);
  });

  it('are made as bots without a password; nobody gives them one, signs in to them, or sees them come and go', async () => {
    const made = await world.ask('user.add', { name: 'weather', bot: true }, local);
    expect(made.user).toMatchObject({ name: 'weather', bot: true, role: 'member' });
    const { userId } = made.user as { userId: UserId };
    expect(await world.platform.users.profiles([userId])).toMatchObject([{ bot: true }]);
    expect((await world.platform.privacy.of(userId)).privacy.lastSeen).toBe('nobody');
    expect(audited.at(-1)).toMatchObject({ action: 'user.added', details: { role: 'member', bot: true } });

    const isBot = { reason: 'bot_account' };
    const given = { name: 'other', bot: true };
    expect(await failure(world.ask('user.add', { ...given, password: goodPassword }, local))).toMatchObject(isBot);
    expect(await failure(world.ask('user.add', { ...given, email: 'a@example.org' }, local))).toMatchObject(isBot);
    const setting = world.ask('user.setPassword', { user: 'weather', password: goodPassword }, local);
    expect(await failure(setting)).toMatchObject(isBot);
    expect(await failure(world.ask('user.resetLink', { user: 'weather' }, local))).toMatchObject(isBot);
    for (const password of [goodPassword, ''])
      expect(await failure(world.signIn('weather', stranger(), password))).toMatchObject({
        reason: 'wrong_credentials',
      });
    expect(await failure(world.ask('user.add', { name: 'person' }, local))).toMatchObject({
      reason: 'password_needed',
    });

    const token = await world.ask('token.create', { user: 'weather', name: 'w', scopes: ['chat'] }, local);
    expect(await world.auth.authenticate(token.token)).toMatchObject({ userId, scopes: ['chat'] });
  });

  it('are listed a page at a time by name', async () => {
    for (const name of ['carol', 'alice', 'bob']) await add({ name });
    const page = (after: string) => world.ask('user.list', { after, limit: 2 }, local);
    const first = await page('');
    expect(first).toMatchObject({ users: [{ name: 'alice' }, { name: 'bob' }], more: true });
    expect(await page('bob')).toMatchObject({ users: [{ name: 'carol' }], more: false });
    expect(JSON.stringify(first)).not.toContain('argon2');
  });

  it('are listed by their state', async () => {
    for (const name of ['alice', 'bob']) await add({ name });
    await world.ask('user.disable', { user: 'bob' }, local);
    const names = async (state: 'active' | 'disabled' | 'waiting' | null) =>
      (await world.ask('user.list', { state }, local)).users.map(({ name }) => name);
    expect(await names('active')).toEqual(['alice']);
    expect(await names('disabled')).toEqual(['bob']);
    expect(await names('waiting')).toEqual([]);
    expect(await names(null)).toEqual(['alice', 'bob']);
  });

  it('are shown with their sessions by name or id', async () => {
    const { userId, sessionId } = await world.register('alice');
    for (const user of ['alice', ' Alice', userId]) {
      expect(await world.ask('user.show', { user }, local)).toMatchObject({
        user: { userId },
        sessions: [{ sessionId, current: false }],
      });
    }
    for (const user of ['nobody', '!!', world.platform.random.id()]) {
      expect(await failure(world.ask('user.show', { user }, local))).toMatchObject({ code: 'not_found' });
    }
  });
});

describe('the audit log', () => {
  it('names every security event and admin action: who, what, from where', async () => {
    const { token } = await world.invite();
    const tokens = signedIn(
      await world.ask(
        'auth.register',
        { name: 'alice', password: goodPassword, invite: token, device: 'phone' },
        stranger('192.0.2.1'),
      ),
    );
    await failure(world.signIn('alice', stranger('192.0.2.2'), 'wrong'));
    await world.auth.handlers['auth.signOut']({}, as(await world.person(tokens), '192.0.2.1'));
    expect(audited).toMatchObject([
      { action: 'invite.created', actorId: null, address: null, details: { role: 'member' } },
      { action: 'user.registered', actorId: tokens.userId, subjectId: tokens.userId, address: '192.0.2.1' },
      { action: 'session.opened', actorId: tokens.userId, subjectId: tokens.sessionId },
      { action: 'session.refused', actorId: null, subjectId: tokens.userId, address: '192.0.2.2' },
      { action: 'session.closed', actorId: tokens.userId, subjectId: tokens.sessionId },
    ]);
    expect(JSON.stringify(audited)).not.toContain(token);
  });

  it('out of reach stops nobody; the event goes to the server log', async () => {
    const lonely = await makeCoreWorld({ audit: auditLog(() => Promise.reject(new Error('no'))) });
    await lonely.register('alice');
    expect(lonely.platform.logged).toContainEqual(
      expect.objectContaining({
        msg: 'audit event not stored',
        event: expect.objectContaining({ action: 'user.registered' }),
      }),
    );
    await lonely.close();
  });
});
