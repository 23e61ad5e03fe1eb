import { expect, it } from 'vitest';
import type { InviteId } from '../../src/protocol/ids.ts';
import { addPeople, somebody, someId } from '../support/accounts.ts';
import { onEveryDatabase, type TestDatabase } from '../support/databases.ts';

onEveryDatabase('users', (fresh) => {
  it('finds an account by id and by name, and answers null for nobody', async () => {
    const { users, sessions } = (await fresh()).stores;
    const ann = somebody('ann', { displayName: 'Ann Müller', role: 'admin', passwordHash: 'secret' });
    const before = await sessions.now();
    expect(await users.add(ann)).toBe('added');
    const found = await users.find(ann.userId);
    expect(found).toEqual({
      userId: ann.userId,
      name: 'ann',
      displayName: 'Ann Müller',
      role: 'admin',
      gone: false,
      state: 'active',
      email: null,
      language: null,
      passwordHash: 'secret',
      passwordChangedAt: expect.any(Number),
      createdAt: expect.any(Number),
      lastSeenAt: null,
      deletesAt: null,
    });
    expect(found?.createdAt).toBeGreaterThanOrEqual(before);
    expect(await users.findByName('ann')).toEqual(found);
    expect(await users.find(someId.user())).toBeNull();
    expect(await users.findByName('nobody')).toBeNull();
    expect(await users.count()).toBe(1);
  });

  it('gives a name to one person only, however many ask at once', async () => {
    const test = await fresh();
    const others = (await test.another()) ?? test.stores;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? others : test.stores).users.add(somebody('ann'))),
    );
    expect(answers.sort()).toEqual(['added', ...Array(7).fill('name_taken')]);
    expect(await test.stores.users.count()).toBe(1);
  });

  it('keeps text of every script as it is', async () => {
    const { users } = (await fresh()).stores;
    const user = somebody('имя.名前', { displayName: 'أهلا 👩‍👩‍👧‍👦 é "quoted" \\ \' $1 ?' });
    await users.add(user);
    expect(await users.findByName('имя.名前')).toMatchObject({ displayName: user.displayName });
  });

  it('answers profiles of those asked for, and of nobody else', async () => {
    const { stores } = await fresh();
    const [ann, ben] = await addPeople(stores, 'ann', 'ben', 'cid');
    const profiles = await stores.users.profiles([ben, ann, ann, someId.user()]);
    expect(profiles.map((profile) => profile.name).sort()).toEqual(['ann', 'ben']);
    expect(Object.keys(profiles[0] ?? {}).sort()).toEqual(['displayName', 'gone', 'name', 'userId']);
    expect(await stores.users.profiles([])).toEqual([]);
  });

  it('finds people by the beginning of any word of their names, whatever the case', async () => {
    const { users } = (await fresh()).stores;
    await users.add(somebody('john.smith', { displayName: 'Johnny Appleseed' }));
    await users.add(somebody('ivan', { displayName: 'ИВАН Петров' }));
    await users.add(somebody('mia', { displayName: "Mia O'Brien-Über" }));
    await users.add(somebody('p_100', { displayName: '100% Pure' }));
    const names = async (query: string) => (await users.search(query, 10)).map((profile) => profile.name);
    expect(await names('SMI')).toEqual(['john.smith']);
    expect(await names('apple')).toEqual(['john.smith']);
    expect(await names('john smith')).toEqual(['john.smith']);
    expect(await names('john.sm')).toEqual(['john.smith']);
    expect(await names('пет')).toEqual(['ivan']);
    expect(await names('ü')).toEqual(['mia']);
    expect(await names("o'br")).toEqual(['mia']);
    expect(await names('100')).toEqual(['p_100']);
    expect(await names('mith')).toEqual([]);
    expect(await names('%')).toEqual([]);
    expect(await names('_')).toEqual([]);
    expect(await names('')).toEqual([]);
  });

  it('answers a search by name and at most as many as asked for', async () => {
    const { stores } = await fresh();
    await addPeople(stores, 'ab3', 'ab1', 'ab2', 'zz');
    expect((await stores.users.search('ab', 2)).map((profile) => profile.name)).toEqual(['ab1', 'ab2']);
  });

  it('finds somebody under a new display name and no longer under the old one', async () => {
    const { users } = (await fresh()).stores;
    const ann = somebody('ann', { displayName: 'Young' });
    await users.add(ann);
    await users.setDisplayName(ann.userId, 'Grown');
    expect(await users.search('young', 5)).toEqual([]);
    expect(await users.search('grown', 5)).toMatchObject([{ name: 'ann', displayName: 'Grown' }]);
    expect(await users.search('ann', 5)).toHaveLength(1);
    await users.setDisplayName(someId.user(), 'Nobody');
  });

  it('lists accounts in pages, in the same order on every database', async () => {
    const { stores } = await fresh();
    await addPeople(stores, 'b', 'ä', 'a.b', 'a-c', 'a_d', 'ж', 'a');
    const first = await stores.users.list({ query: '', state: null, after: '', limit: 4 });
    const second = await stores.users.list({ query: '', state: null, after: first.at(-1)?.name ?? '', limit: 4 });
    expect([...first, ...second].map((account) => account.name)).toEqual(['a', 'a-c', 'a.b', 'a_d', 'b', 'ä', 'ж']);
    expect(Object.keys(first[0] ?? {})).not.toContain('passwordHash');
    expect(
      (await stores.users.list({ query: 'a', state: null, after: 'a', limit: 9 })).map((account) => account.name),
    ).toEqual(['a-c', 'a.b', 'a_d']);
  });

  it('does not let a re-hash undo a change of password', async () => {
    const { users } = (await fresh()).stores;
    const ann = somebody('ann', { passwordHash: 'old' });
    await users.add(ann);
    const hash = async () => (await users.find(ann.userId))?.passwordHash;
    await users.setPassword(ann.userId, 'new');
    await users.rehash(ann.userId, 'old, better', 'old');
    expect(await hash()).toBe('new');
    await users.rehash(ann.userId, 'new, better', 'new');
    expect(await hash()).toBe('new, better');
  });

  it('never takes back when somebody was last seen', async () => {
    const { users } = (await fresh()).stores;
    const ann = somebody('ann');
    await users.add(ann);
    await users.seen(ann.userId, 2_000);
    await users.seen(ann.userId, 1_000);
    expect((await users.find(ann.userId))?.lastSeenAt).toBe(2_000);
  });
});

