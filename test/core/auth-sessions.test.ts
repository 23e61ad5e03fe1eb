import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAuth } from '../../src/core/auth/auth.ts';
import type { SessionStore } from '../../src/ports/user-store.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, as, failure, local, makeAuthWorld, noConversations, stranger } from '../support/auth.ts';
import { makeTestPlatform } from '../support/platform.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const closed = { code: 'unauthenticated', reason: 'session_closed' };

let world: AuthWorld;
let alice: Tokens;

beforeEach(async () => {
  world = await makeAuthWorld();
  alice = await world.register('alice');
});
afterEach(() => world.close());

const close = async (sessionId: SessionId, by: Tokens) =>
  world.auth.handlers['session.close']({ sessionId }, as(await world.person(by)));
const list = async (by: Tokens) => (await world.auth.handlers['session.list']({}, as(await world.person(by)))).sessions;

describe('my sessions', () => {
  it('name device, times, this one, and no whole address', async () => {
    world.platform.clock.advance(1_000);
    await world.signIn('alice', stranger('2001:db8:1:2::3'));
    const sessions = await list(alice);
    expect(sessions).toMatchObject([
      { device: 'test', addressHint: '2001:db8:1::/48', current: false },
      { sessionId: alice.sessionId, addressHint: '198.51.100.x', current: true },
    ]);
    expect(JSON.stringify(sessions)).not.toContain('198.51.100.7');
  });

  it('leave out those that are over by idleness', async () => {
    await world.later(90 * day);
    const now = await world.signIn('alice');
    expect(await list(now)).toMatchObject([{ sessionId: now.sessionId }]);
  });

  it('can be closed by me only', async () => {
    const bob = await world.register('bob');
    expect(await failure(close(alice.sessionId, bob))).toMatchObject({ code: 'not_found' });
    expect(await failure(close(world.platform.random.id() as SessionId, bob))).toMatchObject({ code: 'not_found' });
    expect(await list(alice)).toHaveLength(1);
  });

  it('say when they were used last, to the minute', async () => {
    await world.later(5 * minute);
    await world.person(alice);
    await world.later(1_000);
    await world.person(alice);
    await world.later(1_000);
    const [session] = await list(alice);
    const used = world.platform.clock.now() - (session?.lastSeenAt ?? 0);
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThan(minute);
    expect(await world.platform.users.find(alice.userId)).toMatchObject({ lastSeenAt: session?.lastSeenAt });
  });
});

describe('the name of a session', () => {
  const rename = async (sessionId: SessionId, device: string, by: Tokens) =>
    world.auth.handlers['session.rename']({ sessionId, device }, as(await world.person(by)));

  it('can be changed by me only, while it is open', async () => {
    await rename(alice.sessionId, 'Kitchen', alice);
    expect(await list(alice)).toMatchObject([{ device: 'Kitchen' }]);
    const bob = await world.register('bob');
    const missing = { code: 'not_found', reason: 'no_such_session' };
    expect(await failure(rename(alice.sessionId, 'Mine', bob))).toMatchObject(missing);
    const other = await world.signIn('alice');
    await close(other.sessionId, alice);
    expect(await failure(rename(other.sessionId, 'Gone', alice))).toMatchObject(missing);
  });
});

describe('closing several at once', () => {
  const refused = async (tokens: Tokens) => expect(await failure(world.person(tokens))).toMatchObject(closed);

  it('leaves the one that asks', async () => {
    const others = [await world.signIn('alice'), await world.signIn('alice')];
    const bob = await world.register('bob');
    const call = as(await world.person(alice));
    expect(await world.auth.handlers['session.closeOthers']({}, call)).toEqual({ closed: 2 });
    await world.platform.clock.pass(0);
    for (const other of others) await refused(other);
    await world.person(alice);
    await world.person(bob);
    expect(await world.auth.handlers['session.closeOthers']({}, call)).toEqual({ closed: 0 });
  });

  it('by those who manage users ends all of somebody’s, up to their own rank', async () => {
    const [admin, owner] = [await world.register('adam', 'admin'), await world.register('olga', 'owner')];
    await world.signIn('alice');
    const asAdmin = as(await world.person(admin));
    expect(await world.auth.handlers['user.closeSessions']({ user: 'alice' }, asAdmin)).toEqual({ closed: 2 });
    await world.platform.clock.pass(0);
    await refused(alice);
    expect(
      await failure((async () => world.auth.handlers['user.closeSessions']({ user: 'olga' }, asAdmin))()),
    ).toMatchObject({ code: 'forbidden', reason: 'rank_above_own' });
    await world.person(owner);
    expect(await world.auth.handlers['user.closeSessions']({ user: owner.userId }, local)).toEqual({ closed: 1 });
  });

  it('happens by itself beyond so many devices: the one used longest ago goes', async () => {
    for (let more = 1; more < limits.sessions; more++) {
      world.platform.clock.advance(1);
      await world.platform.sessions.open({
        sessionId: world.platform.random.id() as SessionId,
        userId: alice.userId,
        device: '',
        address: '',
        most: limits.sessions,
      });
    }
    await world.person(alice);
    world.platform.clock.advance(1);
    const next = await world.signIn('alice');
    await world.platform.clock.pass(500);
    await refused(alice);
    expect(await list(next)).toHaveLength(limits.sessions);
  });
});

