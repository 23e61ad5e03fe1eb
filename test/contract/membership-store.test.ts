import { expect, it } from 'vitest';
import type { Change } from '../../src/ports/conversation-store.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import { type GroupSettings, plainSettings } from '../../src/protocol/models.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('changes of a group', (fresh) => {
  /** Ann owns it, Ben is in, both read from 1; Cid and Dan are not in. */
  async function setUp() {
    const test = await fresh();
    const { conversations } = test.stores;
    const [ann, ben, cid, dan] = await addPeople(test.stores, 'ann', 'ben', 'cid', 'dan');
    const conversationId = someId.conversation();
    await conversations.create({
      conversationId,
      clientId: someId.client(),
      title: 'Old',
      settings: plainSettings,
      ownerId: ann,
      userIds: [ben],
    });
    await conversations.settle(conversationId, 1, 1);
    await test.pass(2);

    const change = (version: number, what: Change, store = conversations) =>
      store.change(conversationId, version, what, { clientId: someId.client(), senderId: ann });
    const row = async (userId: UserId) => conversations.row(conversationId, userId);
    const spans = async (userId: UserId) => (await row(userId))?.spans;
    const conversation = async () => conversations.find(conversationId);
    const settle = (version: number, seq: number) => conversations.settle(conversationId, version, seq);
    return { ...test, conversations, conversationId, ann, ben, cid, dan, change, row, spans, conversation, settle };
  }

  it('are made at the version they were judged by only: of several at once exactly one is', async () => {
    const test = await setUp();
    const others = (await test.another())?.conversations ?? test.conversations;
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        test.change(1, { type: 'title', title: `Title ${i}` }, i % 2 ? others : test.conversations),
      ),
    );
    const made = answers.filter((answer) => answer !== null);
    expect(made).toHaveLength(1);
    const title = made[0]?.entry.kind === 'title' ? made[0].entry.body.title : '';
    expect(await test.conversation()).toMatchObject({ version: 2, title });
    expect(await test.conversations.owed(test.conversationId)).toEqual(made);
    expect(await test.change(1, { type: 'title', title: 'late' })).toBeNull();
    expect(await test.change(3, { type: 'title', title: 'early' })).toBeNull();
  });

  it('all get in when each is judged again until it does', async () => {
    const test = await setUp();
    const stores = [test.conversations, (await test.another())?.conversations ?? test.conversations];
    const insist = async (title: string, store = test.conversations) => {
      for (;;) {
        const version = (await store.find(test.conversationId))?.version ?? 0;
        if (await test.change(version, { type: 'title', title }, store)) return;
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, i) => insist(`T${i}`, stores[i % 2])));
    const owed = await test.conversations.owed(test.conversationId);
    expect(owed.map((entry) => entry.version)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect((await test.conversation())?.version).toBe(11);
  });

  it('`add` lets people in at once, who read from the entry that says so once it is settled', async () => {
    const { change, row, spans, conversation, settle, conversations, conversationId, ann, cid, dan } = await setUp();
    const owed = await change(1, { type: 'add', userIds: [dan, cid, dan] });
    expect(owed).toMatchObject({ version: 2, senderId: ann, entry: { kind: 'joined', body: { userIds: [dan, cid] } } });
    expect(await row(cid)).toMatchObject({ member: true, role: 'member', spans: [], deliveredSeq: 0, readSeq: 0 });
    expect((await conversation())?.memberCount).toBe(4);
    expect(await conversations.owed(conversationId)).toEqual([owed]);
    await settle(2, 8);
    expect(await spans(cid)).toEqual([{ from: 8, to: null }]);
    expect(await spans(dan)).toEqual([{ from: 8, to: null }]);
    expect(await spans(ann)).toEqual([{ from: 1, to: null }]);
  });

  it('`add` changes nothing for those who are in', async () => {
    const { change, row, conversation, settle, ben, cid } = await setUp();
    const before = await row(ben);
    await change(1, { type: 'role', userId: ben, role: 'admin' });
    const owed = await change(2, { type: 'add', userIds: [ben, cid] });
    expect(owed?.entry).toEqual({ kind: 'joined', body: { userIds: [cid] } });
    await settle(2, 2);
    await settle(3, 3);
    expect(await row(ben)).toMatchObject({ role: 'admin', spans: before?.spans });
    expect((await conversation())?.memberCount).toBe(3);
  });

  it('`remove` puts somebody out at once, who reads up to the entry that says so', async () => {
    const { change, row, spans, conversation, settle, ben } = await setUp();
    const owed = await change(1, { type: 'remove', userId: ben });
    expect(owed?.entry).toEqual({ kind: 'removed', body: { userId: ben } });
    expect(await row(ben)).toMatchObject({ member: false, role: 'member', spans: [{ from: 1, to: null }] });
    expect((await conversation())?.memberCount).toBe(1);
    await settle(2, 9);
    await settle(2, 9);
    expect(await spans(ben)).toEqual([{ from: 1, to: 9 }]);
  });

  it('`remove` of who is not in changes nothing for them, nor the number of members', async () => {
    const { change, row, conversation, ben, cid } = await setUp();
    await change(1, { type: 'remove', userId: cid });
    expect(await row(cid)).toBeNull();
    await change(2, { type: 'remove', userId: ben });
    await change(3, { type: 'remove', userId: ben });
    expect(await conversation()).toMatchObject({ memberCount: 1, version: 4 });
  });

  it('`leave` names the heir, who owns the group then', async () => {
    const { change, row, conversation, ann, ben } = await setUp();
    const owed = await change(1, { type: 'leave', userId: ann, heir: ben });
    expect(owed?.entry).toEqual({ kind: 'left', body: { userId: ann, heir: ben } });
    expect(await row(ann)).toMatchObject({ member: false, role: 'member' });
    expect(await row(ben)).toMatchObject({ member: true, role: 'owner' });
    await change(2, { type: 'leave', userId: ben, heir: null });
    expect((await conversation())?.memberCount).toBe(0);
  });

  it('`role` gives a group one owner: the former one becomes an admin', async () => {
    const { change, row, ann, ben } = await setUp();
    const owed = await change(1, { type: 'role', userId: ben, role: 'admin' });
    expect(owed?.entry).toEqual({ kind: 'role', body: { userId: ben, role: 'admin' } });
    expect((await row(ann))?.role).toBe('owner');
    await change(2, { type: 'role', userId: ben, role: 'owner' });
    expect((await row(ann))?.role).toBe('admin');
    expect((await row(ben))?.role).toBe('owner');
  });

  it('`title` renames it', async () => {
    const { change, conversation } = await setUp();
    const owed = await change(1, { type: 'title', title: 'Neu 👋' });
    expect(owed?.entry).toEqual({ kind: 'title', body: { title: 'Neu 👋' } });
    expect(await conversation()).toMatchObject({ title: 'Neu 👋', version: 2 });
  });

  it('`settings` replaces them, and the entry carries the whole', async () => {
    const { change, conversation } = await setUp();
    const settings = { ...plainSettings, description: 'Bring cake', showsPast: true, posting: 'admins' } as const;
    const owed = await change(1, { type: 'settings', settings });
    expect(owed).toMatchObject({ target: null, entry: { kind: 'settings', body: settings } });
    expect(await conversation()).toMatchObject({ settings, version: 2, title: 'Old' });
  });

  it('`pin` keeps the last pinned first, each once, and the entry targets the message', async () => {
    const { change, conversation, conversations, conversationId } = await setUp();
    const pin = (version: number, seq: number, on = true) => change(version, { type: 'pin', seq, on });
    const owed = await pin(1, 3);
    expect(owed).toMatchObject({ target: 3, entry: { kind: 'pin', body: { on: true } } });
    await pin(2, 5);
    await pin(3, 4);
    expect(await conversation()).toMatchObject({ pins: [4, 5, 3], version: 4 });
    await pin(4, 3);
    expect((await conversation())?.pins).toEqual([3, 4, 5]);
    expect(await pin(5, 4, false)).toMatchObject({ target: 4, entry: { body: { on: false } } });
    await pin(6, 9, false);
    expect((await conversation())?.pins).toEqual([3, 5]);
    const all = await conversations.owed(conversationId);
    expect(all.map(({ target }) => target)).toEqual([3, 5, 4, 3, 4, 9]);
  });

  it('a pin of what was removed goes without an entry, and stamps everybody once', async () => {
    const { stores, change, conversation, conversations, conversationId, pass } = await setUp();
    await change(1, { type: 'pin', seq: 3, on: true });
    await change(2, { type: 'pin', seq: 4, on: true });
    await pass(2);
    const stamped = async (since: number) =>
      ((await conversations.load(conversationId))?.members ?? []).filter((row) => row.changedAt >= since).length;
    const since = await stores.sessions.now();
    await conversations.unpin(conversationId, 5);
    await conversations.unpin(someId.conversation(), 3);
    expect(await stamped(since)).toBe(0);
    await conversations.unpin(conversationId, 3);
    expect(await stamped(since)).toBe(2);
    expect(await conversation()).toMatchObject({ pins: [4], version: 3 });
    expect(await conversations.owed(conversationId)).toHaveLength(2);
  });

  it('pins made and taken down at once by several nodes are all counted', async () => {
    const test = await setUp();
    const others = (await test.another())?.conversations ?? test.conversations;
    await test.change(1, { type: 'pin', seq: 99, on: true });
    const insist = async (seq: number, store: typeof others) => {
      for (;;) {
        const version = (await store.find(test.conversationId))?.version ?? 0;
        if (await test.change(version, { type: 'pin', seq, on: true }, store)) return;
      }
    };
    await Promise.all([
      ...[1, 2, 3, 4, 5, 6].map((seq) => insist(seq, seq % 2 ? others : test.conversations)),
      others.unpin(test.conversationId, 99),
      test.conversations.unpin(test.conversationId, 99),
    ]);
    expect([...((await test.conversation())?.pins ?? [])].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  const showing: GroupSettings = { ...plainSettings, showsPast: true };

  it('let those who join read from 1 where the settings show the past', async () => {
    const { change, row, settle, cid, dan } = await setUp();
    await change(1, { type: 'add', userIds: [cid] });
    await settle(2, 2);
    await change(2, { type: 'settings', settings: showing });
    await settle(3, 3);
    await change(3, { type: 'add', userIds: [dan] });
    expect(await row(dan)).toMatchObject({ spans: [], joinedSeq: 0 });
    await settle(4, 7);
    await settle(4, 7);
    expect(await row(cid)).toMatchObject({ spans: [{ from: 2, to: null }], joinedSeq: 2 });
    expect(await row(dan)).toMatchObject({ spans: [{ from: 1, to: null }], joinedSeq: 7 });
  });

  it('decide whether they show the past when somebody is added, whenever it is settled', async () => {
    const { change, spans, settle, cid, dan } = await setUp();
    await change(1, { type: 'add', userIds: [cid] });
    await change(2, { type: 'settings', settings: showing });
    await change(3, { type: 'add', userIds: [dan] });
    await change(4, { type: 'settings', settings: plainSettings });
    await settle(5, 8);
    await settle(4, 7);
    await settle(3, 6);
    await settle(2, 5);
    expect(await spans(cid)).toEqual([{ from: 5, to: null }]);
    expect(await spans(dan)).toEqual([{ from: 1, to: null }]);
  });

  it('give somebody who comes back where the past is shown one span, which does not overlap', async () => {
    const { change, row, settle, ben } = await setUp();
    await change(1, { type: 'remove', userId: ben });
    await settle(2, 5);
    await change(2, { type: 'settings', settings: showing });
    await settle(3, 6);
    await change(3, { type: 'add', userIds: [ben] });
    await settle(4, 9);
    expect(await row(ben)).toMatchObject({ spans: [{ from: 1, to: null }], joinedSeq: 9 });
    await change(4, { type: 'remove', userId: ben });
    await settle(5, 12);
    expect(await row(ben)).toMatchObject({ spans: [{ from: 1, to: 12 }], joinedSeq: 9 });
  });

  it('let somebody come back with a second span, and keep their marks', async () => {
    const { change, row, settle, conversations, conversationId, ben } = await setUp();
    await conversations.raiseMarks([{ conversationId, userId: ben, deliveredSeq: 4, readSeq: 4 }]);
    await change(1, { type: 'remove', userId: ben });
    await settle(2, 5);
    await change(2, { type: 'add', userIds: [ben] });
    await settle(3, 20);
    expect(await row(ben)).toMatchObject({
      member: true,
      readSeq: 4,
      spans: [
        { from: 1, to: 5 },
        { from: 20, to: null },
      ],
    });
  });

  it('take effect in the order of their versions, in whatever order they are settled', async () => {
    const { change, spans, settle, conversations, conversationId, ben, cid } = await setUp();
    await change(1, { type: 'add', userIds: [cid] });
    await change(2, { type: 'remove', userId: cid });
    await change(3, { type: 'remove', userId: ben });
    await change(4, { type: 'add', userIds: [ben] });
    await settle(5, 14);
    await settle(3, 12);
    expect(await spans(cid)).toEqual([]);
    expect((await conversations.owed(conversationId)).map((owed) => owed.version)).toEqual([2, 4]);
    await settle(2, 11);
    expect(await spans(cid)).toEqual([{ from: 11, to: 12 }]);
    expect(await spans(ben)).toEqual([{ from: 1, to: null }]);
    await settle(4, 13);
    expect(await spans(ben)).toEqual([
      { from: 1, to: 13 },
      { from: 14, to: null },
    ]);
    expect(await conversations.owed(conversationId)).toEqual([]);
  });

  it('settled by two nodes at once take effect once', async () => {
    const test = await setUp();
    const others = (await test.another())?.conversations ?? test.conversations;
    await test.change(1, { type: 'add', userIds: [test.cid] });
    await test.change(2, { type: 'remove', userId: test.ben });
    const settle = (store: typeof others, version: number) => store.settle(test.conversationId, version, 5 + version);
    await Promise.all([
      settle(test.conversations, 2),
      settle(others, 2),
      settle(others, 3),
      settle(test.conversations, 3),
    ]);
    expect(await test.spans(test.cid)).toEqual([{ from: 7, to: null }]);
    expect(await test.spans(test.ben)).toEqual([{ from: 1, to: 8 }]);
  });

  it('stamp whom they change, and everybody where all see it', async () => {
    const { stores, conversations, pass, change, settle, row, ann, ben, cid, conversationId } = await setUp();
    /** Whose rows changed since the last question. */
    let since = await stores.sessions.now();
    const stamped = async () => {
      const rows = (await conversations.load(conversationId))?.members ?? [];
      const names = rows.filter((one) => one.changedAt >= since).map((one) => one.userId);
      for (const one of rows) {
        const [listed] = await conversations.rows(one.userId, null, 1);
        expect(listed?.changedAt).toBe(one.changedAt);
      }
      await pass(2);
      since = await stores.sessions.now();
      return names.sort();
    };
    const everybody = [ann, ben].sort();
    expect(await stamped()).toEqual([]);
    await change(1, { type: 'title', title: 'New' });
    expect(await stamped()).toEqual(everybody);
    await change(2, { type: 'add', userIds: [cid] });
    expect(await stamped()).toEqual([...everybody, cid].sort());
    await settle(2, 2);
    expect(await stamped()).toEqual([]);
    await settle(3, 3);
    expect(await stamped()).toEqual([cid]);
    await change(3, { type: 'role', userId: ben, role: 'admin' });
    expect(await stamped()).toContain(ben);
    await change(4, { type: 'leave', userId: ben, heir: null });
    expect(await stamped()).toContain(ben);
    await settle(4, 4);
    await stamped();
    await settle(5, 5);
    expect(await stamped()).toEqual([ben]);
    expect(await row(ben)).toMatchObject({ member: false });
    await change(5, { type: 'settings', settings: { ...plainSettings, description: 'x' } });
    expect(await stamped()).toEqual([...everybody, cid].sort());
    await change(6, { type: 'pin', seq: 2, on: true });
    expect(await stamped()).toEqual([...everybody, cid].sort());
  });

  it('are found by the sweeper, the longest owed first', async () => {
    const { stores, conversations, pass, change, settle, ann, conversationId } = await setUp();
    const second = {
      conversationId: someId.conversation(),
      clientId: someId.client(),
      title: 'B',
      ownerId: ann,
      settings: plainSettings,
    };
    expect(await conversations.owing((await stores.sessions.now()) + 1, 10)).toEqual([]);
    await conversations.create({ ...second, userIds: [] });
    await pass(3);
    const between = await stores.sessions.now();
    await change(1, { type: 'title', title: 'x' });
    await pass(3);
    await change(2, { type: 'title', title: 'y' });
    await pass(3);
    const now = await stores.sessions.now();
    expect(await conversations.owing(now, 10)).toEqual([second.conversationId, conversationId]);
    expect(await conversations.owing(now, 1)).toEqual([second.conversationId]);
    expect(await conversations.owing(between, 10)).toEqual([second.conversationId]);
    await conversations.settle(second.conversationId, 1, 1);
    await settle(2, 2);
    expect(await conversations.owing(now, 10)).toEqual([conversationId]);
    await settle(3, 3);
    expect(await conversations.owing(now, 10)).toEqual([]);
  });

  it('leave no trace when they fail half-way', async () => {
    const { change, conversation, conversations, conversationId, cid } = await setUp();
    await expect(change(1, { type: 'add', userIds: [cid, someId.user()] })).rejects.toThrow();
    expect(await conversation()).toMatchObject({ version: 1, memberCount: 2 });
    expect(await conversations.row(conversationId, cid)).toBeNull();
    expect(await conversations.owed(conversationId)).toEqual([]);
  });

  it('do not mix with others that run at the same time, nor keep reads from what was committed', async () => {
    const { change, conversations, conversationId, stores, cid, dan, conversation } = await setUp();
    const [failed, ...fine] = await Promise.allSettled([
      change(1, { type: 'add', userIds: [cid, someId.user()] }),
      stores.users.setDisplayName(dan, 'Dan the second'),
      conversations.raiseMarks([{ conversationId, userId: dan, deliveredSeq: 1, readSeq: 1 }]),
      conversation(),
      stores.jobs.add([{ queue: 'q', key: 'k', payload: null, runAt: 1 }]),
      conversations.openDirect(someId.conversation(), cid, dan),
    ]);
    expect(failed?.status).toBe('rejected');
    expect(fine.map((one) => one.status)).toEqual(Array(5).fill('fulfilled'));
    expect((await stores.users.find(dan))?.displayName).toBe('Dan the second');
    expect(await stores.jobs.take(['q'], 1, 1_000)).toHaveLength(1);
    expect(await conversations.findDirect(cid, dan)).not.toBeNull();
    expect(await conversation()).toMatchObject({ version: 1, memberCount: 2 });
  });
});