onEveryDatabase('changed profiles', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [me, friend, member, stranger] = await addPeople(test.stores, 'me', 'friend', 'member', 'stranger');
    await test.stores.conversations.openDirect(someId.conversation(), me, friend);
    await test.stores.conversations.create({
      conversationId: someId.conversation(),
      clientId: someId.client(),
      title: 'Group',
      ownerId: member,
      userIds: [me],
    });
    await test.stores.conversations.openDirect(someId.conversation(), stranger, friend);
    await test.pass(2);
    const names = async (since: number) =>
      (await test.stores.users.changedProfiles(me, since, null, 100)).map((profile) => profile.name).sort();
    return { ...test, me, friend, member, stranger, names };
  }

  it('names me and everybody I share a conversation with, and no strangers', async () => {
    const { names } = await setUp();
    expect(await names(0)).toEqual(['friend', 'me', 'member']);
  });

  it('names those whose profile changed since, and nobody for being seen', async () => {
    const { stores, friend, member, stranger, me, names } = await setUp();
    const since = await stores.sessions.now();
    expect(await names(since)).toEqual([]);
    await stores.users.seen(member, since + 5);
    await stores.users.setPassword(me, 'other');
    expect(await names(since)).toEqual([]);
    await stores.users.setDisplayName(friend, 'Best friend');
    await stores.users.setDisplayName(stranger, 'Strange');
    expect(await names(since)).toEqual(['friend']);
  });

  it('names those I began to share a conversation with since, though their profile did not change', async () => {
    const { stores, stranger, me, names } = await setUp();
    const since = await stores.sessions.now();
    await stores.conversations.openDirect(someId.conversation(), stranger, me);
    expect(await names(since)).toEqual(['me', 'stranger']);
  });

  it('names everybody of a group that I joined since', async () => {
    const { stores, stranger, friend, me, names } = await setUp();
    const conversationId = someId.conversation();
    const group = { conversationId, clientId: someId.client(), title: 'T', ownerId: stranger, userIds: [friend] };
    await stores.conversations.create(group);
    const since = await stores.sessions.now();
    const owed = { clientId: someId.client(), senderId: stranger };
    await stores.conversations.change(conversationId, 1, { type: 'add', userIds: [me] }, owed);
    expect(await names(since)).toEqual(['friend', 'me', 'stranger']);
  });

  it('comes in pages', async () => {
    const { stores, me } = await setUp();
    const first = await stores.users.changedProfiles(me, 0, null, 2);
    const second = await stores.users.changedProfiles(me, 0, first[1]?.userId ?? null, 2);
    expect([...first, ...second].map((profile) => profile.name).sort()).toEqual(['friend', 'me', 'member']);
    expect(second).toHaveLength(1);
  });
});

