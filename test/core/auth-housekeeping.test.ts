import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAudit } from '../../src/core/auth/audit.ts';
import { makeHousekeeping } from '../../src/core/auth/housekeeping.ts';
import type { Platform } from '../../src/ports/platform.ts';
import type { Revocation } from '../../src/ports/user-store.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, local, makeAuthWorld } from '../support/auth.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let world: AuthWorld;
let ann: Tokens;
beforeEach(async () => {
  world = await makeAuthWorld();
  ann = await world.register('ann');
});
afterEach(() => world.close());

const keepHouse = (over: Partial<Platform> = {}) => {
  const platform: Platform = { ...world.platform, ...over };
  return makeHousekeeping(platform, { audit: makeAudit(platform) });
};
/** Without the hourly rounds of the service itself. */
const jump = (ms: number) => world.platform.clock.advance(ms);
const events = async (action: string | null = null) =>
  (
    await world.auth.handlers['audit.list'](
      { before: null, after: null, user: null, action, since: null, until: null, limit: 100 },
      local,
    )
  ).events;

describe('housekeeping', () => {
  it('closes sessions that nobody used for so long, once, and leaves the others', async () => {
    const { sessionIdleMs } = world.platform.settings;
    await world.auth.stop();
    jump(sessionIdleMs / 2);
    const later = await world.signIn('ann');
    const house = keepHouse();
    jump(sessionIdleMs / 2);
    await house.round();
    expect(await world.platform.sessions.find(ann.sessionId)).toMatchObject({ closedAt: null });
    jump(1);
    await Promise.all([house.round(), keepHouse().round()]);
    expect(await world.platform.sessions.find(ann.sessionId)).toMatchObject({ closedBecause: 'idle' });
    expect(await world.platform.sessions.find(later.sessionId)).toMatchObject({ closedAt: null });
    expect(await events('session.closed')).toMatchObject([
      { subject: { id: ann.sessionId }, actor: null, details: { reason: 'idle' } },
    ]);
  });

  it('closes any number of them', async () => {
    for (let at = 0; at < 450; at++) {
      await world.platform.sessions.open({
        sessionId: world.platform.random.id() as never,
        userId: ann.userId,
        device: '',
        address: '',
        most: 1_000,
      });
    }
    await world.auth.stop();
    jump(world.platform.settings.sessionIdleMs + 1);
    await keepHouse().round();
    expect(await world.platform.sessions.list(ann.userId)).toEqual([]);
    const told = await world.platform.sessions.revocations(world.platform.clock.now());
    expect(told.filter(({ reason }: Revocation) => reason === 'idle')).toHaveLength(451);
  });

  it('forgets revocations after a day, and closed sessions after 90', async () => {
    await world.auth.stop();
    await world.platform.sessions.close(ann.sessionId, 'closed');
    const house = keepHouse();
    jump(day - 1);
    await house.round();
    expect(await world.platform.sessions.revocations(0)).toHaveLength(1);
    jump(2);
    await house.round();
    expect(await world.platform.sessions.revocations(0)).toEqual([]);
    jump(89 * day - 2);
    await house.round();
    expect(await world.platform.sessions.find(ann.sessionId)).toMatchObject({ closedBecause: 'closed' });
    jump(2);
    await house.round();
    expect(await world.platform.sessions.find(ann.sessionId)).toBeNull();
  });

  it('keeps the audit log as long as it was told to', async () => {
    await world.auth.stop();
    const before = await events();
    const house = keepHouse();
    jump(world.platform.settings.auditMs - 1);
    await house.round();
    expect(await events('user.')).toHaveLength(before.filter(({ action }) => action.startsWith('user.')).length);
    jump(2);
    await house.round();
    expect(await events('user.')).toEqual([]);
  });

  it('forgets devices unused for a year, and tickets that ended', async () => {
    await world.auth.stop();
    const { devices, tickets } = world.platform;
    await devices.signedIn(ann.userId, 'old device', null);
    await tickets.add({
      hash: 'old',
      purpose: 'password_reset',
      userId: ann.userId,
      data: {},
      lifeMs: 1_000,
      alone: true,
    });
    jump(200 * day);
    await devices.signedIn(ann.userId, 'newer device', null);
    await tickets.add({
      hash: 'new',
      purpose: 'password_reset',
      userId: ann.userId,
      data: {},
      lifeMs: 400 * day,
      alone: false,
    });
    jump(166 * day);
    await keepHouse().round();
    expect(await devices.find(ann.userId, 'old device')).toBeNull();
    expect(await devices.find(ann.userId, 'newer device')).not.toBeNull();
    expect(await tickets.look('new', 'password_reset')).not.toBeNull();
  });

  it('does the rest where one part fails, and says which', async () => {
    await world.auth.stop();
    await world.platform.sessions.close(ann.sessionId, 'closed');
    jump(2 * day);
    const closeIdle = () => Promise.reject(new Error('away'));
    await keepHouse({ sessions: { ...world.platform.sessions, closeIdle } }).round();
    expect(await world.platform.sessions.revocations(0)).toEqual([]);
    expect(world.platform.logged).toContainEqual(
      expect.objectContaining({ msg: 'housekeeping not done', duty: 'idle sessions' }),
    );
  });

  it('is done every hour, and no more once it stopped', async () => {
    await world.auth.stop();
    const { clock } = world.platform;
    let rounds = 0;
    const prune = async () => void rounds++;
    const house = keepHouse({ tickets: { ...world.platform.tickets, prune } });
    house.start();
    await clock.pass(minute - 1);
    expect(rounds).toBe(0);
    await clock.pass(11 * minute);
    expect(rounds).toBe(1);
    await clock.pass(5 * hour);
    expect(rounds).toBe(6);
    await house.stop();
    await clock.pass(5 * hour);
    expect(rounds).toBe(6);
  });

  it('is done by the service while it runs', async () => {
    const settings = { ...world.platform.settings, sessionIdleMs: 5 * minute };
    const short = await makeAuthWorld({ settings });
    const { sessionId } = await short.register('ben');
    await short.platform.clock.pass(5 * minute + 12 * minute);
    await short.auth.stop();
    await short.auth.start();
    await short.platform.clock.pass(12 * minute);
    expect(await short.platform.sessions.find(sessionId)).toMatchObject({ closedBecause: 'idle' });
    await short.close();
  });
});
