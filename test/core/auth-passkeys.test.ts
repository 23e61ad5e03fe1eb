import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAuth } from '../../src/core/auth/auth.ts';
import type { Call } from '../../src/core/call.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { WebauthnJson } from '../../src/protocol/models.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import {
  type AuthWorld,
  as,
  failure,
  goodPassword,
  makeAuthWorld,
  noConversations,
  signedIn,
  stranger,
} from '../support/auth.ts';
import { type Asked, makeSoftPasskey, type SoftPasskey } from '../support/authenticator.ts';
import { testSettings } from '../support/platform.ts';
import { type Authenticators, makeAuthenticators, ticketOf } from '../support/second-factors.ts';

const minute = 60_000;
const place = { host: 'chat.example.org', origin: 'https://chat.example.org' };
const failed = { code: 'unauthenticated', reason: 'passkey_failed' };
const unknown = { code: 'unauthenticated', reason: 'passkey_unknown' };
const expired = { code: 'unauthenticated', reason: 'ticket_expired' };
const needsName = { code: 'conflict', reason: 'passkeys_need_a_name' };
const wrongPassword = { code: 'forbidden', reason: 'wrong_password' };

let world: AuthWorld;
let app: Authenticators;
let alice: Tokens;

beforeEach(async () => {
  world = await makeAuthWorld();
  app = makeAuthenticators(world);
  alice = await world.register('alice');
});
afterEach(() => world.close());

const handlers = () => world.auth.handlers;
const at = (call: Call, origin: string | null): Call => ({ ...call, origin });
const callOf = async (tokens: Tokens, origin: string | null = null) => at(as(await world.person(tokens)), origin);
const challengeOf = ({ options }: { options: WebauthnJson }) => options.challenge as string;

const begin = async (tokens: Tokens, present = goodPassword, origin: string | null = null) =>
  handlers()['passkey.begin']({ present }, await callOf(tokens, origin));
const finish = async (tokens: Tokens, attempt: string, response: WebauthnJson, name = 'Phone') =>
  handlers()['passkey.finish']({ attempt, response, name }, await callOf(tokens));

/** A passkey that somebody who is signed in has added. */
async function add(tokens: Tokens, passkey: SoftPasskey = makeSoftPasskey(), name = 'Phone') {
  const begun = await begin(tokens);
  const response = passkey.create({ ...place, challenge: challengeOf(begun) });
  return { soft: passkey, ...(await finish(tokens, begun.attempt, response, name)) };
}

interface How {
  readonly ticket?: string | null;
  readonly from?: Call;
  readonly change?: Partial<Asked>;
  readonly trustDevice?: boolean;
  readonly deviceToken?: string | undefined;
}

/** Signs in with a passkey, alone or, with a ticket, as the second factor. */
async function signInWith(passkey: SoftPasskey, how: How = {}): Promise<Tokens> {
  const { ticket = null, from = stranger(), change = {}, trustDevice = false, deviceToken } = how;
  const begun = await handlers()['auth.passkeyBegin']({ ticket }, from);
  const response = passkey.get({ ...place, challenge: challengeOf(begun), ...change });
  const input = {
    attempt: begun.attempt,
    response,
    trustDevice,
    device: 'phone',
    keepIn: 'body',
    deviceToken,
  } as const;
  return signedIn(await handlers()['auth.passkeyFinish'](input, from));
}

const actions = async (action: string) =>
  world.platform.audit.query({ before: null, after: null, userId: null, action, since: null, until: null, limit: 50 });