onEveryDatabase('invites', (fresh) => {
  const invite = (more: { maxUses?: number | null; expiresAt?: number | null; tokenHash?: string } = {}) => ({
    inviteId: someId.invite(),
    tokenHash: 'hash',
    role: 'member' as const,
    createdBy: null,
    maxUses: 1 as number | null,
    expiresAt: null as number | null,
    note: 'for Ben',
    conversationIds: [],
    ...more,
  });
  const join = ({ stores }: Pick<TestDatabase, 'stores'>, name: string, inviteHash = 'hash') =>
    stores.users.add(somebody(name), { inviteHash });

  it('are found by id and by hash, and otherwise null', async () => {
    const { invites } = (await fresh()).stores;
    const made = await invites.add(invite({ expiresAt: 9_999_999_999_999 }));
    expect(made).toMatchObject({
      role: 'member',
      maxUses: 1,
      uses: 0,
      revokedAt: null,
      note: 'for Ben',
      createdBy: null,
    });
    expect(await invites.find(made.inviteId)).toEqual(made);
    expect(await invites.findByHash('hash')).toEqual(made);
    expect(await invites.find(someId.invite())).toBeNull();
    expect(await invites.findByHash('other')).toBeNull();
  });

  it('let exactly one of two people in with the last use', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    await test.stores.invites.add(invite());
    const answers = await Promise.all([
      join(test, 'ann'),
      join({ stores: another }, 'ben'),
      join(test, 'cid'),
      join({ stores: another }, 'dan'),
    ]);
    expect(answers.sort()).toEqual(['added', 'invite_spent', 'invite_spent', 'invite_spent']);
    expect(await test.stores.users.count()).toBe(1);
    expect((await test.stores.invites.findByHash('hash'))?.uses).toBe(1);
  });

  it('are not used up by somebody whose name is taken', async () => {
    const test = await fresh();
    await addPeople(test.stores, 'ann');
    await test.stores.invites.add(invite());
    expect(await join(test, 'ann')).toBe('name_taken');
    expect((await test.stores.invites.findByHash('hash'))?.uses).toBe(0);
    expect(await join(test, 'ben')).toBe('added');
  });

  it('tell nobody without a use which names are taken', async () => {
    const test = await fresh();
    await addPeople(test.stores, 'ann');
    expect(await join(test, 'ann', 'unknown')).toBe('invite_spent');
  });

  it('let nobody in once they expired or were revoked, by the store’s clock', async () => {
    const test = await fresh();
    const { invites, sessions } = test.stores;
    const soon = (await sessions.now()) + 5;
    await invites.add(invite({ expiresAt: soon }));
    const revoked = await invites.add(invite({ tokenHash: 'revoked', maxUses: null }));
    expect(await join(test, 'ann', 'revoked')).toBe('added');
    await invites.revoke(revoked.inviteId);
    await test.pass(6);
    expect(await join(test, 'ben')).toBe('invite_spent');
    expect(await join(test, 'ben', 'revoked')).toBe('invite_spent');
  });

  it('keep the time they were first revoked at', async () => {
    const test = await fresh();
    const { inviteId } = await test.stores.invites.add(invite());
    await test.stores.invites.revoke(inviteId);
    const first = await test.stores.invites.find(inviteId);
    await test.pass(3);
    await test.stores.invites.revoke(inviteId);
    expect(first?.revokedAt).not.toBeNull();
    expect(await test.stores.invites.find(inviteId)).toEqual(first);
  });

  it('without a limit let everybody in', async () => {
    const test = await fresh();
    await test.stores.invites.add(invite({ maxUses: null }));
    expect(await Promise.all([join(test, 'ann'), join(test, 'ben'), join(test, 'cid')])).toEqual(
      Array(3).fill('added'),
    );
    expect((await test.stores.invites.findByHash('hash'))?.uses).toBe(3);
  });

  it('are listed newest first, one person’s or everybody’s, spent ones only when asked for', async () => {
    const test = await fresh();
    const { invites, sessions } = test.stores;
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const made: Record<string, InviteId> = {};
    const add = async (name: string, more: Parameters<typeof invite>[0] & { createdBy?: typeof ann }) => {
      made[name] = (await invites.add({ ...invite({ tokenHash: name }), ...more })).inviteId;
      await test.pass(2);
    };
    await add('open', { createdBy: ann });
    await add('used', { createdBy: ann });
    await add('revoked', { createdBy: ben });
    await add('expired', { createdBy: ben, expiresAt: await sessions.now() });
    await add('other', { createdBy: ben, maxUses: null });
    await join(test, 'new', 'used');
    await invites.revoke(made.revoked as InviteId);
    const ids = async (ask: Parameters<typeof invites.list>[0]) => (await invites.list(ask)).map((one) => one.inviteId);
    expect(await ids({ createdBy: null, spent: false })).toEqual([made.other, made.open]);
    expect(await ids({ createdBy: null, spent: true })).toEqual([
      made.other,
      made.expired,
      made.revoked,
      made.used,
      made.open,
    ]);
    expect(await ids({ createdBy: ann, spent: true })).toEqual([made.used, made.open]);
  });
});
