import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAuth } from '../../src/core/auth/auth.ts';
import type { Platform } from '../../src/ports/platform.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, as, failure, local, makeAuthWorld, noConversations, stranger } from '../support/auth.ts';
import { makeKeepingMailer } from '../support/mailer.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const reused = { code: 'unauthenticated', reason: 'session_reused' };
const closed = { code: 'unauthenticated', reason: 'session_closed' };

let world: AuthWorld;
let first: Tokens;

beforeEach(async () => {
  world = await makeAuthWorld();
  first = await world.register('alice');
});
afterEach(() => world.close());

/** Uses the access token, as a request would, and lets that be written down. */
async function use(tokens: Tokens): Promise<void> {
  await world.person(tokens);
  await world.platform.clock.pass(500);
}

describe('a refresh token', () => {
  it('gives a new access token and its own successor', async () => {
    await world.later(9 * minute);
    const next = await world.refresh(first.refreshToken);
    expect(next).toMatchObject({ userId: first.userId, sessionId: first.sessionId });
    expect(next.refreshToken).not.toBe(first.refreshToken);
    expect(next.expiresAt).toBe(first.expiresAt + 9 * minute + 1_000);
    expect(await world.person(next)).toMatchObject({ sessionId: first.sessionId });
  });

  it('answers the same successor again while no answer has been seen to arrive, however long that takes', async () => {
    const lost = await world.refresh(first.refreshToken);
    world.platform.clock.advance(80 * day);
    expect((await world.refresh(first.refreshToken)).refreshToken).toBe(lost.refreshToken);
    expect((await world.refresh(first.refreshToken)).refreshToken).toBe(lost.refreshToken);
  });

  it('answers the same successor to two tabs that ask at once', async () => {
    const tabs = await Promise.all([1, 2, 3].map(() => world.refresh(first.refreshToken)));
    expect(new Set(tabs.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    for (const tab of tabs) await world.person(tab);
  });

  it('answers it for one minute more once the successor is in use', async () => {
    const next = await world.refresh(first.refreshToken);
    await use(next);
    world.platform.clock.advance(minute - 1_000);
    expect((await world.refresh(first.refreshToken)).refreshToken).toBe(next.refreshToken);
  });

  it('closes the session when it comes later than that: somebody copied it', async () => {
    const next = await world.refresh(first.refreshToken);
    await use(next);
    world.platform.clock.advance(minute + 1_000);
    expect(await failure(world.refresh(first.refreshToken))).toMatchObject(reused);
    expect(await failure(world.refresh(next.refreshToken))).toMatchObject(reused);
    await world.platform.clock.pass(1_000);
    expect(await failure(world.person(next))).toMatchObject(closed);
  });

  it('closes the session when it is older than the previous one', async () => {
    const second = await world.refresh(first.refreshToken);
    await world.refresh(second.refreshToken);
    expect(await failure(world.refresh(first.refreshToken))).toMatchObject(reused);
    const { sessions } = await world.auth.handlers['user.show']({ user: 'alice' }, local);
    expect(sessions).toEqual([]);
  });

  it('that was copied is told of: in the audit log, and by letter', async () => {
    const mailer = makeKeepingMailer();
    const told = await makeAuthWorld({ mailer });
    const alice = await told.register('alice');
    await told.platform.users.setEmail(alice.userId, 'alice@example.org');
    const second = await told.refresh(alice.refreshToken);
    await told.refresh(second.refreshToken);
    expect(await failure(told.refresh(alice.refreshToken, stranger('203.0.113.9')))).toMatchObject(reused);

    const at = told.platform.clock.now();
    const ask = { before: null, after: null, userId: null, action: null, since: null, until: null, limit: 1 };
    expect(await told.platform.audit.query(ask)).toMatchObject([
      { action: 'session.reused', subject: { id: alice.sessionId, name: 'alice' }, address: '203.0.113.9' },
    ]);
    for (const job of await told.platform.jobs.take(['mail'], 10, minute)) await told.auth.jobs.mail?.(job);
    expect(mailer.sent).toContainEqual(
      expect.objectContaining({
        to: 'alice@example.org',
        letter: { kind: 'session_reused', name: 'alice', device: 'test', at },
      }),
    );
    await told.close();
  });

  it('gives no token with a role, or to a person, that changed just then', async () => {
    const { users } = world.platform;
    const changing = async (change: () => Promise<unknown>) => {
      let looks = 0;
      const find: Platform['users']['find'] = async (userId) => {
        const user = await users.find(userId);
        if (looks++ === 0) await change();
        return user;
      };
      const auth = makeAuth({ ...world.platform, users: { ...users, find } }, noConversations);
      const { refreshToken } = await world.signIn('alice');
      return auth.handlers['auth.refresh']({ refreshToken, keepIn: 'body' }, stranger());
    };
    const tokens = await changing(() => users.setRole(first.userId, 'guest'));
    expect(world.platform.accessTokens.verify(tokens.accessToken)).toMatchObject({ role: 'guest' });
    const disable = () => users.setState(first.userId, { from: ['active'], state: 'disabled' });
    expect(await failure(changing(disable))).toMatchObject(closed);
  });

  it('is adopted when it is newer than the store, as after a restore', async () => {
    const { sessionId } = first;
    const second = await world.refresh(first.refreshToken);
    const third = await world.refresh(second.refreshToken);
    await world.platform.sessions.advance(sessionId, 3, 1, '');
    const fourth = await world.refresh(third.refreshToken);
    expect(await world.platform.sessions.find(sessionId)).toMatchObject({ generation: 4 });
    expect((await world.refresh(third.refreshToken)).refreshToken).toBe(fourth.refreshToken);
    await world.refresh(fourth.refreshToken);
  });

  it('is over with its session', async () => {
    await world.auth.handlers['auth.signOut']({}, as(await world.person(first)));
    expect(await failure(world.refresh(first.refreshToken))).toMatchObject(closed);
  });

  it('is over when nobody used it for as long as the owner allows', async () => {
    world.platform.clock.advance(90 * day - 1);
    const next = await world.refresh(first.refreshToken);
    world.platform.clock.advance(90 * day);
    expect(await failure(world.refresh(next.refreshToken))).toMatchObject(closed);
    expect(await world.platform.sessions.find(first.sessionId)).toMatchObject({ closedBecause: 'idle' });
  });

  it('lives on while its access tokens are used', async () => {
    const next = await world.refresh(first.refreshToken);
    await world.later(9 * minute);
    await use(next);
    world.platform.clock.advance(90 * day - minute);
    await world.refresh(next.refreshToken);
  });

  it('is refused when anything of it is changed', async () => {
    const [session = '', generation = '', mac = ''] = (first.refreshToken ?? '').split('.');
    const other = (await world.register('bob')).sessionId;
    const forged = [
      `${session}.2.${mac}`,
      `${session}.0.${mac}`,
      `${other}.${generation}.${mac}`,
      `${session}.${generation}.${mac}x`,
      `${session}.${generation}.${mac.slice(1)}`,
      `${session}.${generation}.`,
      `${session}.0${generation}.${mac}`,
      `${session}.${generation}e0.${mac}`,
      `${session}.-1.${mac}`,
      `${session}.${generation}.${mac}.`,
      session,
      '',
      '..',
      'x'.repeat(400),
      undefined,
    ];
    for (const token of forged) {
      const answer = await failure(world.refresh(token));
      expect(answer).toMatchObject({ code: 'unauthenticated', reason: 'refresh_token_invalid' });
    }
    await world.refresh(first.refreshToken);
  });
});

/**
 * One honest device: several tabs over one cookie jar, on a network that loses answers. A tab that refreshes sends what
 * the jar held when it asked; an answer that arrives replaces the jar and is used.
 */
type Step =
  | { readonly do: 'refresh'; readonly tabs: number; readonly arrives: readonly boolean[] }
  | { readonly do: 'refresh and use' }
  | { readonly do: 'wait'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('refresh' as const),
      tabs: fc.integer({ min: 1, max: 4 }),
      arrives: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    }),
    fc.record({ do: fc.constant('refresh and use' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 5 * day }) }),
  ) satisfies fc.Arbitrary<Step>,
  { maxLength: 25 },
);

