import { expect, it } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('sessions', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const open = (userId = ann, most = 100) =>
      test.stores.sessions.open({ sessionId: someId.session(), userId, device: 'Phone', address: '203.0.113.7', most });
    return { ...test, ann, ben, open, sessions: test.stores.sessions };
  }

  it('open with the first generation, unconfirmed', async () => {
    const { ann, open, sessions } = await setUp();
    const session = await open();
    expect(session).toMatchObject({
      userId: ann,
      device: 'Phone',
      address: '203.0.113.7',
      generation: 1,
      confirmedAt: null,
      closedAt: null,
      closedBecause: null,
    });
    expect(session.createdAt).toBeGreaterThan(0);
    expect(await sessions.find(session.sessionId)).toEqual(session);
    expect(await sessions.find(someId.session())).toBeNull();
  });

  it('are listed while open, newest use first', async () => {
    const { ann, ben, open, sessions, pass } = await setUp();
    const first = await open();
    await pass(2);
    const second = await open();
    const closed = await open();
    await open(ben);
    await sessions.close(closed.sessionId, 'signed_out');
    const ids = async () => (await sessions.list(ann)).map((session) => session.sessionId);
    expect(await ids()).toEqual([second.sessionId, first.sessionId]);
    await pass(2);
    await sessions.seen([{ sessionId: first.sessionId, generation: 1, at: await sessions.now() }]);
    expect(await ids()).toEqual([first.sessionId, second.sessionId]);
  });

  it('advance only from the present generation: of several at once exactly one moves it', async () => {
    const { open, sessions, another } = await setUp();
    const { sessionId } = await open();
    const others = (await another())?.sessions ?? sessions;
    const answers = await Promise.all(
      [2, 3, 4, 5].map((to) => (to % 2 ? others : sessions).advance(sessionId, 1, to, `address ${to}`)),
    );
    const present = await sessions.find(sessionId);
    expect(answers.map((session) => session?.generation)).toEqual(Array(4).fill(present?.generation));
    expect(present?.address).toBe(`address ${present?.generation}`);
  });

  it('lose their confirmation and count as used when they advance', async () => {
    const { open, sessions, pass } = await setUp();
    const { sessionId, lastSeenAt } = await open();
    await sessions.seen([{ sessionId, generation: 1, at: lastSeenAt }]);
    expect((await sessions.find(sessionId))?.confirmedAt).not.toBeNull();
    await pass(2);
    const moved = await sessions.advance(sessionId, 1, 7, 'elsewhere');
    expect(moved).toMatchObject({ generation: 7, confirmedAt: null, address: 'elsewhere' });
    expect(moved?.lastSeenAt).toBeGreaterThan(lastSeenAt);
  });

  it('do not advance once closed, and answer how they stand', async () => {
    const { open, sessions } = await setUp();
    const { sessionId } = await open();
    await sessions.close(sessionId, 'signed_out');
    expect(await sessions.advance(sessionId, 1, 2, 'x')).toMatchObject({ generation: 1, closedBecause: 'signed_out' });
    expect(await sessions.advance(someId.session(), 1, 2, 'x')).toBeNull();
  });

  it('are confirmed by a use of the present generation only, and keep the first time', async () => {
    const { open, sessions, pass } = await setUp();
    const { sessionId, lastSeenAt: at } = await open();
    await sessions.advance(sessionId, 1, 2, 'x');
    await sessions.seen([{ sessionId, generation: 1, at }]);
    expect((await sessions.find(sessionId))?.confirmedAt).toBeNull();
    await sessions.seen([{ sessionId, generation: 2, at }]);
    const confirmed = (await sessions.find(sessionId))?.confirmedAt;
    expect(confirmed).toBeGreaterThanOrEqual(at);
    await pass(3);
    await sessions.seen([{ sessionId, generation: 2, at }]);
    expect((await sessions.find(sessionId))?.confirmedAt).toBe(confirmed);
  });

  it('and their people are seen, all in one write, never going back', async () => {
    const { ann, ben, open, sessions, stores } = await setUp();
    const [a, b, c] = [await open(), await open(), await open(ben)];
    const soon = a.lastSeenAt + 10_000;
    await sessions.seen([
      { sessionId: a.sessionId, generation: 1, at: soon },
      { sessionId: b.sessionId, generation: 1, at: soon + 5 },
      { sessionId: c.sessionId, generation: 1, at: 5 },
      { sessionId: someId.session(), generation: 1, at: soon },
    ]);
    expect((await sessions.find(a.sessionId))?.lastSeenAt).toBe(soon);
    expect((await sessions.find(b.sessionId))?.lastSeenAt).toBe(soon + 5);
    expect((await sessions.find(c.sessionId))?.lastSeenAt).toBe(c.lastSeenAt);
    expect((await stores.users.find(ann))?.lastSeenAt).toBe(soon + 5);
    expect((await stores.users.find(ben))?.lastSeenAt).toBe(c.lastSeenAt);
    await sessions.seen([{ sessionId: a.sessionId, generation: 1, at: soon - 5 }]);
    expect((await sessions.find(a.sessionId))?.lastSeenAt).toBe(soon);
    expect((await stores.users.find(ann))?.lastSeenAt).toBe(soon + 5);
    await sessions.seen([]);
  });

  it('leave one revocation when closed, however often', async () => {
    const { open, sessions, pass } = await setUp();
    const before = await sessions.now();
    const { sessionId } = await open();
    await Promise.all([sessions.close(sessionId, 'signed_out'), sessions.close(sessionId, 'again')]);
    await sessions.close(someId.session(), 'unknown');
    const [revocation, ...more] = await sessions.revocations(before);
    expect(more).toEqual([]);
    const closed = await sessions.find(sessionId);
    expect(revocation).toMatchObject({ sessionId, userId: null, reason: closed?.closedBecause });
    expect(revocation?.at).toBeGreaterThanOrEqual(closed?.closedAt ?? Number.POSITIVE_INFINITY);
    expect(await sessions.revocations(revocation?.at ?? 0)).toHaveLength(1);
    await pass(2);
    expect(await sessions.revocations((revocation?.at ?? 0) + 1)).toEqual([]);
  });

  it('close those used longest ago where there would be more than allowed', async () => {
    const { ann, ben, open, sessions, pass } = await setUp();
    const before = await sessions.now();
    const opened = [];
    for (let i = 0; i < 4; i++) {
      opened.push((await open()).sessionId);
      await pass(2);
    }
    await open(ben);
    const [a, b, c, d] = opened as [SessionId, SessionId, SessionId, SessionId];
    // Clocks of nodes may be ahead of the store's.
    const used = [a, c].map((sessionId) => ({ sessionId, generation: 1, at: before + 60_000 }));
    await sessions.seen(used);
    const last = await open(ann, 3);
    expect((await sessions.list(ann)).map(({ sessionId }) => sessionId).sort()).toEqual([a, c, last.sessionId].sort());
    expect((await sessions.find(b))?.closedBecause).toBe('too_many');
    expect(await sessions.list(ben)).toHaveLength(1);
    const revoked = (await sessions.revocations(before)).map(({ sessionId, reason }) => ({ sessionId, reason }));
    expect(revoked).toHaveLength(2);
    for (const sessionId of [b, d]) expect(revoked).toContainEqual({ sessionId, reason: 'too_many' });
  });

  it('are never more than allowed, however many are opened at once', async () => {
    const { ann, open, sessions, stores, another } = await setUp();
    const others = (await another())?.sessions ?? sessions;
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        i % 2
          ? open(ann, 2)
          : others.open({ sessionId: someId.session(), userId: ann, device: '', address: '', most: 2 }),
      ),
    );
    expect(await stores.sessions.list(ann)).toHaveLength(2);
    expect(await sessions.revocations(0)).toHaveLength(6);
  });

  it('are not opened for somebody who is not active, however closely it follows', async () => {
    const { ann, open, sessions, stores, another } = await setUp();
    const users = (await another())?.users ?? stores.users;
    const [, ...opened] = await Promise.allSettled([
      users.setState(ann, { from: ['active'], state: 'disabled' }),
      ...Array.from({ length: 8 }, () => open()),
    ]);
    expect(await sessions.list(ann)).toEqual([]);
    const refused = { code: 'forbidden', reason: 'account_disabled' };
    for (const one of opened)
      if (one.status === 'rejected') expect(one.reason).toEqual(expect.objectContaining(refused));
    await expect(open()).rejects.toEqual(expect.objectContaining(refused));
    await users.setState(ann, { from: ['disabled'], state: 'active' });
    expect(await open()).toMatchObject({ userId: ann });
  });

  it('close all at once but one, each with its revocation', async () => {
    const { ann, ben, open, sessions } = await setUp();
    const before = await sessions.now();
    const [a, b, c] = [await open(), await open(), await open()];
    const closed = await open();
    await sessions.close(closed.sessionId, 'signed_out');
    const other = await open(ben);
    expect(await sessions.closeAll(ann, 'password_changed', b.sessionId)).toBe(2);
    expect((await sessions.list(ann)).map(({ sessionId }) => sessionId)).toEqual([b.sessionId]);
    expect((await sessions.find(a.sessionId))?.closedBecause).toBe('password_changed');
    expect((await sessions.find(closed.sessionId))?.closedBecause).toBe('signed_out');
    expect(await sessions.list(ben)).toMatchObject([{ sessionId: other.sessionId }]);
    const revoked = (await sessions.revocations(before)).map(({ sessionId }) => sessionId);
    expect(revoked.sort()).toEqual([a, c, closed].map(({ sessionId }) => sessionId).sort());
    expect(await sessions.closeAll(ann, 'again', null)).toBe(1);
    expect(await sessions.closeAll(ann, 'again', null)).toBe(0);
  });

  it('are closed once unused for too long, those used longest ago first', async () => {
    const { open, sessions, pass } = await setUp();
    const [a, b] = [await open(), await open()];
    await pass(2);
    const c = await open();
    await pass(2);
    const since = await sessions.now();
    await open();
    await sessions.seen([{ sessionId: b.sessionId, generation: 1, at: b.lastSeenAt + 1 }]);
    expect(await sessions.closeIdle(a.lastSeenAt, 9)).toEqual([]);
    expect(await sessions.closeIdle(since, 1)).toEqual([a.sessionId]);
    expect([...(await sessions.closeIdle(since, 9))].sort()).toEqual([b.sessionId, c.sessionId].sort());
    expect(await sessions.closeIdle(since, 9)).toEqual([]);
    expect(await sessions.find(a.sessionId)).toMatchObject({ closedBecause: 'idle' });
    expect(await sessions.revocations(0)).toHaveLength(3);
  });

  it('that idle are closed by one node each', async () => {
    const { open, sessions, another, pass } = await setUp();
    const others = (await another())?.sessions ?? sessions;
    for (let i = 0; i < 6; i++) await open();
    await pass(2);
    const since = await sessions.now();
    const answers = await Promise.all([sessions, others, sessions].map((store) => store.closeIdle(since, 100)));
    expect(answers.flat()).toHaveLength(6);
    expect(new Set(answers.flat()).size).toBe(6);
    expect(await sessions.revocations(0)).toHaveLength(6);
  });

  it('are renamed', async () => {
    const { open, sessions } = await setUp();
    const { sessionId } = await open();
    await sessions.rename(sessionId, 'Kitchen tablet');
    expect(await sessions.find(sessionId)).toMatchObject({ device: 'Kitchen tablet' });
    await sessions.rename(someId.session(), 'Nobody’s');
  });

  it('and their revocations are forgotten when they are old', async () => {
    const { open, sessions, pass } = await setUp();
    const [old, later, present] = [await open(), await open(), await open()];
    await sessions.close(old.sessionId, 'signed_out');
    await pass(2);
    const between = await sessions.now();
    await sessions.close(later.sessionId, 'signed_out');
    await sessions.prune({ revocations: between, closed: 0 });
    expect(await sessions.revocations(0)).toMatchObject([{ sessionId: later.sessionId }]);
    expect(await sessions.find(old.sessionId)).not.toBeNull();
    await sessions.prune({ revocations: 0, closed: between });
    expect(await sessions.find(old.sessionId)).toBeNull();
    expect(await sessions.find(later.sessionId)).not.toBeNull();
    expect(await sessions.find(present.sessionId)).not.toBeNull();
  });

  it('are used, opened and closed by several nodes at once, and none of it fails', async () => {
    const { ann, ben, open, sessions, another } = await setUp();
    const others = (await another())?.sessions ?? sessions;
    const ids: SessionId[] = [];
    for (let i = 0; i < 6; i++) ids.push((await open(i % 2 ? ann : ben)).sessionId);
    const uses = (at: number) => ids.map((sessionId) => ({ sessionId, generation: 1, at }));
    const at = await sessions.now();
    await Promise.all([
      ...Array.from({ length: 5 }, (_, i) => (i % 2 ? sessions : others).seen(uses(at + i))),
      open(ann, 2),
      open(ben, 2),
      others.closeAll(ann, 'x', null),
      others.closeIdle(at, 3),
    ]);
  });
});
