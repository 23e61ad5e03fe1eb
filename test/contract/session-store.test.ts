import { sql } from 'kysely';
import { expect, it } from 'vitest';
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
});

onEveryDatabase('the audit log', (fresh) => {
  it('keeps who did what, to whom, from where and when', async () => {
    const { stores, database } = await fresh();
    const [ann] = await addPeople(stores, 'ann');
    const event = { action: 'sign_in', actorId: ann, subjectId: 'x', address: '::1', details: { new: true, n: 1 } };
    await stores.audit.add(event);
    await stores.audit.add({ action: 'start', actorId: null, subjectId: null, address: null, details: {} });
    const { rows } = await sql<Record<string, unknown>>`select * from audit_events order by event_id`.execute(
      database.query,
    );
    expect(rows).toMatchObject([
      { action: 'sign_in', actor_id: ann, subject_id: 'x', address: '::1', details: '{"new":true,"n":1}' },
      { action: 'start', actor_id: null, subject_id: null, address: null, details: '{}' },
    ]);
    expect(rows[0]?.at).toBeGreaterThan(0);
  });
});
