import { expect, it } from 'vitest';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { plainSettings } from '../../src/protocol/models.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('direct conversations', (fresh) => {
  it('are found or made: one per pair, whoever asks', async () => {
    const { stores } = await fresh();
    const { conversations } = stores;
    const [ann, ben, cid] = await addPeople(stores, 'ann', 'ben', 'cid');
    const conversationId = someId.conversation();
    expect(await conversations.findDirect(ann, ben)).toBeNull();
    const first = await conversations.openDirect(conversationId, ben, ann);
    expect(first).toEqual({
      made: true,
      conversation: {
        conversationId,
        kind: 'direct',
        title: '',
        createdAt: expect.any(Number),
        version: 0,
        memberCount: 2,
        settings: plainSettings,
        pins: [],
      },
    });
    const again = { made: false, conversation: first.conversation };
    expect(await conversations.openDirect(someId.conversation(), ann, ben)).toEqual(again);
    expect(await conversations.findDirect(ann, ben)).toEqual(first.conversation);
    expect((await conversations.openDirect(someId.conversation(), ann, cid)).made).toBe(true);
    expect(await conversations.count()).toBe(2);
  });

  it('are named one page after the other, in order', async () => {
    const { stores } = await fresh();
    const { conversations } = stores;
    const [ann, ...others] = await addPeople(stores, 'ann', 'ben', 'cid', 'dan');
    const made: string[] = [];
    for (const other of others) {
      const { conversation } = await conversations.openDirect(someId.conversation(), ann as UserId, other);
      made.push(conversation.conversationId);
    }
    const first = await conversations.ids(null, 2);
    expect(first).toEqual(made.toSorted().slice(0, 2));
    expect(await conversations.ids(first.at(-1) ?? null, 2)).toEqual(made.toSorted().slice(2));
    expect(await conversations.ids(first.at(-1) ?? null, 1)).toHaveLength(1);
  });

  it('are one even when both sides open it at once', async () => {
    const test = await fresh();
    const others = (await test.another()) ?? test.stores;
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        i % 2
          ? others.conversations.openDirect(someId.conversation(), ann, ben)
          : test.stores.conversations.openDirect(someId.conversation(), ben, ann),
      ),
    );
    expect(new Set(answers.map((answer) => answer.conversation.conversationId)).size).toBe(1);
    expect(answers.filter((answer) => answer.made)).toHaveLength(1);
    expect(await test.stores.conversations.count()).toBe(1);
  });

  it('let both read from 1 at once, and owe nothing', async () => {
    const { stores } = await fresh();
    const [ann, ben] = await addPeople(stores, 'ann', 'ben');
    const { conversation } = await stores.conversations.openDirect(someId.conversation(), ann, ben);
    const loaded = await stores.conversations.load(conversation.conversationId);
    expect(loaded?.members).toHaveLength(2);
    for (const member of loaded?.members ?? [])
      expect(member).toMatchObject({ role: 'member', member: true, spans: [{ from: 1, to: null }], readSeq: 0 });
    expect(await stores.conversations.owed(conversation.conversationId)).toEqual([]);
    expect(await stores.conversations.owing(9_999_999_999_999, 10)).toEqual([]);
  });

  it('with oneself have one member, who is the peer', async () => {
    const { stores } = await fresh();
    const { conversations } = stores;
    const [ann] = await addPeople(stores, 'ann');
    const made = await conversations.openDirect(someId.conversation(), ann, ann);
    expect(made.conversation.memberCount).toBe(1);
    expect((await conversations.openDirect(someId.conversation(), ann, ann)).made).toBe(false);
    expect((await conversations.load(made.conversation.conversationId))?.members).toHaveLength(1);
    expect(await conversations.peers(ann, [made.conversation.conversationId])).toEqual(
      new Map([[made.conversation.conversationId, ann]]),
    );
  });

  it('name their peers; groups and conversations of others name none', async () => {
    const { stores } = await fresh();
    const { conversations } = stores;
    const [ann, ben, cid] = await addPeople(stores, 'ann', 'ben', 'cid');
    const open = async (a: UserId, b: UserId) =>
      (await conversations.openDirect(someId.conversation(), a, b)).conversation.conversationId;
    const [withBen, withCid, others] = [await open(ann, ben), await open(cid, ann), await open(ben, cid)];
    const group = someId.conversation();
    await conversations.create({
      conversationId: group,
      clientId: someId.client(),
      title: 'G',
      settings: plainSettings,
      ownerId: ann,
      userIds: [ben],
    });
    expect(await conversations.peers(ann, [withBen, withCid, others, group, someId.conversation()])).toEqual(
      new Map([
        [withBen, ben],
        [withCid, cid],
      ]),
    );
    expect(await conversations.peers(ann, [])).toEqual(new Map());
  });
});

