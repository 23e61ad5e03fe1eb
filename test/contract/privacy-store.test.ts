import { expect, it } from 'vitest';
import type { Discretion } from '../../src/ports/privacy-store.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import { openPrivacy, plainSettings } from '../../src/protocol/models.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase, type Stores } from '../support/databases.ts';

const most = 10;
const pairs = ({ blocks }: Discretion) =>
  [...blocks].flatMap(([by, whom]) => [...whom].map((each) => [by, each])).sort();
const group = async ({ conversations }: Stores, ownerId: UserId, ...userIds: UserId[]) => {
  const conversationId = someId.conversation();
  const settings = plainSettings;
  await conversations.create({ conversationId, clientId: someId.client(), title: 'Choir', settings, ownerId, userIds });
  await conversations.settle(conversationId, 1, 1);
  return conversationId;
};

onEveryDatabase('blocks', (fresh) => {
  it('are one-way, set and taken once, and kept in the order they were made', async () => {
    const { stores, pass } = await fresh();
    const { privacy } = stores;
    const [ann, ben, cid] = await addPeople(stores, 'ann', 'ben', 'cid');
    expect(await privacy.of(ann)).toEqual({ privacy: openPrivacy, blocks: [], blocksChangedAt: 0 });
    expect(await privacy.block(ann, cid, true, most)).toBe('changed');
    await pass(5);
    expect(await privacy.block(ann, ben, true, most)).toBe('changed');
    expect(await privacy.block(ann, ben, true, most)).toBe('unchanged');
    expect((await privacy.of(ann)).blocks).toEqual([cid, ben]);
    expect((await privacy.of(ben)).blocks).toEqual([]);
    expect(await privacy.block(ann, cid, false, most)).toBe('changed');
    expect(await privacy.block(ann, cid, false, most)).toBe('unchanged');
    expect((await privacy.of(ann)).blocks).toEqual([ben]);
  });

  it('of nobody are refused, and taking one back is not', async () => {
    const { stores } = await fresh();
    const [ann] = await addPeople(stores, 'ann');
    expect(await stores.privacy.block(ann, someId.user(), true, most)).toBe('no_such_user');
    expect(await stores.privacy.block(ann, someId.user(), false, most)).toBe('unchanged');
    expect((await stores.privacy.of(ann)).blocksChangedAt).toBe(0);
  });

  it('end at a number, also for those made at once', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    const [ann, ...others] = await addPeople(test.stores, 'ann', 'ben', 'cid', 'dan', 'eva');
    const made = await Promise.all(
      others.map((other, i) => (i % 2 ? another : test.stores).privacy.block(ann, other, true, 2)),
    );
    expect(made.filter((answer) => answer === 'changed')).toHaveLength(2);
    expect(made.filter((answer) => answer === 'too_many')).toHaveLength(2);
    const { blocks } = await test.stores.privacy.of(ann);
    expect(blocks).toHaveLength(2);
    expect(await test.stores.privacy.block(ann, blocks[0] as UserId, true, 2)).toBe('unchanged');
    await test.stores.privacy.block(ann, blocks[0] as UserId, false, 2);
    expect((await test.stores.privacy.of(ann)).blocks).toEqual(blocks.slice(1));
  });

  it('stamp themselves, and the rows of both in what they share, and no others', async () => {
    const { stores, pass } = await fresh();
    const { privacy, conversations, sessions } = stores;
    const [ann, ben, cid] = await addPeople(stores, 'ann', 'ben', 'cid');
    const shared = await group(stores, ann, ben, cid);
    const { conversation: direct } = await conversations.openDirect(someId.conversation(), ann, ben);
    const alone = await group(stores, ann, cid);
    await pass(5);
    const since = await sessions.now();
    await privacy.block(ann, ben, true, most);
    expect((await privacy.of(ann)).blocksChangedAt).toBeGreaterThanOrEqual(since);
    const changed = async (userId: UserId) => {
      const rows = await conversations.rows(userId, null, 10);
      return rows.filter((row) => row.changedAt >= since).map((row) => row.conversationId);
    };
    const both = [shared, direct.conversationId].sort();
    expect((await changed(ann)).sort()).toEqual(both);
    expect((await changed(ben)).sort()).toEqual(both);
    expect(await changed(cid)).toEqual([]);
    expect(alone).toBeTruthy();
  });

  it('are found among the members of a conversation, and between a person and others', async () => {
    const { stores } = await fresh();
    const { privacy } = stores;
    const [ann, ben, cid, dan] = await addPeople(stores, 'ann', 'ben', 'cid', 'dan');
    const conversationId = await group(stores, ann, ben, cid);
    for (const [by, whom] of [
      [ann, ben],
      [cid, ann],
      [ann, dan],
      [dan, ben],
      [ben, cid],
    ] as const)
      await privacy.block(by, whom, true, most);
    expect(pairs(await privacy.among(conversationId))).toEqual(
      [
        [ann, ben],
        [cid, ann],
        [ben, cid],
      ].sort(),
    );
    expect(pairs(await privacy.between(ann, [ben, cid, dan]))).toEqual(
      [
        [ann, ben],
        [cid, ann],
        [ann, dan],
      ].sort(),
    );
    expect(pairs(await privacy.between(ann, [ben]))).toEqual([[ann, ben]]);
    expect(pairs(await privacy.between(ann, []))).toEqual([]);
    expect(pairs(await privacy.among(someId.conversation()))).toEqual([]);
  });

  it('bring the profile of the blocked along, who may share nothing', async () => {
    const { stores, pass } = await fresh();
    const [ann, ben, cid] = await addPeople(stores, 'ann', 'ben', 'cid');
    await pass(5);
    const since = await stores.sessions.now();
    await stores.privacy.block(ann, ben, true, most);
    const known = async (from: number) =>
      (await stores.users.changedProfiles(ann, from, null, 10)).map(({ userId }) => userId).sort();
    expect(await known(0)).toEqual([ann, ben].sort());
    expect(await known(since)).toEqual([ben]);
    expect(cid).toBeTruthy();
    await pass(5);
    const later = await stores.sessions.now();
    expect(await known(later)).toEqual([]);
    await stores.users.setDisplayName(ben, 'Benjamin');
    expect(await known(later)).toEqual([ben]);
  });

  it('are made by both at once and while marks move, on two nodes', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const ids = await Promise.all(Array.from({ length: 8 }, () => group(test.stores, ann, ben)));
    const marks = (seq: number) =>
      ids.flatMap((conversationId) =>
        [ben, ann].map((userId) => ({ conversationId, userId, deliveredSeq: seq, readSeq: seq })),
      );
    for (let i = 1; i <= 5; i++) {
      await Promise.all([
        test.stores.privacy.block(ann, ben, i % 2 === 1, most),
        another.privacy.block(ben, ann, i % 2 === 1, most),
        another.conversations.raiseMarks(marks(i).toReversed()),
        test.stores.privacy.set(ben, { readReceipts: i % 2 === 0 }),
      ]);
    }
    expect(pairs(await test.stores.privacy.between(ann, [ben]))).toEqual(
      [
        [ann, ben],
        [ben, ann],
      ].sort(),
    );
  });
});

