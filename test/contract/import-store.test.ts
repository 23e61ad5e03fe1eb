import { expect, it } from 'vitest';
import type { ImportStore } from '../../src/ports/import-store.ts';
import { plainSettings } from '../../src/protocol/models.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

const keeping = { pinned: true, archived: false, mutedUntil: 5_000, markedUnread: true };
const row: Omit<Parameters<ImportStore['addMembers']>[1][number], 'userId'> = {
  ...{ role: 'owner', member: true, spans: [{ from: 1, to: null }], joinedSeq: 1, barred: false, deliveredSeq: 4 },
  ...{ readSeq: 3, keeping, draft: { text: 'nul \0, "ж"', replyTo: 2, at: 7_000 }, hidden: [2, 4] },
};
const about = {
  title: 'Choir',
  createdAt: 1_000,
  settings: { ...plainSettings, posting: 'admins' },
  pins: [3, 1],
} as const;

onEveryDatabase('imports', (fresh) => {
  it('are known by what the source calls them, and begun once, also when two begin at once', async () => {
    const { imports } = (await fresh()).stores;
    expect(await imports.findByKey('telegram', '7')).toBeNull();
    const [one, other] = [someId.conversation(), someId.conversation()];
    const begin = (conversationId: typeof one) =>
      imports.begin({ source: 'telegram', key: '7', conversationId, kind: 'group' });
    const [first, second] = await Promise.all([begin(one), begin(other)]);
    expect(second).toEqual(first);
    expect([one, other]).toContain(first.conversationId);
    expect(await imports.findByKey('telegram', '7')).toEqual(first);
    expect(await imports.find(first.conversationId)).toEqual(first);
    expect(await imports.findByKey('whatsapp', '7')).toBeNull();
  });

  it('make a conversation with its members as they are given, counted when it is finished; twice does no harm', async () => {
    const { stores } = await fresh();
    const { imports, conversations } = stores;
    const [ann, ben] = await addPeople(stores, 'ann', 'ben');
    const conversationId = someId.conversation();
    await imports.begin({ source: 'messenger', key: conversationId, conversationId, kind: 'group' });
    for (const outcome of ['made', 'there']) {
      expect(await imports.addConversation({ ...about, conversationId, pair: null })).toBe(outcome);
      const left: typeof row = {
        ...row,
        role: 'member',
        member: false,
        spans: [{ from: 1, to: 2 }],
        draft: null,
        hidden: [],
      };
      await imports.addMembers(conversationId, [
        { ...row, userId: ann },
        { ...left, userId: ben },
      ]);
      await imports.addMembers(conversationId, []);
      await imports.finish(conversationId);
    }
    expect(await conversations.find(conversationId)).toEqual({
      ...{ ...about, conversationId, kind: 'group', version: 1, memberCount: 1 },
    });
    expect(await conversations.row(conversationId, ann)).toMatchObject({ ...row, userId: ann });
    expect(await conversations.row(conversationId, ben)).toMatchObject({ member: false, spans: [{ from: 1, to: 2 }] });
    expect((await imports.find(conversationId))?.finishedAt).toEqual(expect.any(Number));
    expect(await conversations.owed(conversationId)).toEqual([]);
  });

  it('leave the direct conversation that two have as it is', async () => {
    const { stores } = await fresh();
    const { imports, conversations } = stores;
    const [ann, ben] = await addPeople(stores, 'ann', 'ben');
    const pair = [ben, ann] as const;
    const add = () => imports.addConversation({ ...about, title: '', conversationId: someId.conversation(), pair });
    expect(await add()).toBe('made');
    expect(await add()).toBe('pair_taken');
    expect(await conversations.findDirect(ann, ben)).toMatchObject({ kind: 'direct', memberCount: 0 });
  });
});
