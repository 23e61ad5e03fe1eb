import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../src/protocol/errors.ts';
import type { Engine } from '../../src/web/engine/engine.ts';
import { makeEngine } from '../../src/web/engine/make-engine.ts';
import { until } from './engine-world.ts';
import { type Browser, openBrowser, ready, type Served, serve, signedOut } from './served.ts';

const password = 'a horse without a battery';

/** An authenticator app. The package has types of Node's, so it is named where they are not looked at. */
const codeOf = async (secret: string, stepsOn = 0): Promise<string> => {
  const { generate } = await import(/* @vite-ignore */ String('otplib'));
  return generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 * stepsOn });
};

const reasonOf = (rejecting: Promise<unknown>): Promise<string> =>
  rejecting.then(
    () => 'nothing went wrong',
    (error: unknown) => (error instanceof AppError ? error.reason : String(error)),
  );

async function openSignedOut(served: Served): Promise<{ browser: Browser; engine: Engine }> {
  const browser = openBrowser(served);
  const engine = makeEngine(browser.world);
  await signedOut(engine);
  return { browser, engine };
}

async function register(served: Served, name: string): Promise<{ browser: Browser; engine: Engine }> {
  const opened = await openSignedOut(served);
  await opened.engine.auth.register({ name, displayName: name, password });
  await ready(opened.engine);
  return opened;
}

describe('a second factor', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ registration: 'open' });
  });
  afterAll(() => served?.remove());

  test('is asked for once it is set up, outlasts a reload, and a wrong code may be followed by a right one', async () => {
    const { browser, engine } = await register(served, 'anna');
    expect(await engine.security.show()).toMatchObject({ totp: false, passkeys: [], twoFactorRequired: false });
    expect(await reasonOf(engine.security.totpBegin('wrong'))).toBe('wrong_password');
    const { secret } = await engine.security.totpBegin(password);
    const codes = await engine.security.totpFinish(await codeOf(secret));
    expect(codes).toHaveLength(10);
    expect(await engine.security.show()).toMatchObject({ totp: true, recoveryCodesLeft: 10 });
    await engine.auth.signOut();

    await engine.auth.signIn({ name: 'anna', password });
    expect(engine.phase.value).toBe('signed_out');
    expect(engine.auth.needed.value).toMatchObject({ methods: ['totp', 'recovery_code'] });

    const reloaded = makeEngine(browser.world);
    await signedOut(reloaded);
    expect(reloaded.auth.needed.value).toEqual(engine.auth.needed.value);
    const input = { method: 'totp', trustDevice: true } as const;
    expect(await reasonOf(reloaded.auth.secondFactor({ ...input, code: '000000' }))).toBe('wrong_code');
    await reloaded.auth.secondFactor({ ...input, code: await codeOf(secret, 1) });
    await ready(reloaded);
    expect(reloaded.auth.needed.value).toBeNull();
    expect(browser.tab.size).toBe(0);

    await reloaded.auth.signOut();
    await reloaded.auth.signIn({ name: 'anna', password });
    await ready(reloaded);
    await reloaded.auth.signOut();
  });

  test('that was begun and is left is forgotten, and a ticket that does not count is said to be over', async () => {
    const { browser, engine } = await register(served, 'ben');
    const { secret } = await engine.security.totpBegin(password);
    await engine.security.totpFinish(await codeOf(secret));
    await engine.auth.signOut();
    await engine.auth.signIn({ name: 'ben', password });
    engine.auth.startOver();
    expect(engine.auth.needed.value).toBeNull();
    expect(browser.tab.size).toBe(0);

    const input = { method: 'recovery_code', code: 'x', trustDevice: false } as const;
    expect(await reasonOf(engine.auth.secondFactor(input))).toBe('ticket_expired');
    const ticket = { status: 'second_factor_needed', ticket: 'x', methods: ['totp'], expiresAt: Date.now() + 60_000 };
    browser.tab.set('needed', JSON.stringify(ticket));
    const reloaded = makeEngine(browser.world);
    await signedOut(reloaded);
    expect(await reasonOf(reloaded.auth.secondFactor(input))).toBe('ticket_expired');
    browser.tab.set('needed', JSON.stringify({ ...ticket, expiresAt: Date.now() - 1 }));
    expect(makeEngine(browser.world).auth.needed.value).toBeNull();
  });

  test('without passkeys in the browser none is asked for', async () => {
    const { engine } = await openSignedOut(served);
    expect(engine.auth.hasPasskeys).toBe(false);
    expect(await reasonOf(engine.auth.passkeySignIn())).toBe('passkey_failed');
    engine.auth.offerPasskeys(() => expect.unreachable())();
  });
});