onEveryDatabase('privacy', (fresh) => {
  it('is open until something is decided, and what is not named stays', async () => {
    const { stores } = await fresh();
    const { privacy } = stores;
    const [ann, ben] = await addPeople(stores, 'ann', 'ben');
    expect(await privacy.set(ann, { lastSeen: 'nobody' })).toEqual({
      before: openPrivacy,
      privacy: { lastSeen: 'nobody', readReceipts: true },
    });
    expect((await privacy.set(ann, { readReceipts: false })).privacy).toEqual({
      lastSeen: 'nobody',
      readReceipts: false,
    });
    expect((await privacy.set(ann, {})).privacy).toEqual({ lastSeen: 'nobody', readReceipts: false });
    expect((await privacy.of(ann)).privacy).toEqual({ lastSeen: 'nobody', readReceipts: false });
    expect((await privacy.of(ben)).privacy).toEqual(openPrivacy);
    expect(await privacy.between(ben, [ann])).toEqual({
      blocks: new Map(),
      privacy: new Map([[ann, { lastSeen: 'nobody', readReceipts: false }]]),
    });
  });

  it('counts marks as moved where read receipts change, and only there', async () => {
    const { stores, pass } = await fresh();
    const { privacy, conversations, sessions } = stores;
    const [ann, ben] = await addPeople(stores, 'ann', 'ben');
    const conversationId = await group(stores, ann, ben);
    const movedSince = async (since: number) => {
      const [row] = await conversations.rows(ben, null, 10);
      return (row?.marksChangedAt ?? 0) >= since;
    };
    await pass(5);
    let since = await sessions.now();
    await privacy.set(ann, { lastSeen: 'contacts', readReceipts: true });
    expect(await movedSince(since)).toBe(false);
    await privacy.set(ann, { readReceipts: false });
    expect(await movedSince(since)).toBe(true);
    await pass(5);
    since = await sessions.now();
    await privacy.set(ann, { readReceipts: false });
    expect(await movedSince(since)).toBe(false);
    expect([...(await privacy.among(conversationId)).privacy.keys()]).toEqual([ann]);
  });
});

onEveryDatabase('marks', (fresh) => {
  it('say whether more was delivered, or only read', async () => {
    const { stores } = await fresh();
    const { conversations } = stores;
    const [ann, ben] = await addPeople(stores, 'ann', 'ben');
    const { conversation } = await conversations.openDirect(someId.conversation(), ann, ben);
    const { conversationId } = conversation;
    const raise = async (deliveredSeq: number, readSeq: number) =>
      (await conversations.raiseMarks([{ conversationId, userId: ann, deliveredSeq, readSeq }])).map(
        ({ delivered }) => delivered,
      );
    expect(await raise(4, 2)).toEqual([true]);
    expect(await raise(4, 4)).toEqual([false]);
    expect(await raise(3, 3)).toEqual([]);
    expect(await raise(6, 6)).toEqual([true]);
    expect(await raise(6, 6)).toEqual([]);
  });
});

onEveryDatabase('direct conversations of a person', (fresh) => {
  it('are found with many at once', async () => {
    const { stores } = await fresh();
    const { conversations } = stores;
    const [ann, ben, cid, dan] = await addPeople(stores, 'ann', 'ben', 'cid', 'dan');
    const open = async (a: UserId, b: UserId) =>
      (await conversations.openDirect(someId.conversation(), a, b)).conversation.conversationId;
    const [withBen, withCid, notes] = [await open(ann, ben), await open(cid, ann), await open(ann, ann)];
    await open(ben, cid);
    expect(await conversations.directsWith(ann, [ben, cid, dan])).toEqual(
      new Map([
        [ben, withBen],
        [cid, withCid],
      ]),
    );
    expect(await conversations.directsWith(ann, [ann])).toEqual(new Map([[ann, notes]]));
    expect(await conversations.directsWith(dan, [ann, ben])).toEqual(new Map());
    expect(await conversations.directsWith(ann, [])).toEqual(new Map());
  });
});
