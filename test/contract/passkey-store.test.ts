import { expect, it } from 'vitest';
import type { UserId } from '../../src/protocol/ids.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

const somePasskey = (userId: UserId, credentialId: string) => ({
  passkeyId: someId.passkey(),
  userId,
  credentialId,
  publicKey: 'public key',
  signCount: 0,
  transports: ['usb', 'nfc'],
  name: 'Key',
  host: 'chat.example.org',
});

onEveryDatabase('passkeys', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const { passkeys } = test.stores;
    const others = ((await test.another()) ?? test.stores).passkeys;
    const names = async (userId: UserId) => (await passkeys.list(userId)).map(({ name }) => name);
    return { ...test, ann, ben, passkeys, others, names };
  }

  it('are found by their credential, as they were added', async () => {
    const { ann, passkeys, stores } = await setUp();
    const given = somePasskey(ann, 'credential');
    const before = await stores.sessions.now();
    const added = await passkeys.add(given, 9);
    expect(added).toEqual({
      outcome: 'added',
      passkey: { ...given, createdAt: expect.any(Number), lastUsedAt: null },
    });
    const found = await passkeys.findByCredential('credential');
    expect(found?.createdAt).toBeGreaterThanOrEqual(before);
    expect(added).toMatchObject({ passkey: found });
    expect(await passkeys.findByCredential('other')).toBeNull();
  });

  it('are listed in the order they were added, one person’s only', async () => {
    const { ann, ben, passkeys, names, pass } = await setUp();
    for (const name of ['first', 'second', 'third']) {
      await passkeys.add({ ...somePasskey(ann, name), name }, 9);
      await pass(2);
    }
    await passkeys.add(somePasskey(ben, 'other'), 9);
    expect(await names(ann)).toEqual(['first', 'second', 'third']);
  });

  it('are known, whoever registered them', async () => {
    const { ann, ben, passkeys, others } = await setUp();
    await passkeys.add(somePasskey(ann, 'a'), 1);
    expect(await passkeys.add(somePasskey(ann, 'a'), 1)).toEqual({ outcome: 'known' });
    expect(await passkeys.add(somePasskey(ben, 'a'), 1)).toEqual({ outcome: 'known' });
    const answers = await Promise.all([
      passkeys.add(somePasskey(ann, 'b'), 9),
      others.add(somePasskey(ben, 'b'), 9),
      others.add(somePasskey(ann, 'b'), 9),
    ]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['added', 'known', 'known']);
  });

  it('are never more than allowed, however many are added at once', async () => {
    const { ann, ben, passkeys, others } = await setUp();
    await passkeys.add(somePasskey(ben, 'other'), 1);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? passkeys : others).add(somePasskey(ann, `${i}`), 3)),
    );
    expect(answers.filter(({ outcome }) => outcome === 'added')).toHaveLength(3);
    expect(answers.filter(({ outcome }) => outcome === 'too_many')).toHaveLength(5);
    expect(await passkeys.list(ann)).toHaveLength(3);
  });

  it('sign in with a counter that rises', async () => {
    const { ann, passkeys } = await setUp();
    const { passkeyId } = somePasskey(ann, 'a');
    await passkeys.add({ ...somePasskey(ann, 'a'), passkeyId, signCount: 5 }, 9);
    expect(await passkeys.used(passkeyId, 5)).toBe(false);
    expect(await passkeys.used(passkeyId, 0)).toBe(false);
    expect(await passkeys.findByCredential('a')).toMatchObject({ signCount: 5, lastUsedAt: null });
    expect(await passkeys.used(passkeyId, 6)).toBe(true);
    const used = await passkeys.findByCredential('a');
    expect(used).toMatchObject({ signCount: 6 });
    expect(used?.lastUsedAt).toBeGreaterThanOrEqual(used?.createdAt ?? Number.POSITIVE_INFINITY);
    expect(await passkeys.used(someId.passkey(), 7)).toBe(false);
  });

  it('that do not count sign in again and again', async () => {
    const { ann, passkeys } = await setUp();
    const given = somePasskey(ann, 'a');
    await passkeys.add(given, 9);
    expect(await passkeys.used(given.passkeyId, 0)).toBe(true);
    expect(await passkeys.used(given.passkeyId, 0)).toBe(true);
    expect(await passkeys.used(given.passkeyId, 1)).toBe(true);
    expect(await passkeys.used(given.passkeyId, 0)).toBe(false);
  });

  it('that were copied sign in once with one count, however many try at once', async () => {
    const { ann, passkeys, others } = await setUp();
    const given = somePasskey(ann, 'a');
    await passkeys.add(given, 9);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? passkeys : others).used(given.passkeyId, 4)),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('are renamed and removed by their owner only', async () => {
    const { ann, ben, passkeys, names } = await setUp();
    const given = somePasskey(ann, 'a');
    await passkeys.add(given, 9);
    expect(await passkeys.rename(ben, given.passkeyId, 'Mine')).toBe(false);
    expect(await passkeys.remove(ben, given.passkeyId)).toBe(false);
    expect(await passkeys.rename(ann, given.passkeyId, 'Blue one')).toBe(true);
    expect(await names(ann)).toEqual(['Blue one']);
    expect(await passkeys.remove(ann, given.passkeyId)).toBe(true);
    expect(await passkeys.remove(ann, given.passkeyId)).toBe(false);
    expect(await names(ann)).toEqual([]);
    expect(await passkeys.add(somePasskey(ben, 'a'), 9)).toMatchObject({ outcome: 'added' });
  });
});
