import { expect, it } from 'vitest';
import type { UserId } from '../../src/protocol/ids.ts';
import type { AccountState } from '../../src/protocol/models.ts';
import type { Role } from '../../src/protocol/roles.ts';
import { somebody, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('an account', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const others = (await test.another()) ?? test.stores;
    const { users, sessions } = test.stores;
    const add = async (name: string, role: Role = 'member') => {
      const user = somebody(name, { role });
      await users.add(user);
      return user.userId;
    };
    const open = (userId: UserId) =>
      sessions.open({ sessionId: someId.session(), userId, device: 'Phone', address: '::1', most: 9 });
    const disable = (userId: UserId) => users.setState(userId, { from: ['active'], state: 'disabled' });
    const find = async (userId: UserId) => await users.find(userId);
    return { ...test, others, users, sessions, add, open, disable, find };
  }

  it('moves only from the states named, and says so', async () => {
    const { users, add, find } = await setUp();
    const ann = await add('ann');
    const waiting = somebody('ben', { state: 'waiting' });
    await users.add(waiting);
    expect(await users.setState(ann, { from: ['waiting'], state: 'active' })).toBe('unchanged');
    expect(await users.setState(waiting.userId, { from: ['waiting'], state: 'active' })).toBe('set');
    expect(await find(waiting.userId)).toMatchObject({ state: 'active', gone: false });
    expect(await users.setState(someId.user(), { from: ['active'], state: 'disabled' })).toBe('unchanged');
    expect(await users.setState(ann, { from: ['active'], state: 'deleting', deletesAt: 5_000 })).toBe('set');
    expect(await find(ann)).toMatchObject({ state: 'deleting', gone: true, deletesAt: 5_000 });
    expect(await users.setState(ann, { from: ['disabled', 'deleting'], state: 'active' })).toBe('set');
    expect(await find(ann)).toMatchObject({ state: 'active', deletesAt: null });
  });

  it('that leaves active has no session any more, and a revocation of each and of the person', async () => {
    const { sessions, add, open, disable, find } = await setUp();
    const [ann, ben] = [await add('ann'), await add('ben')];
    const mine = await open(ann);
    const other = await open(ann);
    await open(ben);
    const before = await sessions.now();
    expect(await disable(ann)).toBe('set');
    expect(await disable(ann)).toBe('unchanged');
    expect(await sessions.list(ann)).toEqual([]);
    expect(await sessions.find(mine.sessionId)).toMatchObject({ closedBecause: 'disabled' });
    expect(await sessions.list(ben)).toHaveLength(1);
    const revoked = { at: expect.any(Number), reason: 'disabled' };
    const revocations = await sessions.revocations(before);
    expect(revocations).toHaveLength(3);
    expect(revocations).toContainEqual({ ...revoked, sessionId: null, userId: ann });
    for (const { sessionId } of [mine, other]) {
      expect(revocations).toContainEqual({ ...revoked, sessionId, userId: null });
    }
    expect(await find(ann)).toMatchObject({ state: 'disabled', gone: true });
  });

  it('that is enabled again leaves no revocation', async () => {
    const { users, sessions, add, disable } = await setUp();
    const ann = await add('ann');
    await disable(ann);
    await users.setState(ann, { from: ['disabled'], state: 'active' });
    expect(await sessions.revocations(0)).toHaveLength(1);
  });

  it('with another role leaves a revocation; with the same one it leaves none', async () => {
    const { users, sessions, add, find } = await setUp();
    const ann = await add('ann');
    expect(await users.setRole(ann, 'member')).toBe('set');
    expect(await sessions.revocations(0)).toEqual([]);
    expect(await users.setRole(ann, 'admin')).toBe('set');
    expect((await find(ann))?.role).toBe('admin');
    expect(await sessions.revocations(0)).toMatchObject([{ userId: ann, sessionId: null }]);
    expect(await users.setRole(someId.user(), 'admin')).toBe('not_found');
  });

  it('of the last active owner stays active and owner', async () => {
    const { users, add, disable, find } = await setUp();
    const [ann, ben] = [await add('ann', 'owner'), await add('ben', 'owner')];
    await disable(ben);
    expect(await users.setRole(ann, 'admin')).toBe('last_owner');
    expect(await users.setRole(ann, 'owner')).toBe('set');
    for (const state of ['disabled', 'deleting'] as const)
      expect(await users.setState(ann, { from: ['active'], state })).toBe('last_owner');
    expect(await find(ann)).toMatchObject({ role: 'owner', state: 'active' });
    // A disabled owner is none of those who count.
    expect(await users.setRole(ben, 'member')).toBe('set');
    await users.setRole(ben, 'owner');
    await users.setState(ben, { from: ['disabled'], state: 'active' });
    expect(await users.setRole(ann, 'member')).toBe('set');
    expect(await disable(ben)).toBe('last_owner');
  });

  it('of one of two owners who take each other’s rank at once stays owner', async () => {
    const { users, others, add, find } = await setUp();
    const owners = [await add('ann', 'owner'), await add('ben', 'owner')] as const;
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all([
        users.setRole(owners[0], 'member'),
        others.users.setRole(owners[1], 'member'),
      ]);
      expect([...answers].sort()).toEqual(['last_owner', 'set']);
      const left = await Promise.all(owners.map(find));
      expect(left.filter((user) => user?.role === 'owner')).toHaveLength(1);
      for (const userId of owners) await users.setRole(userId, 'owner');
    }
  });

  it('of one of three owners stays, whoever disables, deletes and demotes whom at once', async () => {
    const { users, others, add, find } = await setUp();
    const owners = [await add('ann', 'owner'), await add('ben', 'owner'), await add('cid', 'owner')] as const;
    const answers = await Promise.all([
      users.setRole(owners[0], 'admin'),
      others.users.setState(owners[1], { from: ['active'], state: 'disabled' }),
      users.setState(owners[2], { from: ['active'], state: 'deleting', deletesAt: 1 }),
      others.users.setState(owners[0], { from: ['active'], state: 'disabled' }),
    ]);
    expect(answers).toContain('last_owner');
    const left = await Promise.all(owners.map(find));
    expect(left.filter((user) => user?.role === 'owner' && user.state === 'active')).toHaveLength(1);
  });
});

