import { expect, it } from 'vitest';
import type { TicketPurpose, TicketStore } from '../../src/ports/credential-store.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import { addPeople } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

onEveryDatabase('tickets', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    const { tickets } = test.stores;
    const others = ((await test.another()) ?? test.stores).tickets;
    const add = (
      hash: string,
      purpose: TicketPurpose = 'password_reset',
      more: { userId?: UserId | null; lifeMs?: number; alone?: boolean; store?: TicketStore } = {},
    ) => {
      const { userId = ann, lifeMs = 60_000, alone = false, store = tickets } = more;
      return store.add({ hash, purpose, userId, data: { of: hash }, lifeMs, alone });
    };
    const held = async (purpose: TicketPurpose, ...hashes: readonly string[]) => {
      const found = await Promise.all(hashes.map(async (hash) => ({ hash, at: await tickets.look(hash, purpose) })));
      return found.flatMap(({ hash, at }) => (at === null ? [] : [hash]));
    };
    return { ...test, ann, ben, tickets, others, add, held };
  }

  it('hold what they were given, for one purpose', async () => {
    const { ann, tickets, stores } = await setUp();
    const before = await stores.sessions.now();
    const data = { text: 'ж "quoted"', number: 1.5, flag: false, nothing: null };
    const given = { hash: 'h', purpose: 'enrolment', userId: ann, data, lifeMs: 1_000, alone: false } as const;
    const { expiresAt } = await tickets.add(given);
    expect(expiresAt).toBeGreaterThanOrEqual(before + 1_000);
    expect(expiresAt).toBeLessThanOrEqual((await stores.sessions.now()) + 1_000);
    expect(await tickets.look('h', 'enrolment')).toEqual({ userId: ann, data, expiresAt });
    expect(await tickets.look('h', 'second_factor')).toBeNull();
    expect(await tickets.take('h', 'second_factor')).toBeNull();
    expect(await tickets.look('x', 'enrolment')).toBeNull();
    expect(await tickets.take('h', 'enrolment')).toEqual({ userId: ann, data, expiresAt });
  });

  it('may be nobody’s yet', async () => {
    const { tickets, add } = await setUp();
    await add('a', 'passkey_sign_in', { userId: null, alone: true });
    await add('b', 'passkey_sign_in', { userId: null, alone: true });
    expect(await tickets.take('a', 'passkey_sign_in')).toMatchObject({ userId: null });
    expect(await tickets.look('b', 'passkey_sign_in')).toMatchObject({ userId: null });
  });

  it('are taken once: of several who take one at once exactly one gets it', async () => {
    const { tickets, others, add } = await setUp();
    for (const hash of ['a', 'b', 'c']) {
      await add(hash);
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? tickets : others).take(hash, 'password_reset')),
      );
      expect(answers.filter((ticket) => ticket !== null)).toEqual([expect.objectContaining({ data: { of: hash } })]);
      expect(await tickets.look(hash, 'password_reset')).toBeNull();
    }
  });

  it('are worth nothing once they expired', async () => {
    const { ann, tickets, add, pass } = await setUp();
    await add('a', 'password_reset', { lifeMs: 5 });
    await pass(5);
    expect(await tickets.look('a', 'password_reset')).toBeNull();
    expect(await tickets.newest(ann, 'password_reset')).toBeNull();
    expect(await tickets.take('a', 'password_reset')).toBeNull();
  });

  it('that stand alone end those of the same person and purpose before them', async () => {
    const { ben, add, held } = await setUp();
    await add('a');
    await add('b');
    await add('other purpose', 'email_confirmation');
    await add('other person', 'password_reset', { userId: ben });
    await add('c', 'password_reset', { alone: true });
    expect(await held('password_reset', 'a', 'b', 'c', 'other person')).toEqual(['c', 'other person']);
    expect(await held('email_confirmation', 'other purpose')).toEqual(['other purpose']);
  });

  it('that stand alone are one in the end, however many are made at once', async () => {
    const { tickets, others, add, held } = await setUp();
    const hashes = Array.from({ length: 8 }, (_, i) => `${i}`);
    await Promise.all(
      hashes.map((hash, i) => add(hash, 'password_reset', { alone: true, store: i % 2 ? tickets : others })),
    );
    expect(await held('password_reset', ...hashes)).toHaveLength(1);
  });

  it('are dropped by person and purposes', async () => {
    const { ann, ben, tickets, add, held } = await setUp();
    await add('a', 'second_factor');
    await add('b', 'enrolment');
    await add('c', 'email_confirmation');
    await add('d', 'enrolment', { userId: ben });
    await tickets.drop(ann, ['second_factor', 'enrolment']);
    await tickets.drop(ann, []);
    expect(await held('second_factor', 'a')).toEqual([]);
    expect(await held('enrolment', 'b', 'd')).toEqual(['d']);
    expect(await held('email_confirmation', 'c')).toEqual(['c']);
  });

  it('are answered the newest that counts', async () => {
    const { ann, ben, tickets, add, pass } = await setUp();
    expect(await tickets.newest(ann, 'email_confirmation')).toBeNull();
    await add('first', 'email_confirmation');
    await add('second', 'email_confirmation');
    await add('brief', 'email_confirmation', { lifeMs: 3 });
    await add('other', 'email_confirmation', { userId: ben });
    await pass(3);
    expect((await tickets.newest(ann, 'email_confirmation'))?.data).toEqual({ of: 'second' });
    await tickets.take('second', 'email_confirmation');
    expect((await tickets.newest(ann, 'email_confirmation'))?.data).toEqual({ of: 'first' });
  });

  it('that expired are forgotten, and no others', async () => {
    const { tickets, add, held, pass, database } = await setUp();
    await add('brief', 'enrolment', { lifeMs: 3 });
    await add('nobody’s', 'passkey_sign_in', { lifeMs: 3, userId: null });
    await add('long', 'enrolment');
    await pass(3);
    await tickets.prune();
    expect(await database.query.selectFrom('tickets').select('hash').execute()).toEqual([{ hash: 'long' }]);
    expect(await held('enrolment', 'long')).toEqual(['long']);
  });
});
