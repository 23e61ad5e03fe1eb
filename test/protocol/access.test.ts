import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationName } from '../../src/protocol/operations.ts';
import { permissionNames, roles } from '../../src/protocol/roles.ts';
import { type Row, refusalOf, rows, type Who } from '../support/access-table.ts';
import { connectOpen, connectRaw, type Frame } from './raw-client.ts';
import { startTinyGateway, type TinyGateway } from './tiny-gateway.ts';

const callers: readonly Who[] = [
  { name: 'anyone', role: null, scopes: null },
  ...roles.map((role) => ({ name: `${role}s`, role, scopes: null })),
  ...roles.map((role) => ({ name: `API tokens of ${role}s with all scopes`, role, scopes: permissionNames })),
  ...permissionNames.map((left) => ({
    name: `API tokens of owners without the scope ${left}`,
    role: 'owner' as const,
    scopes: permissionNames.filter((each) => each !== left),
  })),
  { name: 'API tokens of members without scopes', role: 'member', scopes: [] },
];

const called = rows.filter(([op]) => op !== 'connection.open');
const expected = (row: Row, who: Who) => refusalOf(row, who) ?? 'invalid invalid_input';

let tiny: TinyGateway;
beforeAll(async () => {
  tiny = await startTinyGateway({ bounds: { mistakes: Number.POSITIVE_INFINITY } });
});
afterAll(() => tiny.gateway.stop());

const said = ({ error }: Frame) => `${error?.code} ${error?.reason}`;

/** An input that no operation takes: whoever gets to hear that was let through. */
async function askByHttp(op: OperationName, accessToken: string | null): Promise<string> {
  const response = await fetch(`${tiny.url}/api/${op}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken === null ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    body: 'null',
  });
  return said((await response.json()) as Frame);
}

describe.each(callers.map((who) => [who.name, who] as const))('%s', (_, who) => {
  const newToken = () => (who.role === null ? null : tiny.token(who.role, who.scopes).accessToken);

  test('may call over HTTP what the tables say, and nothing else', async () => {
    const accessToken = newToken();
    const answers = await Promise.all(called.map(async ([op]) => [op, await askByHttp(op, accessToken)]));
    expect(answers).toEqual(called.map(([op, row]) => [op, expected(row, who)]));
  });

  test('may call over a socket what the tables say, and nothing else', async () => {
    const accessToken = newToken();
    if (accessToken === null || who.scopes?.includes('chat') === false) return;
    const client = await connectOpen(tiny.url, accessToken);
    const answers = await Promise.all(called.map(async ([op]) => [op, said(await client.ask(op, null))]));
    expect(answers).toEqual(called.map(([op, row]) => [op, row.http ? 'invalid http_only' : expected(row, who)]));
    client.ws.close();
  });
});

test('without the scope `chat` an API token opens no socket: it would hear what is said', async () => {
  const { accessToken } = tiny.token('owner', ['account', 'audit']);
  const client = await connectRaw(tiny.url);
  expect(said(await client.ask('connection.open', { accessToken }))).toBe('forbidden scope_missing');
  expect(await client.closed).toBe(4002);
  expect(tiny.receivers.size).toBe(0);
});

test('the owner of the host may call everything but what only somebody in particular can', async () => {
  for (const [op, { person }] of called) {
    const answer = (await (await tiny.manage(op, null)).json()) as Frame;
    expect([op, said(answer)]).toEqual([op, person ? 'forbidden needs_a_person' : 'invalid invalid_input']);
  }
});