onEveryDatabase('groups', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben, cid] = await addPeople(test.stores, 'ann', 'ben', 'cid');
    const group = {
      conversationId: someId.conversation(),
      clientId: someId.client(),
      title: 'Family',
      settings: { ...plainSettings, description: 'Ours', showsPast: true, posting: 'admins' } as const,
      ownerId: ann,
      userIds: [ben, cid, ann, ben],
    };
    return { ...test, ann, ben, cid, group, conversations: test.stores.conversations };
  }

  it('begin at version 1 with their people, each once, who read nothing yet', async () => {
    const { conversations, group, ann, ben, cid } = await setUp();
    const { conversation, made } = await conversations.create(group);
    expect(made).toBe(true);
    expect(conversation).toMatchObject({ kind: 'group', title: 'Family', version: 1, memberCount: 3, pins: [] });
    expect(conversation.settings).toEqual(group.settings);
    expect(await conversations.find(group.conversationId)).toEqual(conversation);
    const loaded = await conversations.load(group.conversationId);
    expect(loaded?.conversation).toEqual(conversation);
    const roles = new Map(loaded?.members.map((row) => [row.userId, row.role]));
    expect(roles).toEqual(
      new Map([
        [ann, 'owner'],
        [ben, 'member'],
        [cid, 'member'],
      ] as never),
    );
    expect(loaded?.members.every((row) => row.member && row.spans.length === 0)).toBe(true);
  });

  it('owe the entry that says they were created, and let everybody read from 1 once it is settled', async () => {
    const { conversations, group, ann, ben, cid } = await setUp();
    await conversations.create(group);
    const [owed, ...more] = await conversations.owed(group.conversationId);
    expect(more).toEqual([]);
    expect(owed).toEqual({
      conversationId: group.conversationId,
      version: 1,
      clientId: group.clientId,
      senderId: ann,
      target: null,
      entry: { kind: 'created', body: { title: 'Family', userIds: [ben, cid] } },
    });
    await conversations.settle(group.conversationId, 1, 1);
    await conversations.settle(group.conversationId, 1, 1);
    expect(await conversations.owed(group.conversationId)).toEqual([]);
    for (const row of (await conversations.load(group.conversationId))?.members ?? [])
      expect(row).toMatchObject({ spans: [{ from: 1, to: null }], joinedSeq: 1 });
  });

  it('are made once for the same creator and client id, at once too', async () => {
    const test = await setUp();
    const { conversations, group, ben } = test;
    const others = (await test.another())?.conversations ?? conversations;
    const answers = await Promise.all(
      [conversations, others, conversations, others].map((store) =>
        store.create({ ...group, conversationId: someId.conversation() }),
      ),
    );
    expect(answers.filter((answer) => answer.made)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.conversation.conversationId)).size).toBe(1);
    const id = answers[0]?.conversation.conversationId ?? group.conversationId;
    expect(await conversations.owed(id)).toHaveLength(1);
    const other = await conversations.create({ ...group, ownerId: ben, userIds: [] });
    expect(other).toMatchObject({ made: true, conversation: { memberCount: 1 } });
  });

  it('that do not exist are null', async () => {
    const { conversations, ann } = await setUp();
    const nowhere = someId.conversation();
    expect(await conversations.find(nowhere)).toBeNull();
    expect(await conversations.load(nowhere)).toBeNull();
    expect(await conversations.row(nowhere, ann)).toBeNull();
    expect(await conversations.owed(nowhere)).toEqual([]);
    expect(await conversations.members(nowhere, '', 5)).toEqual([]);
    await conversations.settle(nowhere, 1, 1);
    const owed = { clientId: someId.client(), senderId: ann };
    expect(await conversations.change(nowhere, 0, { type: 'title', title: 'x' }, owed)).toBeNull();
  });

  it('list their present members by name, in pages, with marks', async () => {
    const { conversations, group, ann, ben } = await setUp();
    await conversations.create(group);
    await conversations.raiseMarks([
      { conversationId: group.conversationId, userId: ben, deliveredSeq: 4, readSeq: 2 },
    ]);
    const owed = { clientId: someId.client(), senderId: ann };
    const first = await conversations.members(group.conversationId, '', 2);
    expect(first).toMatchObject([
      { userId: ann, name: 'ann', displayName: 'ann', gone: false, role: 'owner' },
      { userId: ben, name: 'ben', deliveredSeq: 4, readSeq: 2 },
    ]);
    expect(await conversations.members(group.conversationId, 'ben', 2)).toMatchObject([{ name: 'cid' }]);
    await conversations.change(group.conversationId, 1, { type: 'remove', userId: ben }, owed);
    expect((await conversations.members(group.conversationId, '', 9)).map((row) => row.name)).toEqual(['ann', 'cid']);
  });

  it('find their present members by how a word of their names begins, and nobody else', async () => {
    const { conversations, group, ann, ben } = await setUp();
    await conversations.create(group);
    const found = async (query: string, after = '') =>
      (await conversations.members(group.conversationId, after, 9, query)).map((row) => row.name);
    expect([await found('be'), await found('BEN'), await found('en'), await found('%'), await found('_')]).toEqual([
      ['ben'],
      ['ben'],
      [],
      [],
      [],
    ]);
    expect([await found(''), await found('', 'ben')]).toEqual([['ann', 'ben', 'cid'], ['cid']]);
    const owed = { clientId: someId.client(), senderId: ann };
    await conversations.change(group.conversationId, 1, { type: 'remove', userId: ben }, owed);
    expect(await found('be')).toEqual([]);
  });

  it('know whom one of them removed until somebody adds them; who left is not kept out', async () => {
    const { conversations, group, ann, ben } = await setUp();
    await conversations.create(group);
    const { conversationId } = group;
    const isBarred = async () => (await conversations.row(conversationId, ben))?.barred;
    const owed = () => ({ clientId: someId.client(), senderId: ann });
    await conversations.change(conversationId, 1, { type: 'remove', userId: ben }, owed());
    expect(await isBarred()).toBe(true);
    await conversations.change(conversationId, 2, { type: 'add', userIds: [ben] }, owed());
    expect(await isBarred()).toBe(false);
    await conversations.change(conversationId, 3, { type: 'leave', userId: ben, heir: null }, owed());
    expect(await isBarred()).toBe(false);
  });
});

