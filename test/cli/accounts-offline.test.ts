import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cli, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';

/** Every command about accounts on the stores themselves, once; what they do stands beside this file. */
let cli: Cli;
beforeAll(async () => {
  cli = makeCli(await freePort());
  await cli.run(['init', '--yes']);
});
afterAll(() => cli.remove());

async function json(args: readonly string[]): Promise<Record<string, unknown>> {
  const result = await cli.run([...args, '--json']);
  expect(result, `${args.join(' ')}\n${result.out}${result.err}`).toMatchObject({ code: 0, err: '' });
  return result.json() as Record<string, unknown>;
}

test('accounts are managed while no server runs, without a word in the log of what is secret', async () => {
  expect(await json(['users', 'add', 'anna'])).toMatchObject({ user: { name: 'anna' }, password: expect.any(String) });
  expect(await json(['users', 'role', 'anna', 'owner'])).toMatchObject({ user: { role: 'owner' } });
  expect(await json(['users', 'approve', 'anna'])).toMatchObject({ approved: [{ name: 'anna' }], refused: [] });
  const { password } = await json(['users', 'password', 'anna']);
  const { link } = await json(['users', 'password', 'anna', '--link']);
  expect(await json(['users', 'sessions', 'anna', '--close'])).toMatchObject({ sessions: [], closed: 0 });
  expect(await json(['2fa', 'status', 'anna'])).toMatchObject({ totp: false });
  expect(await json(['2fa', 'reset', 'anna', '--yes'])).toMatchObject({ reset: true, required: false });
  const { token, apiToken } = await json(['tokens', 'create', '-u', 'anna', '-n', 'bot', '-s', 'chat']);
  const { apiTokenId } = apiToken as { apiTokenId: string };
  expect(await json(['tokens', 'list'])).toMatchObject({ apiTokens: [{ apiTokenId, revokedAt: null }] });
  expect(await json(['tokens', 'revoke', apiTokenId])).toEqual({ apiTokenId, revoked: true });

  const log = join(cli.home, 'logs', 'messenger.log');
  const logged = existsSync(log) ? readFileSync(log, 'utf8') : '';
  for (const secret of [password, link, token]) {
    expect(secret).toEqual(expect.any(String));
    expect(logged).not.toContain(String(secret).split('#').at(-1));
  }
}, 120_000);

test('accounts end while no server runs, and the audit log tells of it', async () => {
  const file = join(cli.home, '..', 'ben.jsonl');
  await json(['users', 'add', 'ben']);
  expect(await json(['users', 'disable', 'ben'])).toMatchObject({ user: { state: 'disabled' } });
  expect(await json(['users', 'enable', 'ben'])).toMatchObject({ user: { state: 'active' } });
  expect(await json(['users', 'delete', 'ben', '--export', file, '--yes'])).toMatchObject({
    user: { state: 'deleting' },
    export: file,
  });
  const { events } = await json(['audit', '--user', 'ben', '--action', 'user.']);
  expect((events as { action: string }[]).map(({ action }) => action)).toEqual([
    'user.deletion_ordered',
    'user.exported',
    'user.enabled',
    'user.disabled',
    'user.added',
  ]);
  expect(await cli.run(['audit', '--follow'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('is not running'),
  });
}, 120_000);
