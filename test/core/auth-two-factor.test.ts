import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, as, failure, goodPassword, makeAuthWorld, stranger } from '../support/auth.ts';
import { type KeepingMailer, makeKeepingMailer } from '../support/mailer.ts';
import { testSettings } from '../support/platform.ts';
import { type Authenticators, makeAuthenticators, ticketOf } from '../support/second-factors.ts';

const minute = 60_000;
const wrongCode = { code: 'unauthenticated', reason: 'wrong_code' };
const expired = { code: 'unauthenticated', reason: 'ticket_expired' };
const throttled = { code: 'too_many_requests', reason: 'throttled' };
const required = { code: 'conflict', reason: 'second_factor_required' };
const wrongPassword = { code: 'forbidden', reason: 'wrong_password' };

let world: AuthWorld;
let mailer: KeepingMailer;
let app: Authenticators;
let alice: Tokens;

beforeEach(async () => {
  mailer = makeKeepingMailer();
  world = await makeAuthWorld({ mailer });
  app = makeAuthenticators(world);
  alice = await world.register('alice');
});
afterEach(() => world.close());

const hers = async () => as(await world.person(alice));
const actions = async (action: string) =>
  world.platform.audit.query({
    before: null,
    after: null,
    userId: null,
    action,
    since: null,
    until: null,
    limit: 50,
  });

describe('an authenticator app', () => {
  it('counts only once it has shown a right code', async () => {
    const { handlers } = world.auth;
    const { secret, uri } = await handlers['totp.begin']({ present: goodPassword }, await hers());
    expect(uri).toContain(secret);
    expect(uri).toContain('alice');
    expect(await world.signIn('alice')).toMatchObject({ status: 'signed_in' });
    const wrong = app.code(secret) === '000000' ? '000001' : '000000';
    expect(await failure(Promise.resolve(handlers['totp.finish']({ code: wrong }, await hers())))).toMatchObject({
      code: 'forbidden',
      reason: 'wrong_code',
    });
    await handlers['totp.finish']({ code: app.code(secret) }, await hers());
    expect(await world.trySignIn('alice')).toMatchObject({
      status: 'second_factor_needed',
      methods: ['totp', 'recovery_code'],
    });
  });

  it('is begun with the password alone, and by nobody who guesses it', async () => {
    const begin = async (present: string) => world.auth.handlers['totp.begin']({ present }, await hers());
    for (let n = 0; n < 10; n++) expect(await failure(begin('not her password'))).toMatchObject(wrongPassword);
    expect(await failure(begin(goodPassword))).toMatchObject(throttled);
    await world.later(90_000);
    await begin(goodPassword);
  });

  it('locks no other device of the person out by such guesses', async () => {
    const other = await world.signIn('alice');
    const begin = async (tokens: Tokens, present: string) =>
      world.auth.handlers['totp.begin']({ present }, as(await world.person(tokens)));
    for (let n = 0; n < 11; n++) await failure(begin(alice, 'not her password'));
    await begin(other, goodPassword);
  });

  it('that was begun long ago, or under another password, is begun again', async () => {
    const { handlers } = world.auth;
    const notBegun = { code: 'conflict', reason: 'totp_not_begun' };
    const finish = async (secret: string) =>
      failure(Promise.resolve(handlers['totp.finish']({ code: app.code(secret) }, await hers())));
    expect(await finish('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')).toMatchObject(notBegun);

    const old = await handlers['totp.begin']({ present: goodPassword }, await hers());
    await world.later(60 * minute);
    alice = await world.signIn('alice');
    expect(await finish(old.secret)).toMatchObject(notBegun);

    const before = await handlers['totp.begin']({ present: goodPassword }, await hers());
    world.platform.clock.advance(1);
    const user = await world.platform.users.findByName('alice');
    await world.platform.users.setPassword(alice.userId, user?.passwordHash ?? '');
    expect(await finish(before.secret)).toMatchObject(notBegun);
  });

  it('keeps its secret sealed, and bound to the person', async () => {
    const { secret } = await app.addTotp(alice);
    const { totpSecret } = await world.platform.secondFactors.find(alice.userId);
    expect(totpSecret).not.toContain(secret);
    expect(world.platform.seals.open(totpSecret ?? '', `totp ${alice.userId}`)).toContain(secret);
    expect(world.platform.seals.open(totpSecret ?? '', 'totp somebody')).toBeNull();
  });

  it('can be replaced by another, and is then worth nothing', async () => {
    const first = await app.addTotp(alice);
    await world.later(minute);
    const second = await app.addTotp(alice);
    expect(second.recoveryCodes).toBeNull();
    const ticket = await app.ticket('alice');
    expect(await failure(app.answer(ticket, await app.nextCode(first.secret)))).toMatchObject(wrongCode);
    await app.answer(ticket, app.code(second.secret));
  });

  it('is removed with the password alone; then the password signs in, and the recovery codes are gone', async () => {
    const { handlers } = world.auth;
    const remove = async (present: string) => handlers['totp.remove']({ present }, await hers());
    await app.addTotp(alice);
    expect(await failure(Promise.resolve(remove('not her password')))).toMatchObject(wrongPassword);
    await remove(goodPassword);
    expect(await world.signIn('alice')).toMatchObject({ status: 'signed_in' });
    expect(await app.show(alice)).toMatchObject({ totp: false, recoveryCodesLeft: 0 });
    expect(await failure(Promise.resolve(remove(goodPassword)))).toMatchObject({ code: 'conflict', reason: 'no_totp' });
  });

  it('cannot be removed where the instance requires one', async () => {
    await world.close();
    world = await makeAuthWorld({ settings: { ...testSettings, twoFactor: 'required' } });
    app = makeAuthenticators(world);
    const { ticket } = (await register('olga')) as { ticket: string };
    const { secret } = await world.auth.handlers['auth.enrolBegin']({ ticket }, stranger());
    alice = await enrol(ticket, app.code(secret));
    const remove = world.auth.handlers['totp.remove']({ present: goodPassword }, await hers());
    expect(await failure(Promise.resolve(remove))).toMatchObject(required);
    expect(await app.show(alice)).toMatchObject({ totp: true, twoFactorRequired: true, recoveryCodesLeft: 10 });
  });
});

