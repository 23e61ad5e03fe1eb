import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, as, failure, goodPassword, makeAuthWorld, stranger } from '../support/auth.ts';
import { type KeepingMailer, makeKeepingMailer } from '../support/mailer.ts';
import { type Authenticators, makeAuthenticators } from '../support/second-factors.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

let world: AuthWorld;
let mailer: KeepingMailer;
let app: Authenticators;
let alice: Tokens;

beforeEach(async () => {
  mailer = makeKeepingMailer();
  world = await makeAuthWorld({ mailer });
  app = makeAuthenticators(world);
  alice = await world.register('alice', 'member', stranger('203.0.113.5'));
  await world.platform.users.setEmail(alice.userId, 'alice@example.org');
});
afterEach(() => world.close());

/** The letters of one kind that were written so far. */
async function letters(kind: string) {
  for (const job of await world.platform.jobs.take(['mail'], 100, minute)) await world.auth.jobs.mail?.(job);
  return mailer.sent.filter(({ letter }) => letter.kind === kind);
}

const signIn = (deviceToken?: string, from = stranger()) => world.signIn('alice', from, goodPassword, deviceToken);

describe('a device', () => {
  it('keeps one token from its first sign-in on, however often it signs in', async () => {
    expect(alice.deviceToken).toMatch(/^[\w-]{43}$/);
    for (let n = 0; n < 3; n++) expect((await signIn(alice.deviceToken)).deviceToken).toBe(alice.deviceToken);
    expect((await signIn()).deviceToken).not.toBe(alice.deviceToken);
  });

  it('stays known beyond signing out, and for a year', async () => {
    await world.auth.handlers['auth.signOut']({}, as(await world.person(alice)));
    world.platform.clock.advance(300 * day);
    await world.platform.devices.prune(world.platform.clock.now() - 365 * day);
    expect((await signIn(alice.deviceToken)).deviceToken).toBe(alice.deviceToken);
  });

  it('takes no token that was planted on it: one nobody gave out, or somebody else’s', async () => {
    const mallory = await world.register('mallory');
    for (const planted of [mallory.deviceToken, 'x'.repeat(43), '']) {
      const { deviceToken } = await signIn(planted);
      expect(deviceToken).toMatch(/^[\w-]{43}$/);
      expect(deviceToken).not.toBe(planted);
    }
  });

  it('keeps its token where two people sign in on it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => signIn(alice.deviceToken)));
    expect(new Set(answers.map(({ deviceToken }) => deviceToken))).toEqual(new Set([alice.deviceToken]));
  });

  it('is stored by the hash of its token', async () => {
    const hash = world.platform.digests.hash(alice.deviceToken ?? '');
    expect(await world.platform.devices.find(alice.userId, hash)).not.toBeNull();
    expect(await world.platform.devices.find(alice.userId, alice.deviceToken ?? '')).toBeNull();
  });
});

describe('a sign-in on a new device', () => {
  it('is told by letter: which, about where, when, and where to end it', async () => {
    await signIn(undefined, stranger('198.51.100.7'));
    expect(await letters('new_device')).toMatchObject([
      {
        to: 'alice@example.org',
        letter: {
          device: 'test',
          addressHint: '198.51.100.x',
          at: world.platform.clock.now(),
          link: 'https://chat.example.org/settings/sessions',
        },
      },
    ]);
  });

  it('is not told of the first device, nor of known ones, wherever they are', async () => {
    await signIn(alice.deviceToken, stranger('192.0.2.1'));
    const other = await signIn();
    expect(await letters('new_device')).toHaveLength(1);
    await signIn(other.deviceToken, stranger('192.0.2.2'));
    expect(await letters('new_device')).toHaveLength(1);
  });

  it('is told only once the second factor was right', async () => {
    const { secret } = await app.addTotp(alice);
    const ticket = await app.ticket('alice');
    await failure(app.answer(ticket, 'x'));
    expect(await letters('new_device')).toHaveLength(0);
    await app.answer(ticket, await app.nextCode(secret));
    expect(await letters('new_device')).toHaveLength(1);
  });

  it('needs nobody to have an address', async () => {
    await world.platform.users.setEmail(alice.userId, null);
    await signIn();
    expect(await letters('new_device')).toHaveLength(0);
  });
});

