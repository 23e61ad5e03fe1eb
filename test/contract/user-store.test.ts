import { expect, it } from 'vitest';
import type { AccountState } from '../../src/protocol/models.ts';
import { plainSettings } from '../../src/protocol/models.ts';
import { addPeople, somebody, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

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

  it('gives an address to one person only, however many ask at once, and tells the name first', async () => {
    const test = await fresh();
    const others = (await test.another()) ?? test.stores;
    const email = 'a@example.org';
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? others : test.stores).users.add(somebody(`user${i}`, { email }))),
    );
    expect(answers.sort()).toEqual(['added', ...Array(7).fill('email_taken')]);
    const holder = await test.stores.users.findByEmail(email);
    expect(holder).toMatchObject({ email });
    expect(await test.stores.users.add(somebody(holder?.name ?? '', { email }))).toBe('name_taken');
    expect(await test.stores.users.findByEmail('b@example.org')).toBeNull();
  });

  it('changes an address unless somebody has it, and takes it away from any number of people', async () => {
    const test = await fresh();
    const others = (await test.another()) ?? test.stores;
    const [ann, ben, cid] = await addPeople(test.stores, 'ann', 'ben', 'cid');
    const answers = await Promise.all([
      test.stores.users.setEmail(ann, 'one@example.org'),
      others.users.setEmail(ben, 'one@example.org'),
      others.users.setEmail(cid, 'one@example.org'),
    ]);
    expect(answers.sort()).toEqual(['set', 'taken', 'taken']);
    for (const userId of [ann, ben, cid]) expect(await test.stores.users.setEmail(userId, null)).toBe('set');
    expect(await test.stores.users.findByEmail('one@example.org')).toBeNull();
    expect(await test.stores.users.setEmail(ben, 'one@example.org')).toBe('set');
    expect(await test.stores.users.setEmail(ben, 'one@example.org')).toBe('set');
    expect(await test.stores.users.findByEmail('one@example.org')).toMatchObject({ userId: ben });
  });

  it('keeps the language that somebody chose, until they choose none', async () => {
    const { users } = (await fresh()).stores;
    const ann = somebody('ann', { language: 'ru' });
    await users.add(ann);
    expect((await users.find(ann.userId))?.language).toBe('ru');
    await users.setLanguage(ann.userId, 'en');
    expect((await users.find(ann.userId))?.language).toBe('en');
    await users.setLanguage(ann.userId, null);
    expect((await users.find(ann.userId))?.language).toBeNull();
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

  it('answers profiles of those with one of the names, whole and as it is stored, and of nobody else', async () => {
    const { users } = (await fresh()).stores;
    for (const name of ['ann', 'anna', 'борис']) await users.add(somebody(name));
    const gone = somebody('gone', { state: 'waiting' });
    await users.add(gone);
    const found = await users.findByNames(['ann', 'борис', 'gone', 'nobody', '', 'ANNA', 'ann%', 'ann']);
    expect(found.map(({ name, gone }) => `${name} ${gone}`).sort()).toEqual(['ann false', 'gone true', 'борис false']);
    expect(await users.findByNames([])).toEqual([]);
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

  it('lists accounts of one state, or all but the deleted', async () => {
    const { stores } = await fresh();
    const { users } = stores;
    const [, ben, cid, dan] = await addPeople(stores, 'ann', 'ben', 'cid', 'dan');
    await users.add(somebody('eve', { state: 'waiting' }));
    await users.setState(ben, { from: ['active'], state: 'disabled' });
    for (const userId of [cid, dan]) {
      await users.setState(userId, { from: ['active'], state: 'deleting', deletesAt: 1 });
      await users.empty(userId);
    }
    const names = async (state: AccountState | null, query = '') =>
      (await users.list({ query, state, after: '', limit: 9 })).map((account) => account.name);
    expect(await names(null)).toEqual(['ann', 'ben', 'eve']);
    expect(await names('active')).toEqual(['ann']);
    expect(await names('waiting')).toEqual(['eve']);
    expect(await names('disabled')).toEqual(['ben']);
    expect(await names('disabled', 'a')).toEqual([]);
    expect(await names('deleting')).toEqual([]);
    expect(await names('deleted')).toEqual(['', '']);
    expect(await users.count()).toBe(3);

    const [first] = await users.list({ query: '', state: 'deleted', after: '', limit: 1 });
    const [second, ...more] = await users.list({ query: '', state: 'deleted', after: first?.userId ?? '', limit: 9 });
    expect(more).toEqual([]);
    expect([first?.userId, second?.userId].sort()).toEqual([cid, dan].sort());
  });

  it('finds only those who are active', async () => {
    const { stores } = await fresh();
    const [, ben] = await addPeople(stores, 'ab1', 'ab2');
    await stores.users.add(somebody('ab3', { state: 'waiting' }));
    await stores.users.setState(ben, { from: ['active'], state: 'disabled' });
    expect((await stores.users.search('ab', 9)).map((profile) => profile.name)).toEqual(['ab1']);
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

  it('remembers when the password was changed, for which a re-hash does not count', async () => {
    const test = await fresh();
    const { users } = test.stores;
    const ann = somebody('ann', { passwordHash: 'old' });
    await users.add(ann);
    const changedAt = async () => (await users.find(ann.userId))?.passwordChangedAt ?? 0;
    const first = await changedAt();
    expect(first).toBeGreaterThan(0);
    await test.pass(2);
    await users.rehash(ann.userId, 'old, better', 'old');
    expect(await changedAt()).toBe(first);
    await users.setPassword(ann.userId, 'new');
    expect(await changedAt()).toBeGreaterThan(first);
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
      settings: plainSettings,
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

  it('names those who were disabled, enabled or deleted since', async () => {
    const { stores, me, friend, member, pass } = await setUp();
    const { users, sessions } = stores;
    const changed = async (since: number) => await users.changedProfiles(me, since, null, 100);
    const step = async (work: () => Promise<unknown>) => {
      await pass(2);
      const since = await sessions.now();
      await work();
      return await changed(since);
    };
    expect(await step(() => users.setState(friend, { from: ['active'], state: 'disabled' }))).toEqual([
      { userId: friend, name: 'friend', displayName: 'friend', gone: true },
    ]);
    expect(await step(() => users.setState(friend, { from: ['disabled'], state: 'active' }))).toMatchObject([
      { userId: friend, gone: false },
    ]);
    await users.setState(member, { from: ['active'], state: 'deleting', deletesAt: 1 });
    expect(await step(() => users.empty(member))).toEqual([{ userId: member, name: '', displayName: '', gone: true }]);
    expect(await step(() => users.setRole(friend, 'guest'))).toEqual([]);
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
    const group = {
      conversationId,
      clientId: someId.client(),
      title: 'T',
      settings: plainSettings,
      ownerId: stranger,
      userIds: [friend],
    };
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
