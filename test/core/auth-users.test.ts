import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BusMessage } from '../../src/ports/bus.ts';
import type { AuditLog } from '../../src/ports/user-store.ts';
import { type AuthWorld, as, failure, goodPassword, local, makeAuthWorld, stranger } from '../support/auth.ts';

let world: AuthWorld;
let audited: Parameters<AuditLog['add']>[0][];

beforeEach(async () => {
  audited = [];
  world = await makeAuthWorld({ audit: { add: async (event) => void audited.push(event) } });
});
afterEach(() => world.close());

const enter = async (...of: Parameters<AuthWorld['register']>) => as(await world.person(await world.register(...of)));

describe('people', () => {
  it('are found by the beginnings of their names, I myself not', async () => {
    const alice = await enter('alice');
    await enter('alina');
    await enter('bob');
    const found = async (query: string, limit = 20) =>
      (await world.auth.handlers['user.find']({ query, limit }, alice)).people.map(({ name }) => name);
    expect(await found('al')).toEqual(['alina']);
    expect(await found('ALI')).toEqual(['alina']);
    expect(await found('bob')).toEqual(['bob']);
    expect(await found('lina')).toEqual([]);
  });

  it('change their own profile, and their other devices hear of it', async () => {
    const alice = await enter('alice');
    const { userId } = alice.caller as Extract<typeof alice.caller, { kind: 'person' }>;
    const heard: BusMessage[] = [];
    world.platform.bus.subscribe(`user:${userId}`, (message) => heard.push(message));
    const { me } = await world.auth.handlers['user.update']({ displayName: 'Alice 🦊' }, alice);
    expect(me).toMatchObject({ name: 'alice', displayName: 'Alice 🦊', role: 'member' });
    expect(me).not.toHaveProperty('passwordHash');
    await world.platform.clock.pass(0);
    expect(heard).toEqual([{ type: 'changed', userId }]);
  });
});

describe('accounts', () => {
  const add = async (input: { name: string; role?: 'owner' | 'admin' | 'member'; password?: string }, call = local) =>
    world.auth.handlers['user.add']({ password: goodPassword, role: 'member', ...input }, call);

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

  it('are listed a page at a time by name', async () => {
    for (const name of ['carol', 'alice', 'bob']) await add({ name });
    const page = async (after: string) => world.auth.handlers['user.list']({ query: '', after, limit: 2 }, local);
    const first = await page('');
    expect(first).toMatchObject({ users: [{ name: 'alice' }, { name: 'bob' }], more: true });
    expect(await page('bob')).toMatchObject({ users: [{ name: 'carol' }], more: false });
    expect(JSON.stringify(first)).not.toContain('argon2');
  });

  it('are shown with their sessions by name or id', async () => {
    const { userId, sessionId } = await world.register('alice');
    for (const user of ['alice', ' Alice', userId]) {
      expect(await world.auth.handlers['user.show']({ user }, local)).toMatchObject({
        user: { userId },
        sessions: [{ sessionId, current: false }],
      });
    }
    for (const user of ['nobody', '!!', world.platform.random.id()]) {
      const shown = Promise.resolve(world.auth.handlers['user.show']({ user }, local));
      expect(await failure(shown)).toMatchObject({ code: 'not_found' });
    }
  });
});

describe('the audit log', () => {
  it('names every security event and admin action: who, what, from where', async () => {
    const { token } = await world.invite();
    const tokens = await world.auth.handlers['auth.register'](
      { name: 'alice', password: goodPassword, invite: token, device: 'phone', keepIn: 'body' },
      stranger('192.0.2.1'),
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
    const audit: AuditLog = { add: () => Promise.reject(new Error('no')) };
    const lonely = await makeAuthWorld({ audit });
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