describe('the second step', () => {
  it('asks for a code, and opens a session for it', async () => {
    const { secret } = await app.addTotp(alice);
    const answer = await world.trySignIn('alice');
    expect(answer).toMatchObject({ status: 'second_factor_needed' });
    expect((answer as { expiresAt: number }).expiresAt).toBe(world.platform.clock.now() + 10 * minute);
    expect(JSON.stringify(answer)).not.toMatch(/Token|session/);
    const tokens = await app.answer(ticketOf(answer, 'second_factor_needed'), await app.nextCode(secret));
    expect(await world.person(tokens)).toMatchObject({ userId: alice.userId });
  });

  it('takes a code as people type it', async () => {
    const { secret } = await app.addTotp(alice);
    for (const typed of [(code: string) => `${code.slice(0, 3)} ${code.slice(3)}`, (code: string) => ` ${code}\n`]) {
      const ticket = await app.ticket('alice');
      await app.answer(ticket, typed(await app.nextCode(secret)));
    }
    const fullWidth = [...(await app.nextCode(secret))]
      .map((digit) => String.fromCodePoint(0xff10 + Number(digit)))
      .join('');
    await app.answer(await app.ticket('alice'), fullWidth);
  });

  it('takes codes of one step before and behind, and no further', async () => {
    const { secret } = await app.addTotp(alice);
    await world.later(10 * minute);
    const ticket = await app.ticket('alice');
    for (const steps of [-2, 2])
      expect(await failure(app.answer(ticket, app.code(secret, steps)))).toMatchObject(wrongCode);
    await app.answer(ticket, app.code(secret, -1));
    await app.answer(await app.ticket('alice'), app.code(secret, 1));
  });

  it('takes no code twice, nor an older one, though the ticket stays good', async () => {
    const { secret } = await app.addTotp(alice);
    expect(await failure(app.answer(await app.ticket('alice'), app.code(secret)))).toMatchObject(wrongCode);
    const code = await app.nextCode(secret);
    await app.answer(await app.ticket('alice'), code);
    const ticket = await app.ticket('alice');
    expect(await failure(app.answer(ticket, code))).toMatchObject(wrongCode);
    expect(await failure(app.answer(ticket, app.code(secret, -1)))).toMatchObject(wrongCode);
    await app.answer(ticket, await app.nextCode(secret));
  });

  it('lets exactly one in of many who answer with one code at once', async () => {
    const { secret } = await app.addTotp(alice);
    const tickets = await Promise.all(Array.from({ length: 5 }, () => app.ticket('alice')));
    const code = await app.nextCode(secret);
    const answers = await Promise.allSettled(tickets.map((ticket) => app.answer(ticket, code)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('opens exactly one session for a ticket, whatever answers it at once', async () => {
    const { secret, recoveryCodes } = await app.addTotp(alice);
    const code = await app.nextCode(secret);
    const ticket = await app.ticket('alice');
    const before = (await world.platform.sessions.list(alice.userId)).length;
    const answers = await Promise.allSettled([
      app.answer(ticket, code),
      ...(recoveryCodes ?? []).slice(0, 3).map((one) => app.answer(ticket, one, { method: 'recovery_code' })),
    ]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject(expired);
    }
    expect(await world.platform.sessions.list(alice.userId)).toHaveLength(before + 1);
  });

  it('ends with its ticket: after ten minutes, five wrong codes, another password, or a made-up one', async () => {
    const { secret } = await app.addTotp(alice);
    const old = await app.ticket('alice');
    await world.later(10 * minute);
    expect(await failure(app.answer(old, app.code(secret)))).toMatchObject(expired);

    const guessed = await app.ticket('alice');
    for (let n = 0; n < 5; n++) expect(await failure(app.answer(guessed, 'x'))).toMatchObject(wrongCode);
    expect(await failure(app.answer(guessed, await app.nextCode(secret)))).toMatchObject(expired);
    await world.later(9 * minute);

    const overtaken = await app.ticket('alice');
    world.platform.clock.advance(1);
    const user = await world.platform.users.findByName('alice');
    await world.platform.users.setPassword(alice.userId, user?.passwordHash ?? '');
    expect(await failure(app.answer(overtaken, await app.nextCode(secret)))).toMatchObject(expired);

    for (const ticket of ['', 'x', 'x'.repeat(200)])
      expect(await failure(app.answer(ticket, '0'))).toMatchObject(expired);
  });

  it('is not passed with a ticket that is for something else', async () => {
    const { secret } = await app.addTotp(alice);
    const ticket = await app.ticket('alice');
    const { handlers } = world.auth;
    expect(await failure(Promise.resolve(handlers['auth.enrolBegin']({ ticket }, stranger())))).toMatchObject(expired);
    const reset = world.platform.random.secret();
    const hash = world.platform.digests.hash(reset);
    const data = { passwordChangedAt: (await world.platform.users.find(alice.userId))?.passwordChangedAt ?? 0 };
    const purpose = 'password_reset';
    await world.platform.tickets.add({ hash, purpose, userId: alice.userId, data, lifeMs: minute, alone: false });
    expect(await failure(app.answer(reset, await app.nextCode(secret)))).toMatchObject(expired);
  });

  it('throttles whoever has the password over all tickets, and nobody on a device of the person', async () => {
    const { secret } = await app.addTotp(alice);
    for (let n = 0; n < 10; n++) {
      const ticket = await app.ticket('alice', stranger(`192.0.2.${n}`));
      expect(await failure(app.answer(ticket, 'x', { from: stranger(`192.0.2.${n}`) }))).toMatchObject(wrongCode);
    }
    const code = await app.nextCode(secret);
    const elsewhere = await app.ticket('alice', stranger('192.0.2.99'));
    expect(await failure(app.answer(elsewhere, code))).toMatchObject(throttled);
    const deviceToken = alice.deviceToken;
    const ticket = await app.ticket('alice', stranger('192.0.2.99'), deviceToken);
    await app.answer(ticket, code, { from: stranger('192.0.2.99'), deviceToken });
    const about = { userId: alice.userId, action: 'second_factor.throttled', before: null, after: null };
    const noted = await world.platform.audit.query({ ...about, since: null, until: null, limit: 10 });
    expect(noted).toHaveLength(1);
  });

  it('tells the person by letter, once a day, that somebody has their password and guesses codes', async () => {
    await world.platform.users.setEmail(alice.userId, 'alice@example.org');
    await app.addTotp(alice);
    for (let n = 0; n < 13; n++) {
      const from = stranger(`192.0.2.${n}`);
      await failure(app.answer(await app.ticket('alice', from), 'x', { from }));
    }
    for (const job of await world.platform.jobs.take(['mail'], 100, minute)) await world.auth.jobs.mail?.(job);
    const warnings = mailer.sent.filter(({ letter }) => letter.kind === 'password_known');
    expect(warnings).toMatchObject([{ to: 'alice@example.org' }]);
  });

  it('lets no device of the person guess without end either', async () => {
    await app.addTotp(alice);
    const { deviceToken } = alice;
    for (let n = 0; n < 10; n++) await failure(app.answer(await app.ticket('alice'), 'x', { deviceToken }));
    expect(await failure(app.answer(await app.ticket('alice'), 'x', { deviceToken }))).toMatchObject(throttled);
  });

  it('is asked of nobody who has not shown the password', async () => {
    await app.addTotp(alice);
    const wrong = await failure(world.signIn('alice', stranger(), 'not her password'));
    const unknown = await failure(world.signIn('mallory', stranger(), 'not her password'));
    expect(wrong).toMatchObject({ code: 'unauthenticated', reason: 'wrong_credentials' });
    expect(JSON.stringify(wrong)).toBe(JSON.stringify(unknown));
  });

  it('lets nobody in who was disabled meanwhile', async () => {
    const { secret } = await app.addTotp(alice);
    const ticket = await app.ticket('alice');
    await world.platform.users.setState(alice.userId, { from: ['active'], state: 'disabled' });
    const answer = await failure(app.answer(ticket, await app.nextCode(secret)));
    expect(answer).toMatchObject({ code: 'forbidden', reason: 'account_disabled' });
  });
});

describe('recovery codes', () => {
  it('are ten, of fifty bits each, shown once with the first second factor', async () => {
    const { recoveryCodes } = await app.addTotp(alice);
    expect(recoveryCodes).toHaveLength(limits.recoveryCodes);
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes ?? []) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
    expect(await app.show(alice)).toMatchObject({ recoveryCodesLeft: 10 });
  });

  it('each sign in once, whatever spaces, hyphens and letters people type', async () => {
    const { recoveryCodes } = await app.addTotp(alice);
    const [first = '', second = '', third = ''] = recoveryCodes ?? [];
    const typed = [
      first.toUpperCase(),
      second.replace('-', ' '),
      ` ${third.replace('-', '–').replaceAll('0', 'o').replaceAll('1', 'L')} `,
    ];
    for (const code of typed) {
      await app.answer(await app.ticket('alice'), code, { method: 'recovery_code' });
      const again = app.answer(await app.ticket('alice'), code, { method: 'recovery_code' });
      expect(await failure(again)).toMatchObject(wrongCode);
    }
    expect(await app.show(alice)).toMatchObject({ recoveryCodesLeft: 7 });
  });

  it('are used by exactly one of many at once', async () => {
    const { recoveryCodes } = await app.addTotp(alice);
    const code = recoveryCodes?.[0] ?? '';
    const tickets = await Promise.all(Array.from({ length: 5 }, () => app.ticket('alice')));
    const answers = await Promise.allSettled(
      tickets.map((ticket) => app.answer(ticket, code, { method: 'recovery_code' })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('are no codes of the app, nor of anybody else', async () => {
    const { secret, recoveryCodes } = await app.addTotp(alice);
    const bob = await world.register('bob');
    const { recoveryCodes: his } = await app.addTotp(bob);
    const ticket = await app.ticket('alice');
    const asRecovery = app.answer(ticket, await app.nextCode(secret), { method: 'recovery_code' });
    expect(await failure(asRecovery)).toMatchObject(wrongCode);
    expect(await failure(app.answer(ticket, recoveryCodes?.[0] ?? ''))).toMatchObject(wrongCode);
    const notHers = app.answer(ticket, his?.[0] ?? '', { method: 'recovery_code' });
    expect(await failure(notHers)).toMatchObject(wrongCode);
  });

  it('are not offered when all are used', async () => {
    const { recoveryCodes } = await app.addTotp(alice);
    for (const code of recoveryCodes ?? []) {
      await app.answer(await app.ticket('alice'), code, { method: 'recovery_code' });
    }
    expect(await world.trySignIn('alice')).toMatchObject({ methods: ['totp'] });
  });

  it('are renewed with the password, which voids the old', async () => {
    const { handlers } = world.auth;
    const renew = async (present = goodPassword) => handlers['recoveryCodes.renew']({ present }, await hers());
    expect(await failure(Promise.resolve(renew()))).toMatchObject({ code: 'conflict', reason: 'no_second_factor' });
    const { recoveryCodes: old } = await app.addTotp(alice);
    expect(await failure(Promise.resolve(renew('not her password')))).toMatchObject(wrongPassword);
    const { recoveryCodes } = await renew();
    const ticket = await app.ticket('alice');
    const outdated = app.answer(ticket, old?.[0] ?? '', { method: 'recovery_code' });
    expect(await failure(outdated)).toMatchObject(wrongCode);
    await app.answer(ticket, recoveryCodes[0] ?? '', { method: 'recovery_code' });
  });
});

async function register(name: string, role: 'owner' | 'admin' | 'member' = 'member') {
  const { token } = await world.invite({ role });
  const input = { name, password: goodPassword, invite: token, device: 'test', keepIn: 'body' } as const;
  return world.auth.handlers['auth.register'](input, stranger());
}

async function enrol(ticket: string, code: string, from = stranger()) {
  return world.auth.handlers['auth.enrolFinish']({ ticket, code, device: 'test', keepIn: 'body' }, from);
}

describe('where a second factor is required', () => {
  beforeEach(async () => {
    await world.close();
    world = await makeAuthWorld({ settings: { ...testSettings, twoFactor: 'required-for-admins' } });
    app = makeAuthenticators(world);
  });

  const begin = async (ticket: string) => world.auth.handlers['auth.enrolBegin']({ ticket }, stranger());
  const ticketFor = async (name: string) => ticketOf(await world.trySignIn(name), 'enrolment_needed');

  it('it is set up on the way in, at registration as at sign-in, by those of whom it is required', async () => {
    expect(await register('mia', 'member')).toMatchObject({ status: 'signed_in' });
    for (const role of ['owner', 'admin'] as const) {
      expect(await register(role, role)).toMatchObject({ status: 'enrolment_needed' });
      const ticket = await ticketFor(role);
      const { secret } = await begin(ticket);
      const answer = await enrol(ticket, app.code(secret));
      expect(answer).toMatchObject({ status: 'signed_in' });
      expect(answer.recoveryCodes).toHaveLength(10);
      expect(await world.person(answer)).toMatchObject({ role });
      expect(await world.trySignIn(role)).toMatchObject({ status: 'second_factor_needed' });
    }
  });

  it('a wrong code leaves the ticket good, until it was wrong too often', async () => {
    await register('olga', 'owner');
    const ticket = await ticketFor('olga');
    const { secret } = await begin(ticket);
    for (let n = 0; n < 3; n++) expect(await failure(enrol(ticket, 'x'))).toMatchObject(wrongCode);
    await enrol(ticket, app.code(secret));
    expect(await failure(enrol(ticket, await app.nextCode(secret)))).toMatchObject(expired);
    expect(await failure(Promise.resolve(begin(ticket)))).toMatchObject(expired);
  });

  it('a ticket from before does not replace what was set up meanwhile', async () => {
    await register('olga', 'owner');
    const [mine, other] = [await ticketFor('olga'), await ticketFor('olga')];
    const { secret } = await begin(mine);
    await enrol(mine, app.code(secret));
    expect(await failure(Promise.resolve(begin(other)))).toMatchObject(expired);
    expect(await failure(enrol(other, await app.nextCode(secret)))).toMatchObject(expired);
  });

  it('one ticket opens one session, whoever finishes at once', async () => {
    await register('olga', 'owner');
    const ticket = await ticketFor('olga');
    const { secret } = await begin(ticket);
    const code = app.code(secret);
    const answers = await Promise.allSettled([enrol(ticket, code), enrol(ticket, code), enrol(ticket, code)]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('whoever finishes without having begun begins', async () => {
    await register('olga', 'owner');
    expect(await failure(enrol(await ticketFor('olga'), '000000'))).toMatchObject({ reason: 'totp_not_begun' });
  });
});

describe('what happened', () => {
  it('is in the audit log, with no secret of it', async () => {
    const { secret, recoveryCodes } = await app.addTotp(alice);
    const ticket = await app.ticket('alice');
    await failure(app.answer(ticket, 'x'));
    await app.answer(ticket, await app.nextCode(secret));
    await world.auth.handlers['recoveryCodes.renew']({ present: goodPassword }, await hers());
    await failure(Promise.resolve(world.auth.handlers['totp.remove']({ present: 'wrong' }, await hers())));
    await world.auth.handlers['totp.remove']({ present: goodPassword }, await hers());

    expect(await actions('totp.added')).toHaveLength(1);
    expect(await actions('totp.removed')).toHaveLength(1);
    expect(await actions('recovery_codes.renewed')).toHaveLength(1);
    expect(await actions('password.refused')).toHaveLength(1);
    expect(await actions('second_factor.refused')).toMatchObject([{ details: { method: 'totp' } }]);
    expect((await actions('session.opened')).map(({ details }) => details.way)).toEqual(['totp', 'registration']);
    const all = JSON.stringify([await actions(''), world.platform.logged]);
    for (const hidden of [secret, ticket, ...(recoveryCodes ?? [])]) expect(all).not.toContain(hidden);
  });

  it('is told by letter', async () => {
    const { letters } = await withAddress();
    await app.addTotp(alice);
    await world.auth.handlers['recoveryCodes.renew']({ present: goodPassword }, await hers());
    await world.auth.handlers['totp.remove']({ present: goodPassword }, await hers());
    expect(await letters()).toEqual(['totp_added', 'codes_renewed', 'totp_removed']);
  });
});

/** Gives alice an address; `letters` says what was written to it about second factors. */
async function withAddress() {
  await world.platform.users.setEmail(alice.userId, 'alice@example.org');
  return {
    async letters() {
      for (const job of await world.platform.jobs.take(['mail'], 50, minute)) await world.auth.jobs.mail?.(job);
      return mailer.sent.map(({ letter }) => (letter.kind === 'second_factor_changed' ? letter.what : letter.kind));
    },
  };
}