describe('a passkey', () => {
  it('is added with the password alone; the first one brings recovery codes, and makes a password alone too little', async () => {
    expect(await failure(begin(alice, 'not her password'))).toMatchObject(wrongPassword);
    const { passkey, recoveryCodes } = await add(alice);
    expect(passkey).toMatchObject({ name: 'Phone', host: place.host, lastUsedAt: null });
    expect(Object.keys(passkey).sort()).toEqual(['createdAt', 'host', 'lastUsedAt', 'name', 'passkeyId']);
    expect(recoveryCodes).toHaveLength(10);
    expect((await add(alice)).recoveryCodes).toBeNull();
    expect((await app.addTotp(alice)).recoveryCodes).toBeNull();
    expect(await app.show(alice)).toMatchObject({ recoveryCodesLeft: 10, totp: true });
    expect(await world.trySignIn('alice')).toMatchObject({
      status: 'second_factor_needed',
      methods: ['totp', 'passkey', 'recovery_code'],
    });
  });

  it('is made anew for each attempt: by the person who began, once, within five minutes', async () => {
    const bob = await world.register('bob');
    const made = (begun: { options: WebauthnJson }) =>
      makeSoftPasskey().create({ ...place, challenge: challengeOf(begun) });
    const expiredAttempt = { code: 'conflict', reason: 'attempt_expired' };

    const hers = await begin(alice);
    expect(await failure(finish(bob, hers.attempt, made(hers)))).toMatchObject(expiredAttempt);
    const once = await begin(alice);
    await finish(alice, once.attempt, made(once));
    expect(await failure(finish(alice, once.attempt, made(once)))).toMatchObject(expiredAttempt);
    const late = await begin(alice);
    await world.later(5 * minute);
    expect(await failure(finish(alice, late.attempt, made(late)))).toMatchObject(expiredAttempt);
    const signIn = await handlers()['auth.passkeyBegin']({ ticket: null }, stranger());
    expect(await failure(finish(alice, signIn.attempt, made(signIn)))).toMatchObject(expiredAttempt);
  });

  it('is refused where it answers another challenge or page, and is not kept', async () => {
    const { options, attempt } = await begin(alice);
    const response = makeSoftPasskey().create({ ...place, challenge: 'AAAA' });
    expect(options.challenge).not.toBe('AAAA');
    expect(await failure(finish(alice, attempt, response))).toMatchObject({
      code: 'forbidden',
      reason: 'passkey_failed',
    });
    expect(await app.show(alice)).toMatchObject({ passkeys: [] });
  });

  it('is kept once, whosever account it is offered to', async () => {
    const bob = await world.register('bob');
    const { soft } = await add(alice);
    expect(await failure(add(bob, soft))).toMatchObject({ code: 'conflict', reason: 'passkey_exists' });
    expect(await signInWith(soft)).toMatchObject({ userId: alice.userId });
  });

  it('is one of twenty at most', async () => {
    for (let n = 0; n < limits.passkeys - 1; n++) await add(alice);
    const [one, other] = [await begin(alice), await begin(alice)];
    const response = (begun: typeof one) => makeSoftPasskey().create({ ...place, challenge: challengeOf(begun) });
    await finish(alice, one.attempt, response(one));
    const tooMany = { code: 'conflict', reason: 'too_many_passkeys' };
    expect(await failure(finish(alice, other.attempt, response(other)))).toMatchObject(tooMany);
    expect(await failure(begin(alice))).toMatchObject(tooMany);
  });

  it('is renamed and removed by nobody but its owner', async () => {
    const bob = await world.register('bob');
    const { passkey, soft } = await add(alice);
    const { passkeyId } = passkey;
    const gone = { code: 'not_found', reason: 'no_such_passkey' };
    const rename = async (who: Tokens) =>
      handlers()['passkey.rename']({ passkeyId, name: 'Laptop' }, await callOf(who));
    const remove = async (who: Tokens, present = goodPassword) =>
      handlers()['passkey.remove']({ passkeyId, present }, await callOf(who));

    expect(await failure(rename(bob))).toMatchObject(gone);
    expect(await failure(remove(bob))).toMatchObject(gone);
    await rename(alice);
    expect((await app.show(alice)).passkeys).toMatchObject([{ passkeyId, name: 'Laptop' }]);
    expect(await failure(remove(alice, 'not her password'))).toMatchObject(wrongPassword);
    await remove(alice);
    expect(await failure(remove(alice))).toMatchObject(gone);
    expect(await app.show(alice)).toMatchObject({ passkeys: [], recoveryCodesLeft: 0 });
    expect(await failure(signInWith(soft))).toMatchObject(unknown);
    expect(await world.signIn('alice')).toMatchObject({ status: 'signed_in' });
  });

  it('cannot be removed where it is the last second factor, and one is required', async () => {
    const first = await add(alice);
    const second = await add(alice);
    await world.platform.users.setRole(alice.userId, 'admin');
    const auth = strictAuth();
    const admin = await callOf(await signInWith(first.soft));
    const remove = async ({ passkey }: typeof first) =>
      auth['passkey.remove']({ passkeyId: passkey.passkeyId, present: goodPassword }, admin);
    await remove(second);
    expect(await failure(remove(first))).toMatchObject({ code: 'conflict', reason: 'second_factor_required' });
  });

  it('belongs to a name, never to a bare address', async () => {
    for (const origin of ['http://192.168.1.5:8080', 'https://[2001:db8::1]', 'https://203.0.113.9']) {
      expect(await failure(begin(alice, goodPassword, origin))).toMatchObject(needsName);
      const signIn = async () => handlers()['auth.passkeyBegin']({ ticket: null }, at(stranger(), origin));
      expect(await failure(signIn())).toMatchObject(needsName);
    }
    const { options } = await begin(alice, goodPassword, 'http://localhost:8080');
    expect(options.rp).toMatchObject({ id: 'localhost' });
  });

  it('is offered only on the host it was made for', async () => {
    await add(alice);
    expect(await world.trySignIn('alice', at(stranger(), 'https://other.example.org'))).toMatchObject({
      status: 'second_factor_needed',
      methods: ['recovery_code'],
    });
    const ticket = await app.ticket('alice');
    const elsewhere = async () =>
      handlers()['auth.passkeyBegin']({ ticket }, at(stranger(), 'https://other.example.org'));
    expect(await failure(elsewhere())).toMatchObject({ code: 'conflict', reason: 'no_passkey_here' });
  });
});

