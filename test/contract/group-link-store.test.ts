import { expect, it } from 'vitest';
import type { ConversationId, GroupLinkId, UserId } from '../../src/protocol/ids.ts';
import { plainSettings } from '../../src/protocol/models.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase, type Stores, type TestDatabase } from '../support/databases.ts';

const newId = () => crypto.randomUUID() as GroupLinkId;
const hour = 3_600_000;

async function scene({ stores }: TestDatabase) {
  const [ann, ben, cid] = await addPeople(stores, 'ann', 'ben', 'cid');
  const group = async () =>
    (
      await stores.conversations.create({
        conversationId: someId.conversation(),
        clientId: someId.client(),
        title: 'Choir',
        settings: plainSettings,
        ownerId: ann,
        userIds: [],
      })
    ).conversation.conversationId;
  const conversationId = await group();
  return { ann, ben, cid, conversationId, group, of: made(stores, ann, conversationId) };
}

const made =
  ({ groupLinks }: Stores, createdBy: UserId, conversationId: ConversationId) =>
  async (more: Partial<Parameters<Stores['groupLinks']['add']>[0]> = {}, most = 10) => {
    const groupLinkId = newId();
    const plain = { groupLinkId, conversationId, secretHash: `hash ${groupLinkId}`, createdBy };
    return await groupLinks.add({ ...plain, lifeMs: null, maxUses: null, ...more }, most);
  };
const must = <T>(value: T | null): T => {
  if (value === null) throw new Error('there is none');
  return value;
};

onEveryDatabase('links into groups', (fresh) => {
  it('are found by their id and by the hash of their secret', async () => {
    const test = await fresh();
    const { of, ann, conversationId } = await scene(test);
    const link = must(await of({ secretHash: 'h', lifeMs: hour, maxUses: 3 }));
    expect(link).toMatchObject({ conversationId, createdBy: ann, maxUses: 3, uses: 0, revokedAt: null });
    expect((link.expiresAt ?? 0) - link.createdAt).toBe(hour);
    const { groupLinks } = test.stores;
    expect(await groupLinks.find(link.groupLinkId)).toEqual(link);
    expect(await groupLinks.findByHash('h')).toEqual(link);
    expect([await groupLinks.find(newId()), await groupLinks.findByHash('other')]).toEqual([null, null]);
  });

  it('are listed while they count, the newest first, of one group', async () => {
    const test = await fresh();
    const { groupLinks } = test.stores;
    const { of, ann, ben, conversationId, group } = await scene(test);
    const first = must(await of());
    await test.pass(2);
    const second = must(await of({ maxUses: 1 }));
    const [brief, revoked] = [must(await of({ lifeMs: 5 })), must(await of())];
    await made(test.stores, ann, await group())();
    await groupLinks.revoke(revoked.groupLinkId);
    await groupLinks.revoke(revoked.groupLinkId);
    await test.pass(10);
    const ids = async () => (await groupLinks.list(conversationId)).map(({ groupLinkId }) => groupLinkId);
    expect(await ids()).toEqual([second.groupLinkId, first.groupLinkId]);
    await groupLinks.take(second.groupLinkId, ben);
    expect(await ids()).toEqual([first.groupLinkId]);
    expect(await groupLinks.take(brief.groupLinkId, ben)).toBe(false);
    expect(await groupLinks.take(revoked.groupLinkId, ben)).toBe(false);
  });

  it('are at most so many, of those that count, also when several are made at once', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    const { of, ann, conversationId } = await scene(test);
    const ofAnother = made(another, ann, conversationId);
    const links = await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 ? of : ofAnother)({}, 3)));
    const there = links.filter((link) => link !== null);
    expect(there).toHaveLength(3);
    await test.stores.groupLinks.revoke(must(there[0] ?? null).groupLinkId);
    expect(await of({}, 3)).not.toBeNull();
    expect(await of({}, 3)).toBeNull();
  });

  it('let one of two in who want the last use at once', async () => {
    const test = await fresh();
    const another = (await test.another()) ?? test.stores;
    const { of, ben, cid } = await scene(test);
    for (let round = 0; round < 5; round++) {
      const { groupLinkId } = must(await of({ maxUses: 1 }));
      const taken = await Promise.all([
        test.stores.groupLinks.take(groupLinkId, ben),
        another.groupLinks.take(groupLinkId, cid),
      ]);
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await test.stores.groupLinks.find(groupLinkId)).toMatchObject({ uses: 1 });
      const holds = [ben, cid].map((userId) => test.stores.groupLinks.holds(groupLinkId, userId));
      expect(await Promise.all(holds)).toEqual(taken);
    }
  });

  it('count a person once, however often they come, and not when they give it back', async () => {
    const test = await fresh();
    const { groupLinks } = test.stores;
    const another = (await test.another()) ?? test.stores;
    const { of, ben, cid } = await scene(test);
    const { groupLinkId } = must(await of({ maxUses: 1 }));
    const takes = Array.from({ length: 6 }, (_, i) => (i % 2 ? groupLinks : another.groupLinks).take(groupLinkId, ben));
    expect(await Promise.all(takes)).toEqual(Array(6).fill(true));
    expect(await groupLinks.find(groupLinkId)).toMatchObject({ uses: 1 });
    await groupLinks.giveBack(groupLinkId, cid);
    await Promise.all([groupLinks.giveBack(groupLinkId, ben), another.groupLinks.giveBack(groupLinkId, ben)]);
    expect(await groupLinks.find(groupLinkId)).toMatchObject({ uses: 0 });
    expect(await groupLinks.take(groupLinkId, cid)).toBe(true);
    expect(await groupLinks.take(groupLinkId, ben)).toBe(false);
  });
});
