import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/core/call.ts';
import { limits } from '../../src/protocol/limits.ts';
import { password as passwordSchema } from '../../src/protocol/models.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { as, failure, goodPassword, local, stranger } from '../support/auth.ts';
import { type MailedWorld, makeMailedWorld } from '../support/mailed-world.ts';

const better = 'rhubarb and custard 7';

let world: MailedWorld;
let alice: Tokens;
let me: Person;

beforeEach(async () => {
  world = await makeMailedWorld();
  alice = await world.register('alice');
  me = await world.person(alice);
  await world.confirmed(alice, 'alice@example.org');
});
afterEach(() => world.close());

const change = (over: object = {}, from = as(me)) =>
  world.auth.handlers['password.change'](
    { present: goodPassword, password: better, keepOthers: false, ...over },
    from,
  ) as Promise<object>;
const isOpen = async (tokens: Tokens) => (await world.platform.sessions.find(tokens.sessionId))?.closedAt === null;

describe('changing one’s password', () => {
  it('lets the new one in, and the old one no more', async () => {
    await change();
    expect(await world.signIn('alice', stranger(), better)).toMatchObject({ status: 'signed_in' });
    expect(await failure(world.signIn('alice'))).toMatchObject({ reason: 'wrong_credentials' });
  });

  it('closes the other sessions, and keeps this one', async () => {
    const phone = await world.signIn('alice');
    await change();
    expect(await isOpen(alice)).toBe(true);
    expect(await isOpen(phone)).toBe(false);
    await world.later(1_000);
    expect(await world.person(alice)).toMatchObject({ userId: alice.userId });
    expect(await failure(world.person(phone))).toMatchObject({ reason: 'session_closed' });
  });

  it('keeps the others where that is asked for', async () => {
    const phone = await world.signIn('alice');
    await change({ keepOthers: true });
    expect(await isOpen(phone)).toBe(true);
  });

  it('tells by letter, in the audit log, and drops trust in devices', async () => {
    const { devices } = world.platform;
    await devices.signedIn(me.userId, 'a device', 1_000_000);
    await change({ keepOthers: true });
    expect(await devices.find(me.userId, 'a device')).toEqual({ trustedUntil: null });
    await world.work();
    expect(world.letters('password_changed', 'alice@example.org')).toEqual([
      { kind: 'password_changed', name: 'alice', at: world.platform.clock.now() },
    ]);
    expect(await world.actions()).toContain('password.changed');
  });

  it('ends sign-ins under way and links that were sent before', async () => {
    const { tickets } = world.platform;
    const under = (purpose: 'second_factor' | 'password_reset') =>
      tickets.add({ hash: purpose, purpose, userId: me.userId, data: {}, lifeMs: 1_000_000, alone: false });
    await under('second_factor');
    await under('password_reset');
    await change();
    expect(await tickets.look('second_factor', 'second_factor')).toBeNull();
    expect(await tickets.look('password_reset', 'password_reset')).toBeNull();
  });

  it('needs the present one, and leaves all as it was without', async () => {
    expect(await failure(change({ present: 'something else' }))).toMatchObject({
      code: 'forbidden',
      reason: 'wrong_password',
    });
    expect(await world.signIn('alice')).toMatchObject({ status: 'signed_in' });
  });

  it.each([
    ['common', 'qwertyuiop'],
    ['common, however it is cased', 'QwertyUiop'],
    ['common with a tail', 'Dragon2026!'],
    ['common with a head', '!!!monkey99'],
    ['the name within', 'xx-Alice-2026'],
    ['few characters', 'abababababab'],
    ['a run', 'abcdefghijkl'],
  ])('refuses a weak one: %s', async (_why, password) => {
    expect(await failure(change({ password }))).toMatchObject({
      code: 'invalid',
      reason: 'password_too_weak',
      fields: [{ path: 'password' }],
    });
    expect(await world.signIn('alice')).toMatchObject({ status: 'signed_in' });
  });

  it.each(['gooseberry fool 42', 'dragon 8371964025', 'correct.staple.mango', 'Zx9-kq7-Lm2', 'пароль из пяти слов'])(
    'takes one that takes long to guess: %s',
    async (password) => {
      expect(await change({ password })).toEqual({});
    },
  );

  it('takes one of as many characters as it may have, and tells it from any that differs in the last', async () => {
    const { max } = limits.passwordLength;
    const long = `${'sixteen letters '.repeat(max / 16 - 1)}and a last part.`;
    expect(passwordSchema.safeParse(long).success).toBe(true);
    await change({ password: long });
    const almost = `${long.slice(0, -1)}!`;
    expect(await failure(world.signIn('alice', stranger(), almost))).toMatchObject({ reason: 'wrong_credentials' });
    expect(await world.signIn('alice', stranger(), long)).toMatchObject({ status: 'signed_in' });
  });

  it('takes a password as the same one however a keyboard composes it', async () => {
    await change({ password: 'cafe\u0301 cre\u0300me 26' });
    expect(await world.signIn('alice', stranger(), 'caf\u00e9 cr\u00e8me 26')).toMatchObject({ status: 'signed_in' });
  });

  it('of two changes at once leaves one password, and the session that asked', async () => {
    await Promise.all([change({ password: better }), change({ password: 'medlar jelly 31' })]);
    const outcomes = await Promise.allSettled([
      world.signIn('alice', stranger(), better),
      world.signIn('alice', stranger(), 'medlar jelly 31'),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await isOpen(alice)).toBe(true);
  });
});

describe('setting somebody’s password from the host', () => {
  const set = (password = better) =>
    world.auth.handlers['user.setPassword']({ user: 'alice', password }, local) as Promise<object>;

  it('closes every session of theirs and tells them', async () => {
    const phone = await world.signIn('alice');
    await set();
    expect([await isOpen(alice), await isOpen(phone)]).toEqual([false, false]);
    expect(await world.signIn('alice', stranger(), better)).toMatchObject({ status: 'signed_in' });
    await world.work();
    expect(world.letters('password_changed', 'alice@example.org')).toHaveLength(1);
    expect(await world.actions()).toContain('password.set');
  });

  it('refuses weak ones and people who are not there', async () => {
    expect(await failure(set('alice alice alice'))).toMatchObject({ reason: 'password_too_weak' });
    const nobody = { user: 'nobody', password: better };
    expect(await failure(world.auth.handlers['user.setPassword'](nobody, local) as Promise<object>)).toMatchObject({
      code: 'not_found',
      reason: 'no_such_user',
    });
  });
});