describe('a closed session', () => {
  it('is refused within half a second, on this node by the bus and on another by reading the store', async () => {
    const elsewhere = makeAuth({ ...world.platform, bus: (await makeTestPlatform()).bus }, noConversations);
    await elsewhere.start();
    const other = await world.signIn('alice');
    await elsewhere.authenticate(other.accessToken);
    await close(other.sessionId, alice);
    await world.platform.clock.pass(0);
    expect(await failure(world.person(other))).toMatchObject(closed);
    await world.platform.clock.pass(500);
    expect(() => elsewhere.authenticate(other.accessToken)).toThrow(expect.objectContaining(closed));
    await world.person(alice);
    await elsewhere.stop();
  });

  it('is told to listeners once, however often it is read', async () => {
    const told: unknown[] = [];
    const end = world.auth.onRevoked((revocation) => told.push(revocation));
    const other = await world.signIn('alice');
    await close(other.sessionId, alice);
    await close(other.sessionId, alice);
    await world.platform.clock.pass(40_000);
    expect(told).toEqual([{ at: expect.any(Number), sessionId: other.sessionId, userId: null, reason: 'closed' }]);
    end();
    await close(alice.sessionId, alice);
    await world.platform.clock.pass(1_000);
    expect(told).toHaveLength(1);
  });

  it('is known to a node that starts or wakes while its tokens still live', async () => {
    const told: unknown[] = [];
    await world.auth.stop();
    await world.platform.sessions.close(alice.sessionId, 'closed');
    world.platform.clock.advance(9 * minute);
    const restarted = makeAuth(world.platform, noConversations);
    await restarted.start();
    expect(() => restarted.authenticate(alice.accessToken)).toThrow(expect.objectContaining(closed));

    const bob = await world.register('bob');
    await world.platform.clock.pass(1_000);
    restarted.onRevoked((revocation) => told.push(revocation));
    await world.platform.sessions.close(bob.sessionId, 'closed');
    world.platform.clock.advance(3 * 60 * minute);
    await world.platform.clock.pass(1_000);
    expect(told).toMatchObject([{ sessionId: bob.sessionId }]);
    await restarted.stop();
  });

  it('refuses tokens of a person issued before their role changed, and lets in newer ones', async () => {
    const { platform } = world;
    const at = platform.clock.now();
    const revocation = { at, sessionId: null, userId: alice.userId, reason: 'role' };
    const sessions: SessionStore = { ...platform.sessions, revocations: async () => [revocation] };
    const auth = makeAuth({ ...platform, sessions }, noConversations);
    await auth.start();
    expect(() => auth.authenticate(alice.accessToken)).toThrow(expect.objectContaining(closed));
    platform.clock.advance(1);
    const next = await world.refresh(alice.refreshToken);
    expect(auth.authenticate(next.accessToken)).toMatchObject({ userId: alice.userId });
    await auth.stop();
  });
});

describe('an access token', () => {
  it('is answered at once, without a promise and without the store, when it was verified before', async () => {
    await world.person(alice);
    expect(world.auth.authenticate(alice.accessToken)).toMatchObject({ kind: 'person', userId: alice.userId });
  });

  it('is refused when it expired, with a few seconds for clocks that differ', async () => {
    await world.later(10 * minute + 2_000);
    await world.person(alice);
    await world.later(4_000);
    expect(await failure(world.person(alice))).toMatchObject({ code: 'unauthenticated', reason: 'token_expired' });
  });

  it('is refused when it is none of ours', async () => {
    expect(await failure(world.person({ ...alice, accessToken: `${alice.accessToken}x` }))).toMatchObject({
      code: 'unauthenticated',
      reason: 'token_invalid',
    });
  });
});

describe('a node that cannot reach the store', () => {
  it('answers unavailable after 15 s, and lets people in again when the store is back', async () => {
    let away = false;
    const platform = await makeTestPlatform();
    const revocations: SessionStore['revocations'] = async (since) => {
      if (away) throw new AppError('unavailable', 'store_unreachable');
      return platform.sessions.revocations(since);
    };
    const auth = makeAuth({ ...platform, sessions: { ...platform.sessions, revocations } }, noConversations);
    expect(auth.available()).toBe(false);
    await auth.start();
    const token = await platform.accessTokens.sign({
      userId: alice.userId,
      sessionId: alice.sessionId,
      generation: 1,
      role: 'member',
      issuedAt: platform.clock.now(),
      expiresAt: platform.clock.now() + 10 * minute,
    });
    const person = async () => auth.authenticate(token);

    away = true;
    await platform.clock.pass(14_000);
    await person();
    await platform.clock.pass(2_000);
    expect(auth.available()).toBe(false);
    expect(await failure(person())).toMatchObject({ code: 'unavailable' });
    expect(platform.logged.filter(({ msg }) => msg === 'revocations not read')).toHaveLength(1);

    away = false;
    await platform.clock.pass(500);
    await person();
    await auth.stop();
    await platform.close();
  });
});
