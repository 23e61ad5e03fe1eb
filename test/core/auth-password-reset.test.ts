import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call, Person } from '../../src/core/call.ts';
import type { Passwords } from '../../src/ports/crypto.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { as, failure, goodPassword, local, makeAuthWorld, stranger } from '../support/auth.ts';
import { type MailedWorld, makeMailedWorld, tokenOf } from '../support/mailed-world.ts';
import { testSettings } from '../support/platform.ts';

const minute = 60_000;
const hour = 60 * minute;
const better = 'rhubarb and custard 7';
const address = 'alice@example.org';
const dead = { code: 'forbidden', reason: 'link_invalid' };

let world: MailedWorld;
let alice: Tokens;

beforeEach(async () => {
  world = await makeMailedWorld();
  alice = await world.register('alice');
  await world.confirmed(alice, address);
});
afterEach(() => world.close());

const forgot = async (account: string, from: Call = stranger()) =>
  world.auth.handlers['auth.forgotPassword']({ account }, from);
const look = async (token: string) => world.auth.handlers['auth.resetLook']({ token }, stranger());
const reset = async (token: string, password = better, from = stranger()) =>
  world.auth.handlers['auth.resetPassword']({ token, password }, from);

/** The newest link that was sent to her. */
async function mailedToken(): Promise<string> {
  await world.work();
  const letter = world.letters('password_reset', address).at(-1);
  if (letter === undefined) throw new Error('no letter came');
  return tokenOf(letter);
}

async function asked(): Promise<string> {
  await forgot('alice');
  return mailedToken();
}

describe('a forgotten password', () => {
  it.each(['alice', ' ALICE ', address, 'Alice@Example.ORG'])('is asked for by name or address: %s', async (said) => {
    expect(await forgot(said)).toEqual({ byMail: true });
    await world.work();
    expect(world.letters('password_reset', address)).toEqual([
      {
        kind: 'password_reset',
        name: 'alice',
        minutes: 30,
        link: expect.stringMatching(new RegExp(`^${testSettings.address}/reset#[\\w-]{43}$`)),
      },
    ]);
    expect(await world.actions()).toContain('password.forgotten');
  });

  it('answers the same whoever is asked for, and leaves the same behind: one sealed job', async () => {
    const { jobs, users } = world.platform;
    await world.work();
    const bob = await world.register('bob');
    await users.setState(bob.userId, { from: ['active'], state: 'disabled' });
    await world.work();
    for (const account of ['alice', 'bob', 'nobody', 'no@body.example', '!!', '']) {
      expect(await forgot(account, stranger(`192.0.2.${account.length}`))).toEqual({ byMail: true });
      const [job, ...more] = await jobs.take(['password_reset', 'mail'], 10, minute);
      expect(job?.queue).toBe('password_reset');
      expect(JSON.stringify([job?.key, job?.payload])).not.toMatch(/alice|bob|body/);
      expect(more).toEqual([]);
    }
  });

  it.each([
    ['nobody has that name', async () => 'nobody'],
    ['no address was confirmed', async () => (await world.register('carol')) && 'carol'],
    [
      'the account is disabled',
      async () => {
        await world.platform.users.setState(alice.userId, { from: ['active'], state: 'disabled' });
        return 'alice';
      },
    ],
  ])('is written to nobody where %s', async (_why, account) => {
    const said = await account();
    await world.work();
    await forgot(said);
    await world.work();
    expect(world.letters('password_reset')).toEqual([]);
    expect(await world.actions()).not.toContain('password.forgotten');
  });

  it('is asked for at most so often, by network; a person gets at most five letters an hour', async () => {
    for (let n = 0; n < 20; n++) await forgot('alice', stranger('192.0.2.1'));
    expect(await failure(forgot('nobody', stranger('192.0.2.1')))).toMatchObject({
      code: 'too_many_requests',
      retryAfter: expect.any(Number),
    });
    for (let n = 0; n < 9; n++) {
      await forgot('alice', stranger(`203.0.113.${n}`));
      await world.work();
    }
    expect(world.letters('password_reset')).toHaveLength(5);
    await world.later(hour);
    await asked();
    expect(world.letters('password_reset')).toHaveLength(6);
  });

  it('asked for before a worker had time is one letter', async () => {
    for (let n = 0; n < 4; n++) await forgot('alice');
    await world.work();
    expect(world.letters('password_reset')).toHaveLength(1);
  });

  it('asked for too long ago is forgotten', async () => {
    await forgot('alice');
    world.platform.clock.advance(30 * minute);
    await world.work();
    expect(world.letters('password_reset')).toEqual([]);
  });

  it('says where mail is off that an admin must help, and leaves nothing behind', async () => {
    const silent = await makeAuthWorld();
    await silent.register('alice');
    expect(await silent.auth.handlers['auth.forgotPassword']({ account: 'alice' }, stranger())).toEqual({
      byMail: false,
    });
    expect(await silent.platform.jobs.take(Object.keys(silent.auth.jobs), 10, minute)).toEqual([]);
    await silent.close();
  });
});