onEveryDatabase('rows of a person', (fresh) => {
  it('come in pages by conversation, those who left too, each as `row` answers it', async () => {
    const { stores } = await fresh();
    const { conversations } = stores;
    const [ann, ben] = await addPeople(stores, 'ann', 'ben');
    const ids = [];
    for (let i = 0; i < 5; i++) {
      const conversationId = someId.conversation();
      ids.push(conversationId);
      await conversations.create({
        conversationId,
        clientId: someId.client(),
        title: `G${i}`,
        settings: plainSettings,
        ownerId: ben,
        userIds: i === 4 ? [] : [ann],
      });
    }
    const left = ids[0] ?? someId.conversation();
    await conversations.change(
      left,
      1,
      { type: 'leave', userId: ann, heir: null },
      { clientId: someId.client(), senderId: ann },
    );
    const first = await conversations.rows(ann, null, 3);
    const second = await conversations.rows(ann, first.at(-1)?.conversationId ?? null, 3);
    expect(second).toHaveLength(1);
    expect([...first, ...second].map((row) => row.conversationId)).toEqual(ids.slice(0, 4).sort());
    for (const { conversation, marksChangedAt, ...row } of [...first, ...second]) {
      expect(row).toEqual(await conversations.row(row.conversationId, ann));
      expect(conversation).toEqual(await conversations.find(row.conversationId));
      expect(marksChangedAt).toBeGreaterThan(0);
      expect(row.member).toBe(row.conversationId !== left);
    }
    const rows = [...first, ...second];
    const few = await conversations.memberships(ann, null, 3);
    const others = await conversations.memberships(ann, few.at(-1)?.conversationId ?? null, 3);
    expect([...few, ...others]).toEqual(
      rows.map(({ conversationId, member, spans, conversation: { version } }) => ({
        conversationId,
        member,
        spans,
        version,
      })),
    );
  });
});