describe('the settings that guard an account', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ registration: 'open' });
  });
  afterAll(() => served?.remove());

  test('a new password keeps this device in and signs the others out, which are told so', async () => {
    const { engine } = await register(served, 'carla');
    const { engine: other } = await openSignedOut(served);
    await other.auth.signIn({ name: 'carla', password });
    await ready(other);
    const next = 'another horse, a bigger battery';
    await engine.security.changePassword({ present: password, password: next, keepOthers: false });
    await signedOut(other);
    expect(other.signedOutBecause.value).toBe('session_closed');
    expect(await reasonOf(other.auth.signIn({ name: 'carla', password }))).toBe('wrong_credentials');
    await other.auth.signIn({ name: 'carla', password: next });
    await ready(other);

    const sessions = await engine.auth.sessions();
    const mine = sessions.find(({ current }) => current);
    if (!mine) throw new Error('my own session is not in the list');
    await engine.auth.renameSession(mine.sessionId, 'The kitchen');
    expect((await engine.auth.sessions()).find(({ current }) => current)?.device).toBe('The kitchen');
    expect(await engine.auth.closeOtherSessions()).toBe(1);
    await signedOut(other);
    expect(engine.phase.value).toBe('signed_in');
  });

  test('recovery codes are renewed, and the app is removed again', async () => {
    const { engine } = await register(served, 'dora');
    const { secret } = await engine.security.totpBegin(password);
    const first = await engine.security.totpFinish(await codeOf(secret));
    const second = await engine.security.renewRecoveryCodes(password);
    expect(second).toHaveLength(10);
    expect(second).not.toEqual(first);
    await engine.security.totpRemove(password);
    expect(await engine.security.show()).toMatchObject({ totp: false, recoveryCodesLeft: 0 });
    await engine.auth.signOut();
    await engine.auth.signIn({ name: 'dora', password });
    await ready(engine);
  });

  test('a copied sign-in is called so, on whichever device it is found out', async () => {
    const { browser, engine } = await register(served, 'emil');
    const copied = [...browser.cookies];
    // Another page of the same browser goes on with the session twice, so that the copy is an old one.
    for (const _ of [1, 2]) await ready(makeEngine(browser.world));
    const thief = openBrowser(served);
    for (const [name, value] of copied) thief.cookies.set(name, value);
    thief.world.notes.set('signed-in', '1');
    const stolen = makeEngine(thief.world);
    await signedOut(stolen);
    await until(() => engine.signedOutBecause.value === 'session_reused', 'the reason');
    expect(engine.phase.value).toBe('signed_out');
  });
});

describe('the way in', () => {
  let served: Served | null = null;
  const started = async (settings: object): Promise<Served> => {
    served = await serve(settings);
    return served;
  };
  afterEach(() => served?.remove());

  test('a second factor that is required is set up before one is in, and the codes are kept first', async () => {
    const here = await started({ registration: 'open', auth: { twoFactor: 'required' } });
    const { browser, engine } = await openSignedOut(here);
    await engine.auth.register({ name: 'fatima', displayName: 'Fatima', password });
    expect(engine.auth.needed.value).toMatchObject({ status: 'enrolment_needed' });
    const { secret, uri } = await engine.auth.enrolBegin();
    expect(uri).toMatch(/^otpauth:\/\/totp\//);
    await engine.auth.enrolFinish(await codeOf(secret));
    expect(engine.phase.value).toBe('signed_out');
    expect(engine.auth.needed.value).toMatchObject({ status: 'codes_to_keep' });
    expect(browser.tab.size).toBe(0);

    // Whoever closes the page over the codes is in all the same.
    await ready(makeEngine(browser.world));
    engine.auth.enter();
    await ready(engine);
  });

  test('whoever waits for approval is let in with the name and password they gave', async () => {
    const here = await started({ registration: 'approval' });
    const { engine } = await openSignedOut(here);
    await engine.auth.register({ name: 'gustav', displayName: 'Gustav', password });
    expect(engine.auth.needed.value).toEqual({ status: 'waiting_for_approval' });
    expect(await reasonOf(engine.auth.checkApproval())).toBe('account_waiting');
    engine.auth.startOver();
    await engine.auth.signIn({ name: 'gustav', password });
    expect(engine.auth.needed.value).toEqual({ status: 'waiting_for_approval' });
    expect(await reasonOf(engine.auth.signIn({ name: 'gustav', password: 'wrong' }))).toBe('wrong_credentials');
  });
});
