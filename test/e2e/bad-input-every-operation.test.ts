import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationName, Output } from '../../src/protocol/operations.ts';
import { permissionNames } from '../../src/protocol/roles.ts';
import { connectOpen, connectRaw, type Frame } from '../protocol/raw-client.ts';
import { type Row, refusalOf, rows, type Who } from '../support/access-table.ts';
import { type BadInput, badInputs, goodInput, type Known } from '../support/bad-inputs.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { type ServedInstance, serveInstance } from '../support/served-instance.ts';
import { addSignedInPerson } from '../support/signed-in-people.ts';

const postgres = await startPostgres();
afterAll(async () => {
  await postgres?.stop();
});

const password = 'correct horse battery';
const called = rows.filter(([op]) => op !== 'connection.open');

describe('on SQLite', () => suite(async () => ({}), { validOnly: false }));
describe.skipIf(postgres === null)('on PostgreSQL', () =>
  suite(
    async () => {
      const url = await (postgres as TestPostgres).freshDatabase();
      return { database: { store: 'postgres', url }, messages: { store: 'postgres', url } };
    },
    { validOnly: true },
  ),
);

/** `validOnly`: what the table refuses never reaches the stores, and need not be tried with each of them. */
function suite(
  settings: () => Promise<Parameters<typeof serveInstance>[0]>,
  { validOnly }: { readonly validOnly: boolean },
): void {
  let instance: ServedInstance;
  let passwordHash: string;
  const accessTokens: Record<string, string | null> = { anyone: null };
  let network = 0;

  beforeAll(async () => {
    // Each request over HTTP comes from a network of its own: this is not about too many of them.
    instance = await serveInstance({ ...(await settings()), trustedProxies: ['127.0.0.1'], registration: 'open' });
    passwordHash = await instance.platform.passwords.hash(password);
    for (const role of ['owner', 'member', 'guest'] as const) {
      const person = await addSignedInPerson(instance.platform, role, { role, passwordHash });
      accessTokens[role] = person.accessToken;
    }
    for (const [name, scopes] of [
      ['scripts that may all', permissionNames],
      ['scripts that may chat', ['chat']],
    ] as const) {
      const made = await ask('token.create', JSON.stringify({ name, scopes }), 'owner');
      accessTokens[name] = (made.output as { token: string }).token;
    }
  }, 60_000);
  afterAll(() => instance?.stop());

  async function ask(op: OperationName, json: string, who: string): Promise<Frame> {
    const accessToken = accessTokens[who] ?? null;
    network++;
    const response = await fetch(`${instance.url}/api/${op}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': `10.${(network >> 16) & 255}.${(network >> 8) & 255}.${network & 255}`,
        ...(accessToken === null ? {} : { authorization: `Bearer ${accessToken}` }),
      },
      body: json,
    });
    return (await response.json()) as Frame;
  }

  async function expectUnharmed(): Promise<void> {
    expect(instance.defects()).toEqual([]);
    expect(await ask('instance.about', '{}', 'anyone')).toMatchObject({ ok: true });
    expect(await ask('security.show', '{}', 'owner')).toMatchObject({ ok: true });
  }

  /** Somebody who may everything, for one operation alone, and what there is that it can be done to. */
  async function somebodyWhoMay(op: OperationName): Promise<{ who: string; known: Known }> {
    const owner = await addSignedInPerson(instance.platform, `owner-${op}`.toLowerCase(), {
      role: 'owner',
      passwordHash,
    });
    const other = await addSignedInPerson(instance.platform, `other-${op}`.toLowerCase(), { passwordHash });
    accessTokens[op] = owner.accessToken;
    const group = { clientId: randomUUID(), title: 'Group', userIds: [other.userId] };
    const made = await ask('conversation.create', JSON.stringify(group), op);
    const { conversationId } = (made.output as Output<'conversation.create'>).conversation;
    return {
      who: op,
      known: {
        ...{ present: password, password, user: other.userId, userId: other.userId, userIds: [other.userId] },
        ...{ sessionId: other.sessionId, conversationId, conversationIds: [conversationId] },
        marks: [{ conversationId, deliveredSeq: 1, readSeq: 1 }],
      },
    };
  }

  test.each(called.map(([op]) => op))(
    '%s takes nothing wrong, and comes to no harm from what is strange',
    async (op) => {
      const { who, known } = await somebodyWhoMay(op);
      const inputs = badInputs(op, known).filter(({ valid }) => valid || !validOnly);
      const mistakes = await fewAtOnce(inputs, async (bad) => {
        const answer = await ask(op, bad.json, who);
        const mistake = mistakeIn(op, bad, answer);
        return mistake === null ? [] : [{ what: bad.what, mistake, answer }];
      });
      expect(mistakes.flat()).toEqual([]);
      await expectUnharmed();
    },
    60_000,
  );

  if (validOnly) return;

  test('a socket answers the same', async () => {
    for (const [op, { http, access }] of called) {
      if (http || access === 'local') continue;
      const client = await connectOpen(instance.url, accessTokens.owner ?? '');
      const mistakes = await Promise.all(
        badInputs(op).map(async (bad, id) => {
          if (bad.valid) return null;
          client.send(`{"id":${id},"op":"${op}","input":${bad.json}}`);
          return mistakeIn(op, bad, await client.until((frame) => frame.id === id));
        }),
      );
      expect([op, mistakes.filter((each) => each !== null)]).toEqual([op, []]);
      client.ws.close();
    }
    await expectUnharmed();
  }, 60_000);

  test('a first frame that is wrong closes the socket', async () => {
    for (const bad of badInputs('connection.open')) {
      const client = await connectRaw(instance.url);
      client.send(`{"id":1,"op":"connection.open","input":${bad.json}}`);
      const answer = await client.until((frame) => frame.id === 1);
      expect([bad.what, answer.error?.code]).toEqual([bad.what, bad.valid ? 'unauthenticated' : 'invalid']);
      expect(await client.closed).toBe(4002);
    }
    await expectUnharmed();
  }, 60_000);

  const others: readonly Who[] = [
    { name: 'anyone', role: null, scopes: null },
    { name: 'member', role: 'member', scopes: null },
    { name: 'guest', role: 'guest', scopes: null },
    { name: 'scripts that may all', role: 'owner', scopes: permissionNames },
    { name: 'scripts that may chat', role: 'owner', scopes: ['chat'] },
  ];
  test.each(others.map((who) => [who.name, who] as const))(
    '%s are refused as the tables say, before anything is said of their input',
    async (name, who) => {
      for (const [op, row] of called) {
        const wrong = badInputs(op).filter(({ valid }) => !valid);
        const refused = refusalOf(row, who);
        const tried =
          refused === null ? wrong.slice(0, 12).map(({ json }) => json) : [JSON.stringify(goodInput(op)), 'null'];
        const answers = await fewAtOnce(tried, async (json) => {
          const { error } = await ask(op, json, name);
          return refused === null ? error?.code : `${error?.code} ${error?.reason}`;
        });
        expect([op, answers]).toEqual([op, answers.map((code) => refused ?? codeOf(code))]);
      }
      await expectUnharmed();
    },
    60_000,
  );
}

async function fewAtOnce<T, U>(all: readonly T[], work: (each: T) => Promise<U>): Promise<U[]> {
  const done: U[] = [];
  for (let i = 0; i < all.length; i += 8) done.push(...(await Promise.all(all.slice(i, i + 8).map(work))));
  return done;
}

const codeOf = (code: string | undefined) => (code === 'too_large' ? code : 'invalid');

/** What is wrong about an answer; null: nothing. */
function mistakeIn(op: OperationName, { field, valid }: BadInput, { ok, error }: Frame): string | null {
  const row = rows.find(([name]) => name === op)?.[1] as Row;
  if (row.access === 'local') return error?.reason === 'not_allowed' ? null : 'not refused';
  if (valid) return error?.code === 'internal' || error?.code === 'unavailable' ? 'a defect' : null;
  if (ok || error === undefined) return 'taken';
  if (error.code !== 'invalid' && error.code !== 'too_large') return 'another code';
  const { fields = [] } = error;
  return fields.some(({ path }) => path.split('.')[0] === field || field === '') ? null : 'the field is not named';
}