onEveryDatabase('marks', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const { conversations } = test.stores;
    const people = await addPeople(test.stores, 'ann', 'ben', 'cid');
    const [ann, ben, cid] = people;
    const direct = (await conversations.openDirect(someId.conversation(), ann, ben)).conversation.conversationId;
    const group = someId.conversation();
    await conversations.create({
      conversationId: group,
      clientId: someId.client(),
      title: 'G',
      settings: plainSettings,
      ownerId: ann,
      userIds: [ben, cid],
    });
    await test.pass(2);
    const mark = (conversationId: typeof group, userId: UserId, deliveredSeq: number, readSeq: number) => ({
      conversationId,
      userId,
      deliveredSeq,
      readSeq,
    });
    return { ...test, conversations, ann, ben, cid, direct, group, mark };
  }

  it('are raised in one write, and those that moved are answered', async () => {
    const { conversations, ann, ben, cid, direct, group, mark } = await setUp();
    expect(await conversations.raiseMarks([])).toEqual([]);
    const moved = await conversations.raiseMarks([
      mark(direct, ann, 5, 3),
      mark(group, ben, 2, 0),
      mark(group, cid, 0, 0),
      mark(direct, cid, 9, 9),
      mark(someId.conversation(), ann, 9, 9),
    ]);
    expect(moved).toHaveLength(2);
    expect(moved).toEqual(
      expect.arrayContaining([
        { conversationId: direct, userId: ann, delivered: true },
        { conversationId: group, userId: ben, delivered: true },
      ]),
    );
    expect(await conversations.row(direct, ann)).toMatchObject({ deliveredSeq: 5, readSeq: 3 });
    expect(await conversations.row(group, ben)).toMatchObject({ deliveredSeq: 2, readSeq: 0 });
    expect(await conversations.row(direct, cid)).toBeNull();
  });

  it('never go back, each of the two by itself', async () => {
    const { conversations, ann, direct, mark } = await setUp();
    await conversations.raiseMarks([mark(direct, ann, 5, 3)]);
    expect(await conversations.raiseMarks([mark(direct, ann, 4, 3)])).toEqual([]);
    const moved = { conversationId: direct, userId: ann };
    expect(await conversations.raiseMarks([mark(direct, ann, 2, 4)])).toEqual([{ ...moved, delivered: false }]);
    expect(await conversations.row(direct, ann)).toMatchObject({ deliveredSeq: 5, readSeq: 4 });
  });

  it('bear the time each last moved, and that alone', async () => {
    const { conversations, ann, direct, mark, pass } = await setUp();
    const progressOf = async () =>
      (await conversations.progress(direct, null, 10)).find(({ userId }) => userId === ann) ?? null;
    expect(await progressOf()).toMatchObject({ deliveredAt: null, readAt: null, pushedSeq: 0 });
    await conversations.raiseMarks([mark(direct, ann, 5, 0)]);
    const delivered = await progressOf();
    expect(delivered).toMatchObject({ deliveredSeq: 5, deliveredAt: expect.any(Number), readAt: null });
    await pass(2);
    await conversations.raiseMarks([mark(direct, ann, 5, 3)]);
    const read = await progressOf();
    expect(read).toMatchObject({ readSeq: 3, deliveredAt: delivered?.deliveredAt });
    expect(read?.readAt).toBeGreaterThan(delivered?.deliveredAt ?? 0);
    await pass(2);
    await conversations.raiseMarks([mark(direct, ann, 4, 3)]);
    expect(await progressOf()).toEqual(read);
  });

  it('are answered with everybody who is or was in, a page at a time', async () => {
    const { conversations, group } = await setUp();
    const all = await conversations.progress(group, null, 10);
    expect(all.map(({ userId }) => userId)).toEqual(all.map(({ userId }) => userId).sort());
    expect(all.length).toBeGreaterThan(1);
    const first = await conversations.progress(group, null, 1);
    const rest = await conversations.progress(group, first[0]?.userId ?? null, 10);
    expect([...first, ...rest]).toEqual(all);
    expect(all[0]).toMatchObject({ name: expect.any(String), gone: false, hidden: [], member: true });
  });

  it('take the highest where one write names somebody twice', async () => {
    const { conversations, ann, direct, mark } = await setUp();
    const moved = await conversations.raiseMarks([
      mark(direct, ann, 5, 1),
      mark(direct, ann, 3, 3),
      mark(direct, ann, 4, 2),
    ]);
    expect(moved).toEqual([{ conversationId: direct, userId: ann, delivered: true }]);
    expect(await conversations.row(direct, ann)).toMatchObject({ deliveredSeq: 5, readSeq: 3 });
  });

  it('end at the highest when many nodes write them at once, in any order', async () => {
    const test = await setUp();
    const { conversations, ann, ben, cid, group, direct, mark } = test;
    const others = (await test.another())?.conversations ?? conversations;
    const all = (seq: number) => [
      mark(group, ann, seq, 0),
      mark(group, ben, seq, seq),
      mark(group, cid, seq, 0),
      mark(direct, ann, 0, seq),
      mark(direct, ben, seq, 0),
    ];
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? others : conversations).raiseMarks(i % 3 ? all(i) : all(i).toReversed()),
      ),
    );
    expect(await conversations.row(group, ben)).toMatchObject({ deliveredSeq: 39, readSeq: 39 });
    expect(await conversations.row(direct, ann)).toMatchObject({ deliveredSeq: 0, readSeq: 39 });
  });

  it('stamp the conversation’s rows of everybody with their time, only when they moved', async () => {
    const { conversations, stores, pass, ann, ben, direct, mark } = await setUp();
    const stamps = async (userId: UserId) => {
      const row = (await conversations.rows(userId, null, 10)).find((one) => one.conversationId === direct);
      return { changedAt: row?.changedAt ?? 0, marksChangedAt: row?.marksChangedAt ?? 0 };
    };
    const before = await stamps(ben);
    const since = await stores.sessions.now();
    await conversations.raiseMarks([mark(direct, ann, 1, 1)]);
    const after = await stamps(ben);
    expect(after.changedAt).toBe(before.changedAt);
    expect(after.marksChangedAt).toBeGreaterThanOrEqual(since);
    expect((await stamps(ann)).marksChangedAt).toBe(after.marksChangedAt);
    await pass(2);
    await conversations.raiseMarks([mark(direct, ann, 1, 1)]);
    expect(await stamps(ann)).toEqual({ ...after, changedAt: expect.any(Number) });
  });

  it('are answered of present members, leaving large conversations out', async () => {
    const { conversations, ann, ben, cid, direct, group, mark } = await setUp();
    await conversations.raiseMarks([mark(direct, ann, 5, 3), mark(group, cid, 1, 1)]);
    const small = await conversations.marks([direct, group, someId.conversation()], 2);
    expect([...small.keys()]).toEqual([direct]);
    expect(small.get(direct)).toEqual(
      expect.arrayContaining([
        { userId: ann, deliveredSeq: 5, readSeq: 3 },
        { userId: ben, deliveredSeq: 0, readSeq: 0 },
      ]),
    );
    const owed = { clientId: someId.client(), senderId: ann };
    await conversations.change(group, 1, { type: 'remove', userId: ben }, owed);
    const both = await conversations.marks([direct, group], 2);
    expect(
      both
        .get(group)
        ?.map((one) => one.userId)
        .sort(),
    ).toEqual([ann, cid].sort());
    expect(await conversations.marks([], 2)).toEqual(new Map());
  });
});

