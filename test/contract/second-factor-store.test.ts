import { expect, it } from 'vitest';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('second factors', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const factors = test.stores.secondFactors;
    const others = ((await test.another()) ?? test.stores).secondFactors;
    const confirmed = async (userId = ann, step = 100) => {
      await factors.beginTotp(userId, 'sealed');
      await factors.confirmTotp(userId, 'sealed', step);
    };
    return { ...test, ann, ben, factors, others, confirmed };
  }
  const none = { totpSecret: null, pendingSecret: null, recoveryCodesLeft: 0 };

  it('are none at first, for nobody known too', async () => {
    const { ann, factors } = await setUp();
    expect(await factors.find(ann)).toEqual(none);
    expect(await factors.find(someId.user())).toEqual(none);
    expect(await factors.useStep(ann, 1)).toBe(false);
    expect(await factors.useRecoveryCode(ann, 'x')).toBe(false);
    expect(await factors.confirmTotp(ann, 'x', 1)).toBe(false);
  });

  it('count once they are confirmed, with the secret that was begun last', async () => {
    const { ann, ben, factors } = await setUp();
    await factors.beginTotp(ann, 'first');
    await factors.beginTotp(ann, 'second');
    expect(await factors.find(ann)).toEqual({ ...none, pendingSecret: 'second' });
    expect(await factors.useStep(ann, 100)).toBe(false);
    expect(await factors.confirmTotp(ann, 'first', 100)).toBe(false);
    expect(await factors.confirmTotp(ann, 'second', 100)).toBe(true);
    expect(await factors.confirmTotp(ann, 'second', 101)).toBe(false);
    expect(await factors.find(ann)).toEqual({ ...none, totpSecret: 'second' });
    expect(await factors.find(ben)).toEqual(none);
  });

  it('keep the present secret until another one is confirmed', async () => {
    const { ann, factors, confirmed } = await setUp();
    await confirmed();
    await factors.beginTotp(ann, 'other');
    expect(await factors.find(ann)).toMatchObject({ totpSecret: 'sealed', pendingSecret: 'other' });
    expect(await factors.useStep(ann, 101)).toBe(true);
    expect(await factors.confirmTotp(ann, 'other', 50)).toBe(true);
    expect(await factors.useStep(ann, 50)).toBe(false);
    expect(await factors.useStep(ann, 51)).toBe(true);
  });

  it('are confirmed once, however often it is asked for at once', async () => {
    const { ann, factors, others } = await setUp();
    await factors.beginTotp(ann, 'sealed');
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => (i % 2 ? factors : others).confirmTotp(ann, 'sealed', 100)),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('take no step twice, nor one before the last, nor that of the confirmation', async () => {
    const { ann, factors, confirmed } = await setUp();
    await confirmed(ann, 100);
    expect(await factors.useStep(ann, 100)).toBe(false);
    expect(await factors.useStep(ann, 102)).toBe(true);
    expect(await factors.useStep(ann, 102)).toBe(false);
    expect(await factors.useStep(ann, 101)).toBe(false);
    expect(await factors.useStep(ann, 103)).toBe(true);
  });

  it('let exactly one of those in who use one step at once', async () => {
    const { ann, ben, factors, others, confirmed } = await setUp();
    await confirmed(ann);
    await confirmed(ben);
    for (let step = 101; step < 106; step++) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? factors : others).useStep(ann, step)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    }
    expect(await factors.useStep(ben, 101)).toBe(true);
  });

  it('go with the authenticator app, also one that was only begun', async () => {
    const { ann, ben, factors, confirmed } = await setUp();
    await confirmed(ann);
    await confirmed(ben);
    await factors.beginTotp(ann, 'other');
    await factors.setRecoveryCodes(ann, ['a']);
    await factors.removeTotp(ann);
    expect(await factors.find(ann)).toEqual({ ...none, recoveryCodesLeft: 1 });
    expect(await factors.confirmTotp(ann, 'other', 200)).toBe(false);
    expect(await factors.find(ben)).toMatchObject({ totpSecret: 'sealed' });
  });

  it('take each recovery code once, and only from whose it is', async () => {
    const { ann, ben, factors } = await setUp();
    await factors.setRecoveryCodes(ann, ['a', 'b', 'c']);
    await factors.setRecoveryCodes(ben, ['b']);
    expect(await factors.useRecoveryCode(ann, 'b')).toBe(true);
    expect(await factors.useRecoveryCode(ann, 'b')).toBe(false);
    expect((await factors.find(ann)).recoveryCodesLeft).toBe(2);
    expect(await factors.useRecoveryCode(ben, 'a')).toBe(false);
    expect((await factors.find(ben)).recoveryCodesLeft).toBe(1);
  });

  it('let exactly one of those in who use one recovery code at once', async () => {
    const { ann, factors, others } = await setUp();
    await factors.setRecoveryCodes(ann, ['a', 'b', 'c', 'd', 'e']);
    for (const code of ['a', 'b', 'c', 'd', 'e']) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? factors : others).useRecoveryCode(ann, code)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    }
    expect((await factors.find(ann)).recoveryCodesLeft).toBe(0);
  });

  it('have new recovery codes instead of all old ones, those of one set only', async () => {
    const { ann, factors, others } = await setUp();
    await factors.setRecoveryCodes(ann, ['a', 'b']);
    await factors.setRecoveryCodes(ann, ['c', 'd', 'd']);
    expect(await factors.useRecoveryCode(ann, 'a')).toBe(false);
    expect((await factors.find(ann)).recoveryCodesLeft).toBe(2);
    const sets = Array.from({ length: 6 }, (_, i) => [`${i}a`, `${i}b`, `${i}c`]);
    await Promise.all(sets.map((macs, i) => (i % 2 ? factors : others).setRecoveryCodes(ann, macs)));
    expect((await factors.find(ann)).recoveryCodesLeft).toBe(3);
    await factors.setRecoveryCodes(ann, []);
    expect((await factors.find(ann)).recoveryCodesLeft).toBe(0);
  });

  it('are all gone after a reset, with passkeys and trust in devices, of this person only', async () => {
    const { ann, ben, stores, factors, confirmed } = await setUp();
    for (const userId of [ann, ben]) {
      await confirmed(userId);
      await factors.setRecoveryCodes(userId, ['a']);
      await stores.devices.signedIn(userId, 'device', 60_000);
      await stores.passkeys.add(
        {
          passkeyId: someId.passkey(),
          userId,
          credentialId: `credential of ${userId}`,
          publicKey: 'key',
          signCount: 0,
          transports: [],
          name: 'Key',
          host: 'localhost',
        },
        9,
      );
    }
    await factors.reset(ann);
    await factors.reset(ann);
    expect(await factors.find(ann)).toEqual(none);
    expect(await stores.passkeys.list(ann)).toEqual([]);
    expect(await stores.devices.find(ann, 'device')).toEqual({ trustedUntil: null });
    expect(await factors.find(ben)).toMatchObject({ totpSecret: 'sealed', recoveryCodesLeft: 1 });
    expect(await stores.passkeys.list(ben)).toHaveLength(1);
    expect((await stores.devices.find(ben, 'device'))?.trustedUntil).toBeGreaterThan(0);
  });
});
