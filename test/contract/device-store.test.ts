import { expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { addPeople } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('devices', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const { devices } = test.stores;
    const others = ((await test.another()) ?? test.stores).devices;
    return { ...test, ann, ben, devices, others };
  }

  it('are known to a person from their first sign-in on', async () => {
    const { ann, ben, devices } = await setUp();
    expect(await devices.find(ann, 'phone')).toBeNull();
    expect(await devices.signedIn(ann, 'phone', null)).toEqual({ known: false, first: true });
    expect(await devices.find(ann, 'phone')).toEqual({ trustedUntil: null });
    expect(await devices.signedIn(ann, 'phone', null)).toEqual({ known: true, first: false });
    expect(await devices.signedIn(ann, 'laptop', null)).toEqual({ known: false, first: false });
    expect(await devices.find(ben, 'phone')).toBeNull();
    expect(await devices.signedIn(ben, 'phone', null)).toEqual({ known: false, first: true });
  });

  it('are first once, however many sign in at once', async () => {
    const { ann, ben, devices, others } = await setUp();
    const store = (i: number) => (i % 2 ? devices : others);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => store(i).signedIn(ann, `${i}`, null)));
    expect(answers.filter(({ first }) => first)).toHaveLength(1);
    const same = await Promise.all(Array.from({ length: 8 }, (_, i) => store(i).signedIn(ben, 'one', null)));
    expect(same.filter(({ known }) => !known)).toHaveLength(1);
  });

  it('are trusted for a time from when that was asked for, and stay so', async () => {
    const { ann, devices, stores, pass } = await setUp();
    const before = await stores.sessions.now();
    await devices.signedIn(ann, 'phone', 60_000);
    const trusted = await devices.find(ann, 'phone');
    expect(trusted?.trustedUntil).toBeGreaterThanOrEqual(before + 60_000);
    await devices.signedIn(ann, 'phone', null);
    expect(await devices.find(ann, 'phone')).toEqual(trusted);
    await pass(2);
    await devices.signedIn(ann, 'phone', 60_000);
    expect((await devices.find(ann, 'phone'))?.trustedUntil).toBeGreaterThan(trusted?.trustedUntil ?? 0);
  });

  it('are known but trusted no longer once trust is taken back, of this person only', async () => {
    const { ann, ben, devices } = await setUp();
    for (const userId of [ann, ben]) await devices.signedIn(userId, 'phone', 60_000);
    await devices.distrust(ann);
    expect(await devices.find(ann, 'phone')).toEqual({ trustedUntil: null });
    expect(await devices.signedIn(ann, 'phone', null)).toEqual({ known: true, first: false });
    expect((await devices.find(ben, 'phone'))?.trustedUntil).toBeGreaterThan(0);
  });

  it('are so many at most: one more, and the one used longest ago is forgotten', async () => {
    const { ann, ben, devices, pass } = await setUp();
    await devices.signedIn(ben, 'old', null);
    for (const device of ['old', 'older']) {
      await devices.signedIn(ann, device, 60_000);
      await pass(2);
    }
    await devices.signedIn(ann, 'old', null);
    await pass(2);
    for (let n = 0; n < limits.devices - 1; n++) await devices.signedIn(ann, `${n}`, null);
    expect(await devices.find(ann, 'older')).toBeNull();
    await devices.signedIn(ann, 'old', null);
    for (const device of ['old', '0', `${limits.devices - 2}`]) expect(await devices.find(ann, device)).not.toBeNull();
    await pass(2);
    await devices.signedIn(ann, 'new', null);
    expect(await devices.signedIn(ann, 'new', null)).toEqual({ known: true, first: false });
    expect(await devices.find(ben, 'old')).not.toBeNull();
  });

  it('are forgotten once nobody signed in on them for long', async () => {
    const { ann, devices, stores, pass } = await setUp();
    await devices.signedIn(ann, 'old', 60_000);
    await devices.signedIn(ann, 'used', null);
    await pass(2);
    const since = await stores.sessions.now();
    await devices.signedIn(ann, 'used', null);
    await devices.prune(since);
    expect(await devices.find(ann, 'old')).toBeNull();
    expect(await devices.find(ann, 'used')).not.toBeNull();
  });
});