onEveryDatabase('what somebody keeps for themselves', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const { conversations, sessions } = test.stores;
    const [ann, ben, cid] = await addPeople(test.stores, 'ann', 'ben', 'cid');
    const { conversationId } = (await conversations.openDirect(someId.conversation(), ann, ben)).conversation;
    const mine = async (userId = ann) => await conversations.row(conversationId, userId);
    /** Whose rows changed since `since`. */
    const stamped = async (since: number) =>
      ((await conversations.load(conversationId))?.members ?? [])
        .filter((row) => row.changedAt >= since)
        .map((row) => row.userId);
    const later = async () => {
      await test.pass(2);
      return await sessions.now();
    };
    return { ...test, conversations, ann, ben, cid, conversationId, mine, stamped, later };
  }

  it('is nothing at first', async () => {
    const { mine } = await setUp();
    expect(await mine()).toMatchObject({
      keeping: { pinned: false, archived: false, mutedUntil: null, markedUnread: false },
      draft: null,
      hidden: [],
    });
  });

  it('changes by what is named alone, for them alone, and is stamped', async () => {
    const { conversations, ann, ben, conversationId, mine, stamped, later } = await setUp();
    const since = await later();
    expect(await conversations.keep(conversationId, ann, { pinned: true, mutedUntil: 9_000_000_000_000 })).toBe(true);
    expect(await conversations.keep(conversationId, ann, { archived: true, pinned: undefined })).toBe(true);
    expect((await mine())?.keeping).toEqual({
      pinned: true,
      archived: true,
      mutedUntil: 9_000_000_000_000,
      markedUnread: false,
    });
    expect(await stamped(since)).toEqual([ann]);
    await conversations.keep(conversationId, ann, { pinned: false, mutedUntil: null, markedUnread: true });
    expect((await mine())?.keeping).toEqual({ pinned: false, archived: true, mutedUntil: null, markedUnread: true });
    expect((await mine(ben))?.keeping).toMatchObject({ archived: false, markedUnread: false });
  });

  it('has one draft, stamped by the store; of two the later stays', async () => {
    const { conversations, stores, ann, conversationId, mine, stamped, later } = await setUp();
    const before = await later();
    await conversations.setDraft(conversationId, ann, { text: 'Dear', replyTo: 4 });
    const after = await stores.sessions.now();
    const first = (await mine())?.draft;
    expect(first).toEqual({ text: 'Dear', replyTo: 4, at: expect.any(Number) });
    expect(first?.at).toBeGreaterThanOrEqual(before);
    expect(first?.at).toBeLessThanOrEqual(after);
    expect(await stamped(before)).toEqual([ann]);
    await later();
    await conversations.setDraft(conversationId, ann, { text: 'Dear Ben', replyTo: null });
    expect((await mine())?.draft).toMatchObject({ text: 'Dear Ben', replyTo: null });
    expect((await mine())?.draft?.at).toBeGreaterThan(first?.at ?? 0);
    const since = await later();
    expect(await conversations.setDraft(conversationId, ann, null)).toBe(true);
    expect((await mine())?.draft).toBeNull();
    expect(await stamped(since)).toEqual([ann]);
  });

  it('may be any text', async () => {
    const { conversations, ann, conversationId, mine } = await setUp();
    const text = 'a\u0000b "c" \\ \ud800 \u202e 👋🏽\n';
    await conversations.setDraft(conversationId, ann, { text, replyTo: null });
    expect((await mine())?.draft?.text).toBe(text);
  });

  it('hides messages, in order, each once, and not more than allowed', async () => {
    const { conversations, ann, ben, conversationId, mine, stamped, later } = await setUp();
    const since = await later();
    expect(await conversations.hide(conversationId, ann, [7, 3, 7], 4)).toBe('hidden');
    expect(await conversations.hide(conversationId, ann, [5, 3], 4)).toBe('hidden');
    expect((await mine())?.hidden).toEqual([3, 5, 7]);
    expect((await mine(ben))?.hidden).toEqual([]);
    expect(await stamped(since)).toEqual([ann]);
    const now = await later();
    expect(await conversations.hide(conversationId, ann, [8, 9], 4)).toBe('too_many');
    expect(await conversations.hide(conversationId, ann, [7], 3)).toBe('hidden');
    expect((await mine())?.hidden).toEqual([3, 5, 7]);
    expect(await stamped(now)).toEqual([]);
  });

  it('loses nothing that two devices hide at once', async () => {
    const test = await setUp();
    const others = (await test.another())?.conversations ?? test.conversations;
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 ? others : test.conversations).hide(test.conversationId, test.ann, [i + 1], 100),
      ),
    );
    expect((await test.mine())?.hidden).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('needs a row, and stays theirs when they are out', async () => {
    const { conversations, ann, ben, cid, conversationId } = await setUp();
    expect(await conversations.keep(conversationId, cid, { pinned: true })).toBe(false);
    expect(await conversations.setDraft(conversationId, cid, null)).toBe(false);
    expect(await conversations.hide(conversationId, cid, [1], 10)).toBe('no_row');
    expect(await conversations.hide(someId.conversation(), ann, [1], 10)).toBe('no_row');

    const group = someId.conversation();
    await conversations.create({
      conversationId: group,
      clientId: someId.client(),
      title: 'G',
      settings: plainSettings,
      ownerId: ann,
      userIds: [ben],
    });
    await conversations.keep(group, ben, { archived: true });
    const owed = { clientId: someId.client(), senderId: ann };
    await conversations.change(group, 1, { type: 'remove', userId: ben }, owed);
    expect(await conversations.keep(group, ben, { pinned: true })).toBe(true);
    await conversations.change(group, 2, { type: 'add', userIds: [ben] }, owed);
    expect((await conversations.row(group, ben))?.keeping).toMatchObject({ archived: true, pinned: true });
    const [listed] = (await conversations.rows(ben, null, 9)).filter((row) => row.conversationId === group);
    expect(listed).toMatchObject({ keeping: { archived: true }, draft: null, hidden: [] });
  });
});

