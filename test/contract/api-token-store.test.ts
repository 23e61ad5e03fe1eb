import { expect, it } from 'vitest';
import type { UserId } from '../../src/protocol/ids.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('API tokens', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const { apiTokens, sessions } = test.stores;
    const others = ((await test.another()) ?? test.stores).apiTokens;
    const given = (userId: UserId, lifeMs: number | null = null) => {
      const apiTokenId = someId.apiToken();
      return { apiTokenId, userId, tokenHash: `hash of ${apiTokenId}`, name: 'bot', scopes: ['chat'] as const, lifeMs };
    };
    const add = async (userId: UserId, lifeMs: number | null = null) => {
      const token = given(userId, lifeMs);
      await apiTokens.add(token, 99);
      await test.pass(2);
      return token.apiTokenId;
    };
    const ids = async (userId: UserId | null, endedSince = 0) =>
      (await apiTokens.list({ userId, endedSince })).map(({ apiTokenId }) => apiTokenId);
    return { ...test, ann, ben, apiTokens, sessions, others, given, add, ids };
  }

  it('are found by id and by hash, as they were made', async () => {
    const { ann, apiTokens, given } = await setUp();
    const token = { ...given(ann, 60_000), scopes: ['chat', 'audit'] as const, name: 'бот "1"' };
    const made = await apiTokens.add(token, 9);
    expect(made).toEqual({
      apiTokenId: token.apiTokenId,
      userId: ann,
      name: 'бот "1"',
      scopes: ['chat', 'audit'],
      createdAt: expect.any(Number),
      expiresAt: expect.any(Number),
      lastUsedAt: null,
      revokedAt: null,
    });
    expect((made?.expiresAt ?? 0) - (made?.createdAt ?? 0)).toBeGreaterThanOrEqual(60_000);
    expect(await apiTokens.find(token.apiTokenId)).toEqual(made);
    expect(await apiTokens.findByHash(token.tokenHash)).toEqual(made);
    expect(await apiTokens.find(someId.apiToken())).toBeNull();
    expect(await apiTokens.findByHash('other')).toBeNull();
    expect((await apiTokens.add(given(ann), 9))?.expiresAt).toBeNull();
  });

  it('are never more than allowed that count, however many are made at once', async () => {
    const { ann, ben, apiTokens, others, given, pass } = await setUp();
    await apiTokens.add(given(ben), 1);
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? apiTokens : others).add(given(ann, i === 0 ? null : 60_000), 3)),
    );
    const held = made.flatMap((token) => token?.apiTokenId ?? []);
    expect(held).toHaveLength(3);
    const [first] = held;
    if (first !== undefined) await apiTokens.revoke(first);
    expect(await apiTokens.add(given(ann, 3), 3)).not.toBeNull();
    await pass(3);
    expect(await apiTokens.add(given(ann), 3)).not.toBeNull();
    expect(await apiTokens.add(given(ann), 3)).toBeNull();
  });

  it('are listed newest first, one person’s or everybody’s, without those that ended long ago', async () => {
    const { ann, ben, apiTokens, sessions, add, ids, pass } = await setUp();
    const [revoked, expired, lasting] = [await add(ann), await add(ann, 1), await add(ann)];
    const other = await add(ben);
    await apiTokens.revoke(revoked);
    await pass(2);
    const since = await sessions.now();
    const soon = await add(ben, 60_000);
    expect(await ids(null)).toEqual([soon, other, lasting, expired, revoked]);
    expect(await ids(ann)).toEqual([lasting, expired, revoked]);
    expect(await ids(null, since)).toEqual([soon, other, lasting]);
    await apiTokens.revoke(lasting);
    expect(await ids(ann, since)).toEqual([lasting]);
  });

  it('leave one revocation under their id when revoked, however often', async () => {
    const { ann, apiTokens, others, sessions, add } = await setUp();
    const apiTokenId = await add(ann);
    await Promise.all([apiTokens.revoke(apiTokenId), others.revoke(apiTokenId), apiTokens.revoke(apiTokenId)]);
    const revoked = await apiTokens.find(apiTokenId);
    expect(revoked?.revokedAt).toBeGreaterThan(0);
    await apiTokens.revoke(apiTokenId);
    await apiTokens.revoke(someId.apiToken());
    expect(await apiTokens.find(apiTokenId)).toEqual(revoked);
    expect(await sessions.revocations(0)).toEqual([
      { at: expect.any(Number), sessionId: apiTokenId, userId: null, reason: 'revoked' },
    ]);
  });

  it('remember their last use, all in one write, never going back', async () => {
    const { ann, apiTokens, others, add } = await setUp();
    const [a, b, c] = [await add(ann), await add(ann), await add(ann)];
    const lastUsed = async () => Promise.all([a, b, c].map(async (id) => (await apiTokens.find(id))?.lastUsedAt));
    await apiTokens.used([]);
    await apiTokens.used([
      { apiTokenId: a, at: 5_000 },
      { apiTokenId: b, at: 6_000 },
      { apiTokenId: b, at: 5_500 },
      { apiTokenId: someId.apiToken(), at: 9_000 },
    ]);
    expect(await lastUsed()).toEqual([5_000, 6_000, null]);
    await apiTokens.used([{ apiTokenId: b, at: 4_000 }]);
    expect(await lastUsed()).toEqual([5_000, 6_000, null]);
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        (i % 2 ? apiTokens : others).used([a, b, c].map((apiTokenId) => ({ apiTokenId, at: 7_000 + i }))),
      ),
    );
    expect(await lastUsed()).toEqual([7_007, 7_007, 7_007]);
  });
});
