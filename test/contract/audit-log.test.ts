import { expect, it } from 'vitest';
import type { NewAuditEvent } from '../../src/ports/audit-log.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('the audit log', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const { audit, sessions } = test.stores;
    const add = (action: string, more: Partial<NewAuditEvent> = {}) =>
      audit.add({ action, actorId: null, subjectId: null, address: null, details: {}, ...more });
    const everything = { before: null, after: null, userId: null, action: null, since: null, until: null, limit: 100 };
    const ask = (wish: Partial<Parameters<typeof audit.query>[0]> = {}) => audit.query({ ...everything, ...wish });
    const actions = async (wish?: Parameters<typeof ask>[0]) => (await ask(wish)).map(({ action }) => action);
    return { ...test, ann, ben, audit, sessions, add, everything, ask, actions };
  }

  it('keeps who did what, to whom, from where and when', async () => {
    const { ann, ben, sessions, add, ask } = await setUp();
    const before = await sessions.now();
    const details = { new: true, n: 1.5, text: 'ж "quoted"', nothing: null };
    await add('user.disabled', { actorId: ann, subjectId: ben, address: '2001:db8::1', details });
    const [event, ...more] = await ask();
    expect(more).toEqual([]);
    expect(event).toEqual({
      number: expect.any(Number),
      at: expect.any(Number),
      action: 'user.disabled',
      actor: { userId: ann, name: 'ann' },
      subject: { id: ben, name: 'ben' },
      address: '2001:db8::1',
      details,
    });
    expect(event?.at).toBeGreaterThanOrEqual(before);
    expect(event?.at).toBeLessThanOrEqual(await sessions.now());
  });

  it('keeps events of nobody and about nothing that has a name', async () => {
    const { add, ask } = await setUp();
    await add('start');
    const inviteId = someId.invite();
    await add('invite.created', { subjectId: inviteId });
    expect(await ask()).toMatchObject([
      { actor: null, subject: { id: inviteId, name: null } },
      { actor: null, subject: null, address: null, details: {} },
    ]);
  });

  it('is read newest first, and oldest first behind a number', async () => {
    const { add, ask, actions } = await setUp();
    for (const action of ['a', 'b', 'c', 'd', 'e']) await add(action);
    expect(await actions()).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await actions({ limit: 2 })).toEqual(['e', 'd']);
    const c = (await ask())[2]?.number ?? 0;
    expect(await actions({ before: c })).toEqual(['b', 'a']);
    expect(await actions({ before: c, limit: 1 })).toEqual(['b']);
    expect(await actions({ after: c })).toEqual(['d', 'e']);
    expect(await actions({ after: c, limit: 1 })).toEqual(['d']);
    expect(await actions({ after: 0, before: c })).toEqual(['a', 'b']);
  });

  it('is found by an action or the beginning of one, and by nothing that only looks so', async () => {
    const { add, actions } = await setUp();
    for (const action of ['session.opened', 'session.refused', 'sessions', 'user.added', 'Session.x'])
      await add(action);
    expect(await actions({ action: 'session.' })).toEqual(['session.refused', 'session.opened']);
    expect(await actions({ action: 'session.opened' })).toEqual(['session.opened']);
    expect(await actions({ action: 'session' })).toEqual(['sessions', 'session.refused', 'session.opened']);
    for (const action of ['%', 's_ssion.', 'session.openedd', 'SESSION']) expect(await actions({ action })).toEqual([]);
    expect(await actions({ action: '' })).toHaveLength(5);
  });

  it('is found by time, both ends included', async () => {
    const { add, ask, actions, pass } = await setUp();
    for (const action of ['a', 'b', 'c']) {
      await add(action);
      await pass(2);
    }
    const at = (await ask())[1]?.at ?? 0;
    expect(await actions({ since: at })).toEqual(['c', 'b']);
    expect(await actions({ until: at })).toEqual(['b', 'a']);
    expect(await actions({ since: at, until: at })).toEqual(['b']);
  });

  it('is found by person: done by or to them, or to a session or token of theirs, though that is gone', async () => {
    const { ann, ben, stores, sessions, add, actions, ask, pass } = await setUp();
    const sessionId = someId.session();
    await sessions.open({ sessionId, userId: ann, device: 'Phone', address: '::1', most: 9 });
    const apiTokenId = someId.apiToken();
    const token = { apiTokenId, userId: ann, tokenHash: 'h', name: 'bot', scopes: [], lifeMs: null };
    await stores.apiTokens.add(token, 9);
    await add('by', { actorId: ann, subjectId: someId.invite() });
    await add('to', { actorId: ben, subjectId: ann });
    await add('to.session', { subjectId: sessionId });
    await add('to.token', { subjectId: apiTokenId });
    await add('of.others', { actorId: ben, subjectId: ben });
    await sessions.close(sessionId, 'signed_out');
    await pass(2);
    await sessions.prune({ revocations: 0, closed: await sessions.now() });
    expect(await sessions.find(sessionId)).toBeNull();
    expect(await actions({ userId: ann })).toEqual(['to.token', 'to.session', 'to', 'by']);
    expect(await actions({ userId: ben })).toEqual(['of.others', 'to']);
    expect((await ask({ userId: ann }))[1]).toMatchObject({ subject: { id: sessionId, name: 'ann' } });
    expect(await actions({ userId: ann, action: 'to.', limit: 1 })).toEqual(['to.token']);
    expect(await actions({ userId: someId.user() })).toEqual([]);
  });

  it('names people as they are now, and deleted ones with nothing', async () => {
    const { ann, ben, stores, add, ask } = await setUp();
    await add('user.disabled', { actorId: ann, subjectId: ben });
    for (const userId of [ann, ben]) {
      await stores.users.setState(userId, { from: ['active'], state: 'deleting', deletesAt: 1 });
      await stores.users.empty(userId);
    }
    expect(await ask()).toMatchObject([{ actor: { userId: ann, name: '' }, subject: { id: ben, name: '' } }]);
  });

  it('forgets what is older', async () => {
    const { audit, add, ask, actions, pass } = await setUp();
    for (const action of ['a', 'b', 'c']) {
      await add(action);
      await pass(2);
    }
    const events = await ask();
    expect(await audit.prune(events[1]?.at ?? 0)).toBe(1);
    expect(await audit.prune(events[1]?.at ?? 0)).toBe(0);
    expect(await actions()).toEqual(['c', 'b']);
    await audit.prune(Number.MAX_SAFE_INTEGER);
    await add('d');
    expect((await ask())[0]?.number).toBeGreaterThan(events[0]?.number ?? 0);
  });

  it('hides no event from who reads on behind the last number, while several nodes add', async () => {
    const { audit, everything, another } = await setUp();
    const others = (await another())?.audit ?? audit;
    // Of its own, so that it waits behind nobody who adds.
    const reader = (await another())?.audit ?? audit;
    const count = 200;
    const event = { actorId: null, subjectId: null, address: null, details: {} };
    let adding = true;
    const added = Promise.all(
      Array.from({ length: count }, (_, i) => (i % 2 ? audit : others).add({ ...event, action: `${i}` })),
    ).finally(() => {
      adding = false;
    });
    const heard: string[] = [];
    let after = 0;
    for (let last = false; !last; ) {
      last = !adding;
      for (const { number, action } of await reader.query({ ...everything, after })) {
        heard.push(action);
        after = number;
        last = false;
      }
    }
    await added;
    expect(heard.length).toBe(count);
    expect(new Set(heard).size).toBe(count);
  });
});
