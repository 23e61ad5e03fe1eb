import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePasswords } from '../../src/adapters/system/passwords.ts';
import { makeAuth } from '../../src/core/auth/auth.ts';
import type { AccessTokens, Passwords } from '../../src/ports/crypto.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { type AuthWorld, failure, goodPassword, makeAuthWorld, noConversations, stranger } from '../support/auth.ts';

const minute = 60_000;
const home = stranger('203.0.113.5');
const wrong = { code: 'unauthenticated', reason: 'wrong_credentials' };
const throttled = { code: 'too_many_requests', reason: 'throttled' };

let world: AuthWorld;
let asked: string[];
/** Shows that alice signed in on that device before. */
let hers: string | undefined;

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
  hers = (await world.register('alice', 'member', home)).deviceToken;
  asked = [];
});
afterEach(() => world.close());

const guess = (from: ReturnType<typeof stranger>, name = 'alice', deviceToken?: string) =>
  failure(world.signIn(name, from, 'not her password', deviceToken));

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

  it('writes to the audit log that it throttles, once a minute for a name, whether anybody has it or not', async () => {
    const throttledSoFar = async () => {
      const all = { userId: null, since: null, until: null, limit: 500, before: null, after: 0 };
      return (await world.platform.audit.query({ ...all, action: 'session.throttled' })).map(
        ({ subject }) => subject?.id,
      );
    };
    const subjectId = (await world.platform.users.findByName('alice'))?.userId;
    const guesses = async (name: string) => {
      for (let n = 0; n < 15; n++) await failure(world.signIn(name, stranger(`192.0.2.${n}`), 'not this one'));
    };
    await guesses('alice');
    await guesses('nobody');
    expect(await throttledSoFar()).toEqual([subjectId, undefined]);
    world.platform.clock.advance(minute);
    await guesses('alice');
    expect(await throttledSoFar()).toEqual([subjectId, undefined, subjectId]);
  });

  it('never locks out a device that signed in before by what others get wrong, from wherever it asks now', async () => {
    for (let n = 0; n < 40; n++) await guess(stranger(`192.0.2.${n}`));
    for (let n = 0; n < 60; n++) await guess(stranger('192.0.2.200'), `name-${n}`);
    expect(await guess(stranger('192.0.2.200'))).toMatchObject(throttled);
    expect(await world.signIn('alice', stranger('192.0.2.200'), goodPassword, hers)).toMatchObject({
      status: 'signed_in',
    });
  });

  it('never locks out a device that signed in before by what everybody together gets wrong', async () => {
    const { limiter } = world.platform;
    for (let n = 0; n < 1_200; n++) await limiter.take('signin:all', 1_200, minute);
    expect(await failure(world.signIn('alice', stranger('192.0.2.1')))).toMatchObject(throttled);
    expect(await world.signIn('alice', stranger('192.0.2.1'), goodPassword, hers)).toMatchObject({
      status: 'signed_in',
    });
  });

  it('does not let that device guess without end either', async () => {
    for (let n = 0; n < 10; n++) expect(await guess(home, 'alice', hers)).toMatchObject(wrong);
    expect(await guess(home, 'alice', hers)).toMatchObject(throttled);
    expect(await world.signIn('alice', home)).toMatchObject({ status: 'signed_in' });
  });

  it('takes a device for a stranger at every other account, and with a token nobody gave out', async () => {
    await world.register('bob', 'member', home);
    for (let n = 0; n < 10; n++) await guess(stranger(`192.0.2.${n}`), 'bob');
    for (const token of [hers, 'x'.repeat(43), '']) {
      expect(await guess(home, 'bob', token)).toMatchObject(throttled);
    }
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

  it('takes the e-mail address of an account for its name', async () => {
    const user = await world.platform.users.findByName('alice');
    if (user === null) throw new Error('alice is not there');
    await world.platform.users.setEmail(user.userId, 'alice@example.org');
    expect(await world.signIn(' Alice@Example.ORG ')).toMatchObject({ userId: user.userId });
  });

  it('tells nothing of an e-mail address: not whether anybody has it, nor whose it is', async () => {
    const user = await world.platform.users.findByName('alice');
    await world.platform.users.setEmail(user?.userId as never, 'alice@example.org');
    const answers = [];
    for (const name of ['alice@example.org', 'nobody@example.org', '@', 'a@b', 'alice']) {
      answers.push(((await guess(stranger('192.0.2.1'), name)) as AppError).toWire());
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(asked).toEqual(['verify', 'pretend', 'pretend', 'pretend', 'verify']);

    // Throttled by name, the address still answers as one that nobody has.
    for (let n = 0; n < 10; n++) await guess(stranger(`192.0.2.${n}`));
    expect(await guess(stranger('192.0.2.50'))).toMatchObject(throttled);
    expect(await guess(stranger('192.0.2.50'), 'alice@example.org')).toMatchObject(wrong);
  });

  it('says that an account is disabled, waits or is being deleted only after the right password', async () => {
    const { users } = world.platform;
    await world.register('olga', 'owner');
    const { userId } = (await users.findByName('alice')) ?? { userId: null as never };
    for (const state of ['disabled', 'deleting'] as const) {
      await users.setState(userId, {
        from: ['active', 'disabled'],
        state,
        ...(state === 'deleting' ? { deletesAt: 1 } : {}),
      });
      expect(await guess(stranger('192.0.2.1'))).toMatchObject(wrong);
      expect(await failure(world.signIn('alice'))).toMatchObject({ code: 'forbidden', reason: 'account_disabled' });
    }
    const passwordHash = await world.platform.passwords.hash(goodPassword);
    await users.add({
      userId: world.platform.random.id() as never,
      name: 'wendy',
      displayName: 'Wendy',
      passwordHash,
      role: 'member',
      state: 'waiting',
      email: null,
      language: null,
    });
    expect(await guess(stranger('192.0.2.1'), 'wendy')).toMatchObject(wrong);
    expect(await failure(world.signIn('wendy'))).toMatchObject({ code: 'forbidden', reason: 'account_waiting' });
  });

  it('lets nobody in by a password that was replaced, or whom an admin disabled, while it was checked', async () => {
    const { users, sessions } = world.platform;
    const user = await users.findByName('alice');
    if (user === null) throw new Error('alice is not there');
    const overtaken = { code: 'unauthenticated', reason: 'ticket_expired' };
    const disabled = { code: 'forbidden', reason: 'account_disabled' };
    const meanwhile: [() => Promise<unknown>, object][] = [
      [() => users.setPassword(user.userId, user.passwordHash), overtaken],
      [() => users.setRole(user.userId, 'guest'), overtaken],
      [() => users.setState(user.userId, { from: ['active'], state: 'disabled' }), disabled],
    ];
    for (const [change, refused] of meanwhile) {
      world.platform.clock.advance(1_000);
      const real = world.platform.passwords;
      const verify: Passwords['verify'] = async (hash, password) => {
        const verdict = await real.verify(hash, password);
        await change();
        return verdict;
      };
      const { handlers } = makeAuth({ ...world.platform, passwords: { ...real, verify } }, noConversations);
      const before = await sessions.list(user.userId);
      const input = { name: 'alice', password: goodPassword, device: '', keepIn: 'body' } as const;
      const answer = await failure(Promise.resolve(handlers['auth.signIn'](input, stranger())));
      expect(answer).toMatchObject(refused);
      const after = await sessions.list(user.userId);
      expect(after.filter(({ sessionId }) => !before.some((one) => one.sessionId === sessionId))).toEqual([]);
    }
  });

  it('gives no token to whom an admin disabled after the session was opened', async () => {
    const { users, accessTokens } = world.platform;
    const user = await users.findByName('alice');
    if (user === null) throw new Error('alice is not there');
    const sign: AccessTokens['sign'] = async (claims) => {
      await users.setState(user.userId, { from: ['active'], state: 'disabled' });
      world.platform.clock.advance(1_000);
      return accessTokens.sign(claims);
    };
    const { handlers } = makeAuth({ ...world.platform, accessTokens: { ...accessTokens, sign } }, noConversations);
    const input = { name: 'alice', password: goodPassword, device: '', keepIn: 'body' } as const;
    const answer = await failure(Promise.resolve(handlers['auth.signIn'](input, stranger())));
    expect(answer).toMatchObject({ code: 'unauthenticated', reason: 'ticket_expired' });
    expect(await world.platform.sessions.list(user.userId)).toEqual([]);
  });

  it('hashes a password anew when the parameters have changed', async () => {
    const before = await world.platform.users.findByName('alice');
    const today = makePasswords({ memoryMiB: 2, passes: 1 });
    const { handlers } = makeAuth({ ...world.platform, passwords: today }, noConversations);
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
