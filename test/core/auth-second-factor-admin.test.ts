import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import type { Letter, Mailer } from '../../src/ports/mailer.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, as, failure, local, makeAuthWorld } from '../support/auth.ts';

const sent: Letter[] = [];
const mailer: Mailer = {
  on: true,
  async send(_to, letter) {
    sent.push(letter);
    return 'ok';
  },
};

let world: AuthWorld;
let [ann, adam]: Tokens[] = [];
beforeEach(async () => {
  sent.length = 0;
  world = await makeAuthWorld({ mailer });
  ann = await world.register('ann');
  adam = await world.register('adam', 'admin');
});
afterEach(() => world.close());

const callOf = async (by: Tokens | undefined): Promise<Call> => (by === undefined ? local : as(await world.person(by)));
const status = async (user: string, by?: Tokens) => world.auth.handlers['twoFactor.status']({ user }, await callOf(by));
const reset = async (user: string, by?: Tokens) => world.auth.handlers['twoFactor.reset']({ user }, await callOf(by));

/** As setting up an authenticator app leaves it, on a trusted device. */
async function guard(tokens: Tokens | undefined): Promise<void> {
  const { secondFactors, devices } = world.platform;
  const userId = tokens?.userId as Tokens['userId'];
  await secondFactors.beginTotp(userId, 'sealed');
  await secondFactors.confirmTotp(userId, 'sealed', 1);
  await secondFactors.setRecoveryCodes(userId, ['a', 'b', 'c']);
  await devices.signedIn(userId, 'kitchen', 60_000);
}

describe('somebody’s second factor', () => {
  it('is shown to those who manage users', async () => {
    expect(await status('ann', adam)).toMatchObject({
      user: { name: 'ann', userId: ann?.userId },
      totp: false,
      recoveryCodesLeft: 0,
      passkeys: 0,
      required: false,
    });
    await guard(ann);
    expect(await status(ann?.userId ?? '')).toMatchObject({ totp: true, recoveryCodesLeft: 3, passkeys: 0 });
    expect(JSON.stringify(await status('ann'))).not.toMatch(/hash|sealed/i);
    expect(await failure(status('nobody'))).toMatchObject({ code: 'not_found', reason: 'no_such_user' });
  });

  it('is required as the instance says, by role', async () => {
    const strict = await makeAuthWorld({ settings: { ...world.platform.settings, twoFactor: 'required-for-admins' } });
    const { users } = strict.platform;
    for (const [name, role] of [
      ['eva', 'admin'],
      ['kim', 'moderator'],
    ] as const) {
      const userId = strict.platform.random.id() as Tokens['userId'];
      const account = { displayName: name, passwordHash: '', state: 'active', email: null, language: null } as const;
      await users.add({ userId, name, role, ...account });
    }
    const required = async (user: string) => (await strict.auth.handlers['twoFactor.status']({ user }, local)).required;
    expect([await required('eva'), await required('kim')]).toEqual([true, false]);
    await strict.close();
  });

  it('is forgotten with trust in devices and what was begun, and the session stays', async () => {
    await guard(ann);
    const userId = ann?.userId as Tokens['userId'];
    const { tickets, devices, audit } = world.platform;
    for (const purpose of ['second_factor', 'passkey_registration', 'password_reset'] as const)
      await tickets.add({ hash: purpose, purpose, userId, data: {}, lifeMs: 60_000, alone: true });
    await reset('ann', adam);
    expect(await status('ann')).toMatchObject({ totp: false, recoveryCodesLeft: 0 });
    expect((await devices.find(userId, 'kitchen'))?.trustedUntil ?? null).toBeNull();
    expect(await tickets.look('second_factor', 'second_factor')).toBeNull();
    expect(await tickets.look('passkey_registration', 'passkey_registration')).toBeNull();
    expect(await tickets.look('password_reset', 'password_reset')).not.toBeNull();
    await world.person(ann as Tokens);
    const ask = { before: null, after: null, userId: null, action: null, since: null, until: null, limit: 1 };
    expect(await audit.query(ask)).toMatchObject([
      { action: 'two_factor.reset', actor: { name: 'adam' }, subject: { id: userId, name: 'ann' } },
    ]);
  });

  it('is not forgotten by the person themself without their password, nor by those of lower rank', async () => {
    const olga = await world.register('olga', 'owner');
    await guard(adam);
    await guard(olga);
    expect(await failure(reset('adam', adam))).toMatchObject({ code: 'forbidden', reason: 'not_for_oneself' });
    expect(await failure(reset('olga', adam))).toMatchObject({ code: 'forbidden', reason: 'rank_above_own' });
    expect(await status('adam')).toMatchObject({ totp: true });
    await reset('adam', olga);
    await reset('olga');
    expect([(await status('adam')).totp, (await status('olga')).totp]).toEqual([false, false]);
  });

  it('is not forgotten in silence', async () => {
    await world.platform.users.setEmail(ann?.userId as Tokens['userId'], 'ann@example.org');
    await guard(ann);
    await reset('ann');
    const [job] = await world.platform.jobs.take(['mail'], 10, 60_000);
    await world.auth.jobs.mail?.(job as never);
    expect(sent).toMatchObject([{ kind: 'second_factor_changed', what: 'reset' }]);
  });
});
