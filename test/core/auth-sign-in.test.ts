import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePasswords } from '../../src/adapters/system/passwords.ts';
import { makeAuth } from '../../src/core/auth/auth.ts';
import type { Passwords } from '../../src/ports/crypto.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { type AuthWorld, failure, goodPassword, makeAuthWorld, stranger } from '../support/auth.ts';

const minute = 60_000;
const home = stranger('203.0.113.5');
const wrong = { code: 'unauthenticated', reason: 'wrong_credentials' };
const throttled = { code: 'too_many_requests', reason: 'throttled' };

let world: AuthWorld;
let asked: string[];

/** Real hashes; notes which of its methods was asked. */
function watched(passwords: Passwords): Passwords {
  return {
    hash: (password) => passwords.hash(password),
    verify: (hash, password) => {
      asked.push('verify');
      return passwords.verify(hash, password);
    },
    pretend: (password) => {
      asked.push('pretend');
      return passwords.pretend(password);
    },
  };
}

beforeEach(async () => {
  asked = [];
  world = await makeAuthWorld({ passwords: watched(makePasswords({ memoryMiB: 1, passes: 1 })) });
  await world.register('alice', 'member', home);
});
afterEach(() => world.close());

const guess = (from: ReturnType<typeof stranger>, name = 'alice') =>
  failure(world.signIn(name, from, 'not her password'));

describe('sign-in', () => {
  it('opens a session of its own each time', async () => {
    const first = await world.signIn('alice');
    const second = await world.signIn(' ALICE ');
    expect(first.sessionId).not.toBe(second.sessionId);
    expect(await world.person(second)).toMatchObject({ userId: first.userId, sessionId: second.sessionId });
  });

  it('answers an unknown name as it answers a wrong password, after the same work', async () => {
    const strangerWrong = await guess(stranger('192.0.2.1'));
    const unknown = await guess(stranger('192.0.2.2'), 'mallory');
    const impossible = await guess(stranger('192.0.2.3'), '!!');
    expect(strangerWrong).toMatchObject(wrong);
    for (const answer of [unknown, impossible]) {
      expect((answer as AppError).toWire()).toEqual((strangerWrong as AppError).toWire());
    }
    expect(asked).toEqual(['verify', 'pretend', 'pretend']);
  });

  it('answers an unknown name as it answers a wrong password when throttled', async () => {
    for (let n = 0; n < 10; n++) await guess(stranger(`192.0.2.${n}`));
    for (let n = 0; n < 10; n++) await guess(stranger(`192.0.2.${n}`), 'mallory');
    const known = await guess(stranger('192.0.2.99'));
    const unknown = await guess(stranger('192.0.2.99'), 'mallory');
    expect(known).toMatchObject({ ...throttled, retryAfter: 90 });
    expect((unknown as AppError).toWire()).toEqual((known as AppError).toWire());
  });

  it('throttles strangers at one account, wherever they come from, and lets them try again later', async () => {
    for (let n = 0; n < 10; n++) expect(await guess(stranger(`192.0.2.${n}`))).toMatchObject(wrong);
    expect(await guess(stranger('192.0.2.200'))).toMatchObject(throttled);
    expect(await failure(world.signIn('alice', stranger('192.0.2.201')))).toMatchObject(throttled);
    world.platform.clock.advance(90_000);
    expect(await world.signIn('alice', stranger('192.0.2.201'))).toMatchObject({ status: 'signed_in' });
  });

  it('never locks out a device that is signed in there by what others get wrong', async () => {
    for (let n = 0; n < 40; n++) await guess(stranger(`192.0.2.${n}`));
    expect(await guess(stranger('192.0.2.200'))).toMatchObject(throttled);
    expect(await world.signIn('alice', home)).toMatchObject({ status: 'signed_in' });
  });

  it('does not let that device guess without end either', async () => {
    for (let n = 0; n < 10; n++) expect(await guess(home)).toMatchObject(wrong);
    expect(await guess(home)).toMatchObject(throttled);
    expect(await world.signIn('alice', stranger('192.0.2.1'))).toMatchObject({ status: 'signed_in' });
  });

  it('throttles one network that tries many accounts, IPv6 by its /64', async () => {
    for (let n = 0; n < 50; n++) expect(await guess(stranger(`2001:db8::${n}`), `name-${n}`)).toMatchObject(wrong);
    expect(await guess(stranger('2001:db8::ffff'), 'another')).toMatchObject(throttled);
    expect(await guess(stranger('2001:db8:0:1::1'), 'another')).toMatchObject(wrong);
  });

  it('counts no attempt that went well', async () => {
    const elsewhere = stranger('192.0.2.77');
    for (let n = 0; n < 30; n++) await world.signIn('alice', n === 0 ? elsewhere : stranger(`192.0.2.${n}`));
    for (let n = 0; n < 30; n++) await world.signIn('alice', elsewhere);
  });

  it('counts no attempt that was turned away because too much is hashed', async () => {
    await world.close();
    let busy = true;
    const real = makePasswords({ memoryMiB: 1, passes: 1 });
    const verify: Passwords['verify'] = async (hash, password) => {
      if (busy) throw new AppError('too_many_requests', 'busy', { retryAfter: 5 });
      return real.verify(hash, password);
    };
    world = await makeAuthWorld({ passwords: { ...real, verify } });
    await world.register('alice', 'member', home);
    for (let n = 0; n < 20; n++) expect(await failure(world.signIn('alice'))).toMatchObject({ reason: 'busy' });
    busy = false;
    await world.signIn('alice');
  });

  it('hashes a password anew when the parameters have changed', async () => {
    const before = await world.platform.users.findByName('alice');
    const today = makePasswords({ memoryMiB: 2, passes: 1 });
    const { handlers } = makeAuth({ ...world.platform, passwords: today });
    await handlers['auth.signIn']({ name: 'alice', password: goodPassword, device: '', keepIn: 'body' }, home);
    const after = await world.platform.users.findByName('alice');
    expect(after?.passwordHash).not.toBe(before?.passwordHash);
    expect(await today.verify(after?.passwordHash ?? '', goodPassword)).toBe('right');
  });

  it('refuses a wrong or an empty password with any spelling of the name', async () => {
    for (const name of ['alice', 'ALICE', 'ａｌｉｃｅ', ' alice']) {
      expect(await failure(world.signIn(name, stranger(), ''))).toMatchObject(wrong);
    }
    world.platform.clock.advance(15 * minute);
    expect(await world.signIn('ａｌｉｃｅ', stranger())).toMatchObject({ status: 'signed_in' });
  });

  it('writes no password to log or audit log', async () => {
    await guess(stranger());
    await world.signIn('alice');
    expect(JSON.stringify(world.platform.logged)).not.toMatch(/not her password|gooseberry/);
  });
});