describe('a trusted device', () => {
  let secret: string;

  beforeEach(async () => {
    ({ secret } = await app.addTotp(alice));
  });

  /** Answers the token of a device that was trusted just now. */
  async function trust(): Promise<string> {
    const { deviceToken } = alice;
    const ticket = await app.ticket('alice', stranger(), deviceToken);
    const code = await app.nextCode(secret);
    const tokens = await app.answer(ticket, code, { trustDevice: true, deviceToken });
    return tokens.deviceToken ?? '';
  }
  const asked = async (deviceToken: string) =>
    (await world.trySignIn('alice', stranger(), goodPassword, deviceToken)).status;

  it('is asked for no second factor for thirty days, and then again', async () => {
    const device = await trust();
    const trustedAt = world.platform.clock.now();
    expect(await asked(device)).toBe('signed_in');
    world.platform.clock.advance(trustedAt + 30 * day - 1 - world.platform.clock.now());
    expect(await asked(device)).toBe('signed_in');
    world.platform.clock.advance(1);
    expect(await asked(device)).toBe('second_factor_needed');
  });

  it('is that device and person alone, and only where it was wished', async () => {
    const device = await trust();
    expect(await asked('')).toBe('second_factor_needed');
    const bob = await world.register('bob');
    await app.addTotp(bob);
    const answer = await world.trySignIn('bob', stranger(), goodPassword, device);
    expect(answer.status).toBe('second_factor_needed');

    const untrusted = await app.answer(await app.ticket('alice'), await app.nextCode(secret));
    expect(await asked(untrusted.deviceToken ?? '')).toBe('second_factor_needed');
  });

  it('still needs the password', async () => {
    const device = await trust();
    expect(await failure(world.signIn('alice', stranger(), 'not her password', device))).toMatchObject({
      reason: 'wrong_credentials',
    });
  });

  it('is trusted no longer once second factors were removed, replaced, renewed or reset', async () => {
    const { handlers } = world.auth;
    const hers = async () =>
      as(await world.person(await app.answer(await app.ticket('alice'), await app.nextCode(secret))));
    const present = goodPassword;

    let device = await trust();
    await handlers['recoveryCodes.renew']({ present }, await hers());
    expect(await asked(device)).toBe('second_factor_needed');

    device = await trust();
    ({ secret } = await app.addTotp(await app.answer(await app.ticket('alice'), await app.nextCode(secret))));
    expect(await asked(device)).toBe('second_factor_needed');

    device = await trust();
    const me = await app.answer(await app.ticket('alice'), await app.nextCode(secret));
    await handlers['totp.remove']({ present }, as(await world.person(me)));
    ({ secret } = await app.addTotp(me));
    expect(await asked(device)).toBe('second_factor_needed');

    device = await trust();
    await world.platform.secondFactors.reset(alice.userId);
    const me2 = await world.signIn('alice');
    ({ secret } = await app.addTotp(me2));
    expect(await asked(device)).toBe('second_factor_needed');
  });
});

describe('signed-in devices', () => {
  it(`are ${limits.sessions} at most: one more closes the one used longest ago, and its tokens`, async () => {
    for (let n = 0; n < limits.sessions; n++) {
      world.platform.clock.advance(1);
      await signIn(alice.deviceToken);
    }
    await world.later(1_000);
    expect(await world.platform.sessions.list(alice.userId)).toHaveLength(limits.sessions);
    expect(await failure(world.person(alice))).toMatchObject({ code: 'unauthenticated', reason: 'session_closed' });
  });
});