describe('signing in with a passkey alone', () => {
  it('needs no name and no password', async () => {
    for (const algorithm of ['ES256', 'EdDSA'] as const) {
      const { soft, passkey } = await add(alice, makeSoftPasskey({ algorithm }));
      const tokens = await signInWith(soft);
      expect(await world.person(tokens)).toMatchObject({ userId: alice.userId });
      const { passkeys } = await app.show(alice);
      const used = passkeys.find(({ passkeyId }) => passkeyId === passkey.passkeyId);
      expect(used?.lastUsedAt).toBe(world.platform.clock.now());
    }
  });

  it('needs a device that made sure who holds it', async () => {
    const { soft } = await add(alice);
    const careless = signInWith(soft, { change: { userVerified: false } });
    expect(await failure(careless)).toMatchObject(failed);
    expect(await actions('passkey.refused')).toMatchObject([{ details: { because: 'user_not_verified' } }]);
  });

  it('is good once for each attempt, however often the answer is sent', async () => {
    const { soft } = await add(alice, makeSoftPasskey({ counts: false }));
    const { attempt, options } = await handlers()['auth.passkeyBegin']({ ticket: null }, stranger());
    const response = soft.get({ ...place, challenge: options.challenge as string });
    const input = { attempt, response, trustDevice: false, device: '', keepIn: 'body' } as const;
    const answers = await Promise.allSettled(
      Array.from({ length: 4 }, async () => handlers()['auth.passkeyFinish'](input, stranger())),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await failure(Promise.resolve(handlers()['auth.passkeyFinish'](input, stranger())))).toMatchObject(expired);
  });

  it('ends after five minutes', async () => {
    const { soft } = await add(alice);
    const { attempt, options } = await handlers()['auth.passkeyBegin']({ ticket: null }, stranger());
    await world.later(5 * minute);
    const response = soft.get({ ...place, challenge: options.challenge as string });
    const input = { attempt, response, trustDevice: false, device: '', keepIn: 'body' } as const;
    expect(await failure(Promise.resolve(handlers()['auth.passkeyFinish'](input, stranger())))).toMatchObject(expired);
  });

  it.each<[string, Partial<Asked>]>([
    ['challenge', { challenge: 'AAAA' }],
    ['page', { origin: 'https://chat.example.org.evil.example' }],
    ['host', { host: 'evil.example' }],
  ])('is refused for another %s', async (_what, change) => {
    const { soft } = await add(alice);
    expect(await failure(signInWith(soft, { change }))).toMatchObject(failed);
    expect(await actions('passkey.refused')).toMatchObject([{ details: { because: 'not_valid' } }]);
  });

  it('is refused where the counter stands still or goes back, as a copy’s does, and is audited', async () => {
    const { soft } = await add(alice);
    await signInWith(soft, { change: { signCount: 7 } });
    for (const signCount of [7, 6, 0]) {
      expect(await failure(signInWith(soft, { change: { signCount } }))).toMatchObject(failed);
    }
    expect(await actions('passkey.refused')).toMatchObject(
      Array.from({ length: 3 }, () => ({ details: { because: 'counter_went_back' } })),
    );
    await signInWith(soft, { change: { signCount: 8 } });
  });

  it('goes on for passkeys that do not count', async () => {
    const { soft } = await add(alice, makeSoftPasskey({ counts: false }));
    for (let n = 0; n < 3; n++) await signInWith(soft);
  });

  it('is refused for a passkey that nobody has, or of another host', async () => {
    expect(await failure(signInWith(makeSoftPasskey()))).toMatchObject(unknown);
    const { soft } = await add(alice);
    const other = { host: 'other.example.org', origin: 'https://other.example.org' };
    const from = at(stranger(), other.origin);
    expect(await failure(signInWith(soft, { from, change: other }))).toMatchObject(unknown);
  });

  it('tells whoever is disabled so, once they have shown who they are', async () => {
    const { soft } = await add(alice);
    await world.platform.users.setState(alice.userId, { from: ['active'], state: 'disabled' });
    expect(await failure(signInWith(soft, { change: { challenge: 'AAAA' } }))).toMatchObject(failed);
    expect(await failure(signInWith(soft))).toMatchObject({ code: 'forbidden', reason: 'account_disabled' });
  });

  it('counts as the second factor that an instance requires', async () => {
    const { soft } = await add(alice);
    await world.platform.users.setRole(alice.userId, 'admin');
    const auth = strictAuth();
    const begun = await auth['auth.passkeyBegin']({ ticket: null }, stranger());
    const response = soft.get({ ...place, challenge: challengeOf(begun) });
    const input = { attempt: begun.attempt, response, trustDevice: false, device: '', keepIn: 'body' } as const;
    expect(await auth['auth.passkeyFinish'](input, stranger())).toMatchObject({ status: 'signed_in' });
  });

  it('is never locked out by what others get wrong: not by passwords, codes, nor passkeys', async () => {
    const { soft } = await add(alice);
    const there = stranger('192.0.2.99');
    const ticket = await app.ticket('alice', stranger('192.0.2.1'));
    for (let n = 0; n < 60; n++) await failure(world.signIn('alice', there, 'not her password'));
    for (let n = 0; n < 12; n++) await failure(app.answer(ticket, 'x', { from: stranger('192.0.2.1') }));
    for (let n = 0; n < 20; n++) await failure(signInWith(makeSoftPasskey(), { from: there }));
    expect(await failure(world.signIn('alice', there))).toMatchObject({ reason: 'throttled' });
    expect(await signInWith(soft, { from: there })).toMatchObject({ status: 'signed_in' });
  });

  it('is asked for by one network 600 times in ten minutes, and those that went well count for nothing', async () => {
    const { soft } = await add(alice);
    const ask = async (from: Call) => handlers()['auth.passkeyBegin']({ ticket: null }, from);
    const there = stranger('192.0.2.99');
    for (let n = 0; n < 599; n++) await ask(there);
    await signInWith(soft, { from: there });
    await ask(there);
    expect(await failure(ask(there))).toMatchObject({ code: 'too_many_requests', retryAfter: 1 });
    await ask(stranger('192.0.2.98'));
  });
});