onEveryDatabase('what was told by push', (fresh) => {
  it('is noted for members and for everybody, and never goes back', async () => {
    const { stores } = await fresh();
    const { conversations } = stores;
    const [ann, ben] = await addPeople(stores, 'ann', 'ben');
    const { conversation } = await conversations.openDirect(someId.conversation(), ann, ben);
    const { conversationId } = conversation;
    const told = async () => (await conversations.progress(conversationId, null, 10)).map((one) => one.pushedSeq);
    expect(await conversations.pushedSeq(conversationId)).toBe(0);
    await conversations.raisePushed(conversationId, { everybody: null, members: [{ userId: ann, seq: 4 }] });
    expect((await told()).sort()).toEqual([0, 4]);
    expect(await conversations.pushedSeq(conversationId)).toBe(0);
    const both = [ann, ben].map((userId) => ({ userId, seq: 3 }));
    await conversations.raisePushed(conversationId, { everybody: 6, members: both });
    await conversations.raisePushed(conversationId, { everybody: 5, members: [] });
    expect((await told()).sort()).toEqual([3, 4]);
    expect(await conversations.pushedSeq(conversationId)).toBe(6);
    expect(await conversations.pushedSeq(someId.conversation())).toBe(0);
  });
});

onEveryDatabase('what logs are kept by', (fresh) => {
  it('is named in pages, and a conversation is touched where only its log changed', async () => {
    const test = await fresh();
    const { conversations } = test.stores;
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const group = async (keepFor: number | null) => {
      const made = { conversationId: someId.conversation(), clientId: someId.client(), title: 't' };
      const settings = { ...plainSettings, keepFor };
      await conversations.create({ ...made, settings, ownerId: ann, userIds: [ben] });
      return { conversationId: made.conversationId, keepFor };
    };
    const made = [await group(3_600_000), await group(null), await group(86_400_000)];
    const inOrder = made.toSorted((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
    const [first] = inOrder;
    expect(await conversations.keeps(null, 10)).toEqual(inOrder);
    expect(await conversations.keeps(null, 2)).toEqual(inOrder.slice(0, 2));
    expect(await conversations.keeps(first?.conversationId ?? null, 10)).toEqual(inOrder.slice(1));

    const changedAt = async () => {
      const rows = await conversations.rows(ben, null, 10);
      return new Map(rows.map((row) => [row.conversationId, row.changedAt]));
    };
    const before = await changedAt();
    await test.pass(2);
    await conversations.touch([]);
    await conversations.touch([first?.conversationId as ConversationId]);
    const after = await changedAt();
    for (const { conversationId } of inOrder) {
      const rose = (after.get(conversationId) ?? 0) > (before.get(conversationId) ?? 0);
      expect(rose).toBe(conversationId === first?.conversationId);
    }
  });
});