describe('a link for a new password', () => {
  it('says whose it is, as often as one looks', async () => {
    const token = await asked();
    for (let n = 0; n < 2; n++) expect(await look(token)).toEqual({ name: 'alice', displayName: 'alice' });
  });

  it('gives one new password, closes every session, and says so', async () => {
    const phone = await world.signIn('alice');
    const token = await asked();
    expect(await reset(token)).toEqual({});
    for (const { sessionId } of [alice, phone]) {
      expect(await world.platform.sessions.find(sessionId)).toMatchObject({ closedAt: expect.any(Number) });
    }
    expect(await world.signIn('alice', stranger(), better)).toMatchObject({ status: 'signed_in' });
    expect(await failure(world.signIn('alice'))).toMatchObject({ reason: 'wrong_credentials' });
    expect(await failure(reset(token, 'medlar jelly 31'))).toMatchObject(dead);
    expect(await failure(look(token))).toMatchObject(dead);
    await world.work();
    expect(world.letters('password_changed', address)).toHaveLength(1);
    expect(await world.actions()).toContain('password.reset');
  });

  it('is there for half an hour', async () => {
    const token = await asked();
    world.platform.clock.advance(30 * minute - 1);
    expect(await look(token)).toMatchObject({ name: 'alice' });
    world.platform.clock.advance(1);
    expect(await failure(look(token))).toMatchObject(dead);
    expect(await failure(reset(token))).toMatchObject(dead);
  });

  it('is not used up by a weak password, nor by a server with too much to do', async () => {
    let busy = false;
    const { passwords } = world.platform;
    const crowded: Passwords = {
      ...passwords,
      hash: (password) => (busy ? Promise.reject(new AppError('too_many_requests', 'busy')) : passwords.hash(password)),
    };
    await world.close();
    world = await makeMailedWorld({ passwords: crowded });
    alice = await world.register('alice');
    await world.confirmed(alice, address);
    const token = await asked();
    for (const weak of ['qwertyuiop', 'alice in wonderland', 'aaaaaaaaaaaa']) {
      expect(await failure(reset(token, weak))).toMatchObject({ code: 'invalid', reason: 'password_too_weak' });
    }
    busy = true;
    expect(await failure(reset(token))).toMatchObject({ reason: 'busy' });
    busy = false;
    expect(await reset(token)).toEqual({});
  });

  it('used twice at once works once', async () => {
    const token = await asked();
    const passwords = [better, 'medlar jelly 31', 'damson gin 1984'];
    const outcomes = await Promise.allSettled(passwords.map((password) => reset(token, password)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = passwords[outcomes.findIndex(({ status }) => status === 'fulfilled')];
    expect(await world.signIn('alice', stranger(), winner)).toMatchObject({ status: 'signed_in' });
  });

  it('of several each works until one was used, or the password was changed, or the address', async () => {
    const first = await asked();
    const second = await asked();
    expect(first).not.toBe(second);
    expect(await reset(first)).toEqual({});
    expect(await failure(reset(second))).toMatchObject(dead);

    const third = await asked();
    const again = await world.signIn('alice', stranger(), better);
    const me = as(await world.person(again));
    await world.auth.handlers['email.set']({ present: better, email: null }, me);
    expect(await failure(look(third))).toMatchObject(dead);
  });

  it('leaves the second factor where it is, and drops trust in devices', async () => {
    const { secondFactors, devices } = world.platform;
    await secondFactors.beginTotp(alice.userId, 'sealed');
    await secondFactors.confirmTotp(alice.userId, 'sealed', 1);
    await devices.signedIn(alice.userId, 'a device', hour);
    await reset(await asked());
    expect(await secondFactors.find(alice.userId)).toMatchObject({ totpSecret: 'sealed' });
    expect(await devices.find(alice.userId, 'a device')).toEqual({ trustedUntil: null });
    expect(await world.trySignIn('alice', stranger(), better)).toMatchObject({ status: 'second_factor_needed' });
  });

  it('is worth nothing for another purpose, nor made up, nor when the account is gone', async () => {
    const token = await asked();
    expect(await failure(Promise.resolve(world.auth.handlers['email.confirm']({ token }, stranger())))).toMatchObject(
      dead,
    );
    for (const wrong of ['', 'x', token.slice(1), `${token}x`]) expect(await failure(look(wrong))).toMatchObject(dead);
    await world.platform.users.setState(alice.userId, { from: ['active'], state: 'deleting', deletesAt: 0 });
    await world.platform.users.empty(alice.userId);
    expect(await failure(reset(token))).toMatchObject(dead);
  });

  it('is guessed at only so often', async () => {
    for (let n = 0; n < 30; n++) expect(await failure(look(`guess ${n}`))).toMatchObject(dead);
    expect(await failure(look('guess'))).toMatchObject({ code: 'too_many_requests' });
    // Whoever has one is not held up by that.
    expect(await look(await asked())).toMatchObject({ name: 'alice' });
  });
});

describe('a link made by those who manage users', () => {
  let owner: Person;
  let admin: Person;
  beforeEach(async () => {
    owner = await world.person(await world.register('olga', 'owner'));
    admin = await world.person(await world.register('adam', 'admin'));
  });
  const make = async (user: string, caller: Call) => world.auth.handlers['user.resetLink']({ user }, caller);

  it('works once within a day, with mail or without', async () => {
    const { link, expiresAt } = await make('alice', as(admin));
    expect(expiresAt).toBe(world.platform.clock.now() + 24 * hour);
    world.platform.clock.advance(24 * hour - 1);
    expect(await reset(tokenOf({ link }))).toEqual({});
    expect(await world.signIn('alice', stranger(), better)).toMatchObject({ status: 'signed_in' });
    expect(await failure(reset(tokenOf({ link })))).toMatchObject(dead);
    expect(await world.actions()).toContain('password.link_made');
  });

  it('replaces the one before, and outlives what others ask for by mail', async () => {
    const first = await make('alice', as(admin));
    const second = await make('alice', local);
    expect(await failure(look(tokenOf(first)))).toMatchObject(dead);
    await asked();
    expect(await look(tokenOf(second))).toMatchObject({ name: 'alice' });
  });

  it('is not made for somebody of a higher rank, nor for oneself', async () => {
    expect(await failure(make('olga', as(admin)))).toMatchObject({ code: 'forbidden', reason: 'rank_above_own' });
    expect(await failure(make('adam', as(admin)))).toMatchObject({ code: 'forbidden', reason: 'not_for_oneself' });
    expect(await make('adam', as(owner))).toMatchObject({ link: expect.any(String) });
    expect(await make('olga', local)).toMatchObject({ link: expect.any(String) });
    expect(await failure(make('nobody', local))).toMatchObject({ reason: 'no_such_user' });
  });

  it('is not made for somebody who was deleted, and no password is set for them', async () => {
    await world.platform.users.setState(alice.userId, { from: ['active'], state: 'deleting', deletesAt: 0 });
    await world.platform.users.empty(alice.userId);
    const gone = { code: 'not_found', reason: 'no_such_user' };
    expect(await failure(make(alice.userId, local))).toMatchObject(gone);
    const set = { user: alice.userId, password: better };
    expect(await failure(Promise.resolve(world.auth.handlers['user.setPassword'](set, local)))).toMatchObject(gone);
  });

  it('lets nobody in who is disabled', async () => {
    const { link } = await make('alice', local);
    await world.platform.users.setState(alice.userId, { from: ['active'], state: 'disabled' });
    await reset(tokenOf({ link }));
    expect(await failure(world.signIn('alice', stranger(), better))).toMatchObject({ reason: 'account_disabled' });
    expect(await failure(world.signIn('alice', stranger(), goodPassword))).toMatchObject({
      reason: 'wrong_credentials',
    });
  });
});