describe('a passkey as the second factor', () => {
  it('answers the ticket of a sign-in, made sure of the person or not', async () => {
    const { soft } = await add(alice);
    const { options } = await handlers()['auth.passkeyBegin']({ ticket: await app.ticket('alice') }, stranger());
    expect(options.allowCredentials).toMatchObject([{ id: soft.credentialId, transports: ['internal', 'hybrid'] }]);
    for (const userVerified of [true, false]) {
      const ticket = await app.ticket('alice');
      expect(await signInWith(soft, { ticket, change: { userVerified } })).toMatchObject({ userId: alice.userId });
      expect(await failure(signInWith(soft, { ticket }))).toMatchObject(expired);
    }
  });

  it('is that of the person whose password was right', async () => {
    const bob = await world.register('bob');
    await add(alice);
    const { soft: his } = await add(bob);
    const ticket = await app.ticket('alice');
    expect(await failure(signInWith(his, { ticket }))).toMatchObject(unknown);
  });

  it('opens one session, whatever else answers the ticket at once', async () => {
    const { soft, recoveryCodes } = await add(alice);
    const ticket = await app.ticket('alice');
    const answers = await Promise.allSettled([
      signInWith(soft, { ticket }),
      app.answer(ticket, recoveryCodes?.[0] ?? '', { method: 'recovery_code' }),
    ]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('counts no longer than the ticket, nor under another password', async () => {
    const { soft } = await add(alice);
    const ticket = ticketOf(await world.trySignIn('alice'), 'second_factor_needed');
    const begun = await handlers()['auth.passkeyBegin']({ ticket }, stranger());
    await world.later(1);
    const user = await world.platform.users.findByName('alice');
    await world.platform.users.setPassword(alice.userId, user?.passwordHash ?? '');
    const response = soft.get({ ...place, challenge: challengeOf(begun) });
    const input = { attempt: begun.attempt, response, trustDevice: false, device: '', keepIn: 'body' } as const;
    expect(await failure(Promise.resolve(handlers()['auth.passkeyFinish'](input, stranger())))).toMatchObject(expired);
    expect(await failure(signInWith(soft, { ticket: 'x' }))).toMatchObject(expired);
  });
});

/** The same stores, where owners and admins must have a second factor. */
function strictAuth() {
  const settings = { ...testSettings, twoFactor: 'required-for-admins' } as const;
  return makeAuth({ ...world.platform, settings }, noConversations).handlers;
}