const personal = [
  'sessions',
  'devices',
  'authenticators',
  'recovery_codes',
  'passkeys',
  'tickets',
  'api_tokens',
] as const;

onEveryDatabase('a deleted account', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const { users, sessions, devices, secondFactors, passkeys, apiTokens, tickets } = test.stores;
    const ann = somebody('ann', {
      displayName: 'Ann Müller',
      email: 'ann@example.org',
      language: 'ru',
      passwordHash: 'secret',
    });
    const { userId } = ann;
    await users.add(ann);
    await users.seen(userId, 5_000);
    await sessions.open({ sessionId: someId.session(), userId, device: 'Phone', address: '::1', most: 9 });
    await devices.signedIn(userId, 'device', 1_000_000);
    await secondFactors.beginTotp(userId, 'sealed');
    await secondFactors.confirmTotp(userId, 'sealed', 1);
    await secondFactors.setRecoveryCodes(userId, ['a', 'b']);
    const passkey = {
      passkeyId: someId.passkey(),
      userId,
      credentialId: 'credential',
      publicKey: 'key',
      signCount: 0,
      transports: [],
      name: 'Key',
      host: 'localhost',
    };
    await passkeys.add(passkey, 9);
    const token = { apiTokenId: someId.apiToken(), userId, tokenHash: 'token', name: 'bot', scopes: [], lifeMs: null };
    await apiTokens.add(token, 9);
    const purpose = 'password_reset' as const;
    const ticket = { hash: 'ticket', purpose, userId, data: {}, lifeMs: 1_000_000, alone: false };
    await tickets.add(ticket);
    const personalRows = async () => {
      const found = await Promise.all(
        personal.map((table) => test.database.query.selectFrom(table).selectAll().execute()),
      );
      return found.flat();
    };
    const remove = async () => {
      await users.setState(userId, { from: ['active'], state: 'deleting', deletesAt: 1 });
      return await users.empty(userId);
    };
    return { ...test, userId, passkey, token, ticket, remove, personalRows };
  }

  it('is emptied only while it is being deleted, and twice does no harm', async () => {
    const { stores, userId, remove } = await setUp();
    const { users } = stores;
    for (const state of ['active', 'disabled'] as const) {
      await users.setState(userId, { from: ['active', 'disabled'], state });
      expect(await users.empty(userId)).toBe(false);
    }
    expect(await users.find(userId)).toMatchObject({ name: 'ann', email: 'ann@example.org' });
    await users.setState(userId, { from: ['disabled'], state: 'active' });
    expect(await remove()).toBe(true);
    const emptied = await users.find(userId);
    expect(await users.empty(userId)).toBe(true);
    expect(await users.find(userId)).toEqual(emptied);
    expect(await users.empty(someId.user())).toBe(false);
  });

  it('has nothing personal left', async () => {
    const { stores, userId, remove, personalRows, database } = await setUp();
    expect(await personalRows()).toHaveLength(8);
    await remove();
    expect(await stores.users.find(userId)).toEqual({
      userId,
      name: '',
      displayName: '',
      gone: true,
      role: 'member',
      state: 'deleted',
      email: null,
      language: null,
      passwordHash: '',
      passwordChangedAt: expect.any(Number),
      createdAt: expect.any(Number),
      lastSeenAt: null,
      deletesAt: null,
    });
    expect(await stores.users.profiles([userId])).toEqual([{ userId, name: '', displayName: '', gone: true }]);
    for (const query of ['ann', 'müller', 'deleted', userId]) {
      expect(await stores.users.search(query, 9)).toEqual([]);
      expect(await stores.users.list({ query, state: 'deleted', after: '', limit: 9 })).toEqual([]);
    }
    expect(await stores.users.findByEmail('ann@example.org')).toBeNull();
    expect(await personalRows()).toEqual([]);
    const row = await database.query.selectFrom('users').selectAll().executeTakeFirstOrThrow();
    expect(JSON.stringify(row).toLowerCase()).not.toMatch(/ann|müller|example|secret/);
  });

  it('leaves its name and address to others, and is found by no name', async () => {
    const { stores, userId, remove, database } = await setUp();
    await remove();
    const { name } = await database.query.selectFrom('users').select('name').executeTakeFirstOrThrow();
    for (const asked of ['ann', '', name]) expect(await stores.users.findByName(asked)).toBeNull();
    expect(await stores.users.add(somebody('ann', { email: 'ann@example.org' }))).toBe('added');
    expect(await stores.users.findByName('ann')).not.toMatchObject({ userId });
  });

  it('stays empty, whatever comes late', async () => {
    const { stores, userId, remove } = await setUp();
    const { users, sessions } = stores;
    await remove();
    const emptied = await users.find(userId);
    await users.setDisplayName(userId, 'Ann');
    await users.setEmail(userId, 'ann@example.org');
    await users.setLanguage(userId, 'en');
    await users.setPassword(userId, 'other');
    await users.rehash(userId, 'other', '');
    await users.seen(userId, 9_000);
    expect(await users.setRole(userId, 'owner')).toBe('not_found');
    const all: readonly AccountState[] = ['active', 'waiting', 'disabled', 'deleting', 'deleted'];
    expect(await users.setState(userId, { from: all, state: 'active' })).toBe('unchanged');
    const session = { sessionId: someId.session(), userId, device: '', address: '', most: 9 };
    await expect(sessions.open(session)).rejects.toMatchObject({ reason: 'account_disabled' });
    expect(await users.find(userId)).toEqual(emptied);
    expect(await users.search('ann', 9)).toEqual([]);
  });

  it('is given nothing any more', async () => {
    const { stores, userId, passkey, token, ticket, remove, personalRows } = await setUp();
    await remove();
    const late = [
      () => stores.passkeys.add(passkey, 9),
      () => stores.apiTokens.add(token, 9),
      () => stores.tickets.add(ticket),
      () => stores.devices.signedIn(userId, 'device', null),
      () => stores.secondFactors.beginTotp(userId, 'sealed'),
      () => stores.secondFactors.setRecoveryCodes(userId, ['a']),
    ];
    for (const add of late)
      await expect(add()).rejects.toMatchObject({ code: 'forbidden', reason: 'account_disabled' });
    expect(await personalRows()).toEqual([]);
  });

  it('is either emptied or enabled, when both are asked for at once', async () => {
    const { stores, another, userId } = await setUp();
    const { users } = stores;
    const others = (await another()) ?? stores;
    await users.setState(userId, { from: ['active'], state: 'deleting', deletesAt: 1 });
    const [emptied, enabled, renamed] = await Promise.all([
      users.empty(userId),
      others.users.setState(userId, { from: ['deleting'], state: 'active' }),
      others.users.setDisplayName(userId, 'Renamed'),
    ]);
    expect(renamed).toBeUndefined();
    expect(emptied).toBe(enabled === 'unchanged');
    const found = await users.find(userId);
    expect(found?.displayName).toBe(emptied ? '' : 'Renamed');
    expect(found?.state).toBe(emptied ? 'deleted' : 'active');
    expect(await users.search('renamed', 9)).toHaveLength(emptied ? 0 : 1);
  });

  it('has an empty name among the members of its conversations', async () => {
    const { stores, userId, remove } = await setUp();
    const ben = somebody('ben');
    await stores.users.add(ben);
    const conversationId = someId.conversation();
    await stores.conversations.openDirect(conversationId, userId, ben.userId);
    await remove();
    expect(await stores.conversations.members(conversationId, '', 9)).toMatchObject([
      { userId, name: '', displayName: '', gone: true },
      { userId: ben.userId, name: 'ben', gone: false },
    ]);
  });
});