describe('an honest device', () => {
  it('is never signed out by lost answers or parallel tabs', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const start = await world.signIn('alice');
        let jar = start;
        for (const step of script) {
          if (step.do === 'wait') {
            await world.later(step.ms);
          } else if (step.do === 'refresh and use') {
            jar = await world.refresh(jar.refreshToken);
            await use(jar);
          } else {
            const { refreshToken } = jar;
            const answers = await Promise.all(Array.from({ length: step.tabs }, () => world.refresh(refreshToken)));
            answers.forEach((answer, tab) => {
              if (step.arrives[tab]) jar = answer;
            });
            if (jar.refreshToken !== refreshToken) await use(jar);
          }
        }
        const last = await world.refresh(jar.refreshToken);
        expect(last.sessionId).toBe(start.sessionId);
      }),
      { numRuns: 40 },
    );
  });

  it('notices a thief: of two devices with one copied token, one is refused before long and the session closed', async () => {
    const network = stranger('192.0.2.1');
    let owner = first;
    let thief = first;
    const play = async () => {
      for (let round = 0; round < 4; round++) {
        owner = await world.refresh(owner.refreshToken);
        await use(owner);
        await world.later(5 * minute);
        thief = await world.refresh(thief.refreshToken, network);
        await use(thief);
        await world.later(5 * minute);
      }
    };
    expect(await failure(play())).toMatchObject(reused);
    expect(await world.platform.sessions.find(first.sessionId)).toMatchObject({ closedBecause: 'reuse' });
  });
});
