import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAuth } from '../../src/core/auth/auth.ts';
import type { Call, Person } from '../../src/core/call.ts';
import type { ApiTokenStore } from '../../src/ports/credential-store.ts';
import type { Revocation, SessionRecord } from '../../src/ports/user-store.ts';
import type { ApiTokenId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { ApiToken } from '../../src/protocol/models.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import type { Permission } from '../../src/protocol/roles.ts';
import { type AuthWorld, as, failure, goodPassword, local, makeAuthWorld, noConversations } from '../support/auth.ts';
import { makeTestPlatform } from '../support/platform.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const tokenInvalid = { code: 'unauthenticated', reason: 'token_invalid' };
const tokenExpired = { code: 'unauthenticated', reason: 'token_expired' };
const sessionClosed = { code: 'unauthenticated', reason: 'session_closed' };

let world: AuthWorld;
let [admin, ann]: Tokens[] = [];
beforeEach(async () => {
  world = await makeAuthWorld();
  admin = await world.register('adam', 'admin');
  ann = await world.register('ann');
});
afterEach(() => world.close());

interface Wish {
  readonly user?: string | null;
  readonly name?: string;
  readonly scopes?: Permission[];
  readonly expiresInDays?: number | null;
}
const callOf = async (by: Tokens | undefined | 'local'): Promise<Call> =>
  by === 'local' || by === undefined ? local : as(await world.person(by));
const create = async (by: Tokens | undefined | 'local', wish: Wish = {}) =>
  world.auth.handlers['token.create'](
    { user: null, name: 'bot', scopes: ['chat', 'account'], expiresInDays: 90, ...wish },
    await callOf(by),
  );
const list = async (by: Tokens | undefined | 'local', ask: { user?: string; all?: boolean } = {}) =>
  (await world.auth.handlers['token.list']({ user: null, all: false, ...ask }, await callOf(by))).apiTokens;
const revoke = async (by: Tokens | undefined | 'local', { apiTokenId }: Pick<ApiToken, 'apiTokenId'>) =>
  world.auth.handlers['token.revoke']({ apiTokenId }, await callOf(by));
const speak = async (token: string): Promise<Person> => world.auth.authenticate(token);

describe('an API token', () => {
  it('speaks for its owner, with its scopes, and is stored hashed', async () => {
    const { token, apiToken } = await create(ann);
    expect(token).toMatch(/^msgr_[\w-]{43}$/);
    expect(await speak(token)).toEqual({
      kind: 'person',
      userId: ann?.userId,
      sessionId: apiToken.apiTokenId,
      role: 'member',
      scopes: ['chat', 'account'],
    });
    expect(JSON.stringify(await list(ann))).not.toContain(token.slice(5));
    expect(await world.platform.apiTokens.findByHash(world.platform.digests.hash(token))).toEqual(apiToken);
  });

  it('that nobody made is none', async () => {
    expect(await failure(speak('msgr_'))).toMatchObject(tokenInvalid);
    expect(await failure(speak(`msgr_${'x'.repeat(43)}`))).toMatchObject(tokenInvalid);
    const { token } = await create(ann);
    expect(await failure(speak(token.slice(5)))).toMatchObject(tokenInvalid);
    expect(await failure(speak(`${token}x`))).toMatchObject(tokenInvalid);
  });

  it('holds for as many days as it was made for, remembered or not, and then closes what is open with it', async () => {
    const { token, apiToken } = await create(ann, { expiresInDays: 1 });
    const told: Revocation[] = [];
    world.auth.onRevoked((revocation) => told.push(revocation));
    await speak(token);
    await world.later(day - 1_000 - minute);
    await speak(token);
    await world.later(minute);
    expect(await failure(speak(token))).toMatchObject(tokenExpired);
    expect(told).toEqual([{ at: apiToken.expiresAt, sessionId: apiToken.apiTokenId, userId: null, reason: 'expired' }]);
    await world.later(10 * minute);
    expect(await failure(speak(token))).toMatchObject(tokenExpired);
    expect(told).toHaveLength(1);
  });

  it('may hold for ever', async () => {
    const { token } = await create(ann, { expiresInDays: null });
    await world.later(300 * day);
    await speak(token);
  });

  it('is answered at once when it was looked up lately, and looked up again after a minute at the latest', async () => {
    const { token } = await create(ann);
    let looks = 0;
    const findByHash: ApiTokenStore['findByHash'] = (hash) => {
      looks++;
      return world.platform.apiTokens.findByHash(hash);
    };
    const auth = makeAuth(
      { ...world.platform, apiTokens: { ...world.platform.apiTokens, findByHash } },
      noConversations,
    );
    await auth.start();
    await auth.authenticate(token);
    for (let use = 0; use < 5; use++) expect(auth.authenticate(token)).toMatchObject({ userId: ann?.userId });
    expect(looks).toBe(1);
    await world.platform.clock.pass(minute);
    await auth.authenticate(token);
    expect(looks).toBe(2);
    await auth.stop();
  });

  it('says when it was used last, to the minute, and confirms no session', async () => {
    const { token, apiToken } = await create(ann);
    await world.later(minute);
    const stateOf = ({ confirmedAt, lastSeenAt }: SessionRecord) => ({ confirmedAt, lastSeenAt });
    const before = await world.platform.sessions.list(ann?.userId as never);
    const usedAt = world.platform.clock.now();
    await speak(token);
    await world.later(1_000);
    await speak(token);
    await world.later(1_000);
    const after = await world.platform.sessions.list(ann?.userId as never);
    expect(await list(ann)).toMatchObject([{ apiTokenId: apiToken.apiTokenId, lastUsedAt: usedAt }]);
    expect(after.map(stateOf)).toEqual(before.map(stateOf));
    expect(world.platform.logged.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});

describe('a revoked API token', () => {
  it('is refused at once on this node, within half a second on another, and tells that its sockets are over', async () => {
    const elsewhere = makeAuth({ ...world.platform, bus: (await makeTestPlatform()).bus }, noConversations);
    await elsewhere.start();
    const told: Revocation[] = [];
    elsewhere.onRevoked((revocation) => told.push(revocation));
    const { token, apiToken } = await create(ann);
    await speak(token);
    await elsewhere.authenticate(token);

    await revoke(ann, apiToken);
    await world.platform.clock.pass(0);
    expect(await failure(speak(token))).toMatchObject(sessionClosed);
    await world.platform.clock.pass(500);
    expect(await failure((async () => elsewhere.authenticate(token))())).toMatchObject(sessionClosed);
    expect(told).toMatchObject([{ sessionId: apiToken.apiTokenId, userId: null }]);
    await elsewhere.stop();
  });

  it('is refused where it was being looked up just then', async () => {
    const { token, apiToken } = await create(ann);
    let looks = 0;
    const findByHash: ApiTokenStore['findByHash'] = async (hash) => {
      const found = await world.platform.apiTokens.findByHash(hash);
      if (looks++ === 0) {
        await revoke(ann, apiToken);
        await world.platform.clock.pass(1_000);
      }
      return found;
    };
    const auth = makeAuth(
      { ...world.platform, apiTokens: { ...world.platform.apiTokens, findByHash } },
      noConversations,
    );
    await auth.start();
    expect(await failure((async () => auth.authenticate(token))())).toMatchObject(sessionClosed);
    await auth.stop();
  });

  it('stays on the list for 30 days', async () => {
    const { apiToken } = await create(ann);
    await revoke(ann, apiToken);
    await revoke(ann, apiToken);
    expect(await list(ann)).toMatchObject([{ revokedAt: world.platform.clock.now() }]);
    await world.later(30 * day + 1);
    ann = await world.signIn('ann');
    expect(await list(ann)).toEqual([]);
  });
});

describe('the owner of an API token', () => {
  it('who is disabled is not spoken for from then on, and is again when let in', async () => {
    const { token } = await create(ann);
    await speak(token);
    await world.platform.users.setState(ann?.userId as never, { from: ['active'], state: 'disabled' });
    await world.later(500);
    expect(await failure(speak(token))).toMatchObject(sessionClosed);
    await world.platform.users.setState(ann?.userId as never, { from: ['disabled'], state: 'active' });
    await world.later(500);
    expect(await speak(token)).toMatchObject({ role: 'member' });
  });

  it('whose role changed is spoken for in the new one', async () => {
    const { token } = await create(admin, { scopes: ['manage_users'] });
    expect(await speak(token)).toMatchObject({ role: 'admin' });
    await world.platform.users.setRole(admin?.userId as never, 'guest');
    await world.later(500);
    expect(await speak(token)).toMatchObject({ role: 'guest', scopes: ['manage_users'] });
  });
});

describe('making API tokens', () => {
  it('gives no scope beyond the role of owner or maker', async () => {
    const beyond = { code: 'forbidden', reason: 'scope_above_role' };
    expect(await failure(create(ann, { scopes: ['chat', 'audit'] }))).toMatchObject({
      ...beyond,
      fields: [{ path: 'scopes.1' }],
    });
    expect(await failure(create('local', { user: 'ann', scopes: ['audit'] }))).toMatchObject(beyond);
    await create(admin, { scopes: ['audit', 'audit'] });
    expect(await list(admin)).toMatchObject([{ scopes: ['audit'] }]);
  });

  it('speaks for others only where the host’s owner makes it: who manages people does not write in their names', async () => {
    const owner = await world.register('olga', 'owner');
    const notPermitted = { code: 'forbidden', reason: 'not_permitted' };
    expect(await failure(create(ann, { user: 'adam' }))).toMatchObject(notPermitted);
    expect(await failure(create(admin, { user: 'ann' }))).toMatchObject(notPermitted);
    expect(await failure(create(owner, { user: admin?.userId ?? '' }))).toMatchObject(notPermitted);
    expect((await create('local', { user: 'olga', scopes: ['manage_users'] })).apiToken.userId).toBe(owner.userId);
    expect((await create(ann, { user: 'ann' })).apiToken.userId).toBe(ann?.userId);
    expect(await failure(create('local'))).toMatchObject({ reason: 'needs_a_person' });
    expect(await failure(create('local', { user: 'nobody' }))).toMatchObject({ reason: 'no_such_user' });
  });

  it('for somebody who may not come in is refused', async () => {
    await world.platform.users.setState(ann?.userId as never, { from: ['active'], state: 'disabled' });
    expect(await failure(create('local', { user: 'ann' }))).toMatchObject({ reason: 'account_not_active' });
  });

  it('ends at so many that count', async () => {
    for (let made = 0; made < limits.apiTokens; made++) await create(ann, { expiresInDays: 1 });
    expect(await failure(create(ann))).toMatchObject({ code: 'conflict', reason: 'too_many_tokens' });
    const [first] = await list(ann);
    if (first) await revoke(ann, first);
    await create(ann);
    await world.later(2 * day);
    ann = await world.signIn('ann');
    await create(ann);
  });
});

it('an API token gives nobody a role above member, whatever its owner may: it would be a way around its scopes', async () => {
  const olga = await world.register('olga', 'owner');
  const { token } = await create(olga, { scopes: ['invite', 'manage_invites', 'manage_users'] });
  const bot = as(await speak(token));
  const { handlers } = world.auth;
  const aboveMember = { code: 'forbidden', reason: 'role_above_member' };
  const invite = { maxUses: 1, expiresInHours: 1, note: '', conversationIds: [] };
  const account = { name: 'eve', password: goodPassword, email: null, language: null, bot: false, dryRun: false };
  for (const role of ['owner', 'admin', 'moderator'] as const) {
    const ways = [
      async () => handlers['invite.create']({ ...invite, role }, bot),
      async () => handlers['user.add']({ ...account, role }, bot),
      async () => handlers['user.setRole']({ user: 'ann', role }, bot),
    ];
    for (const way of ways) expect(await failure(way())).toMatchObject(aboveMember);
  }
  await handlers['invite.create']({ ...invite, role: 'member' }, bot);
  await handlers['user.add']({ ...account, role: 'member' }, bot);
  await handlers['user.setRole']({ user: 'ann', role: 'guest' }, bot);
});

describe('listing and revoking API tokens', () => {
  it('is about mine, or for those who manage users about somebody’s and everybody’s', async () => {
    const [mine, theirs] = [(await create(ann)).apiToken, (await create(admin)).apiToken];
    expect(await list(ann)).toEqual([mine]);
    expect(await list(ann, { user: 'ann' })).toEqual([mine]);
    expect(await failure(list(ann, { all: true }))).toMatchObject({ code: 'forbidden' });
    expect(await failure(list(ann, { user: 'adam' }))).toMatchObject({ code: 'forbidden' });
    expect(await list(admin, { user: 'ann' })).toEqual([mine]);
    expect(await list(admin, { all: true })).toEqual([theirs, mine]);
    expect(await list('local')).toEqual([theirs, mine]);
  });

  it('by an API token needs the scope, whatever the role of its owner', async () => {
    await create(ann);
    const { token } = await create(admin, { scopes: ['tokens'] });
    const call = as(await speak(token));
    expect(
      await failure(Promise.resolve(world.auth.handlers['token.list']({ user: 'ann', all: false }, call))),
    ).toMatchObject({
      code: 'forbidden',
    });
  });

  it('hides other people’s tokens, and spares those of higher rank', async () => {
    const owner = await world.register('olga', 'owner');
    const { apiToken } = await create(owner);
    const hidden = { code: 'not_found', reason: 'no_such_token' };
    expect(await failure(revoke(ann, apiToken))).toMatchObject(hidden);
    expect(await failure(revoke(ann, { apiTokenId: world.platform.random.id() as ApiTokenId }))).toMatchObject(hidden);
    expect(await failure(revoke(admin, apiToken))).toMatchObject({ reason: 'rank_above_own' });
    await revoke('local', apiToken);
    const other = await create(ann);
    await revoke(admin, other.apiToken);
    expect(await failure(speak(other.token))).toMatchObject(sessionClosed);
  });

  it('is in the audit log, without the secret', async () => {
    const { token, apiToken } = await create(ann, { name: 'feed' });
    await revoke(admin, apiToken);
    const { events } = await world.auth.handlers['audit.list'](everything, local);
    expect(events.slice(0, 2)).toMatchObject([
      { action: 'token.revoked', actor: { name: 'adam' }, subject: { id: apiToken.apiTokenId } },
      {
        action: 'token.created',
        actor: { name: 'ann' },
        details: { user: 'ann', name: 'feed', scopes: 'chat account' },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain(token.slice(5));
  });
});

it('a node that may not know of revocations lets no API token in', async () => {
  const auth = makeAuth(world.platform, noConversations);
  const { token } = await create(ann);
  expect(await failure((async () => auth.authenticate(token))())).toMatchObject({ code: 'unavailable' });
});

const everything = { before: null, after: null, user: null, action: null, since: null, until: null, limit: 100 };
