import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cli, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';

let cli: Cli;
let port: number;
beforeAll(async () => {
  port = await freePort();
  cli = makeCli(port);
  await cli.run(['init', '--yes']);
  await cli.run(['up', '--detach']);
  await cli.run(['users', 'add', 'anna', '--email', 'anna@example.org']);
});
afterAll(() => cli.remove());

function list(name: string, lines: readonly string[]): string {
  const file = join(cli.home, '..', name);
  writeFileSync(file, lines.join('\r\n'));
  return file;
}

interface Report {
  readonly counts: Readonly<Record<string, number>>;
  readonly rows: readonly { readonly name: string; readonly outcome: string; readonly password: string | null }[];
}

const mixed = () =>
  list('mixed.csv', [
    '\uFEFFName;Display name;E-mail;role;Password',
    'ben;"Ben; the first";ben@example.org;admin;',
    'carl;;not-an-address;;',
    'ben;again;;;',
    'anna;;;;',
    'eva;;;boss;',
    'fay;;anna@example.org;;',
    'gus;;;;aaaaaaaaaaaa',
    'hal;Hal',
    ';;;;',
    'Ида;;;guest;my own long password',
  ]);

test('a dry run says what each row would do, and does nothing', async () => {
  const dry = await cli.run(['users', 'add', '--from', mixed(), '--dry-run']);
  expect(dry.code).toBe(1);
  expect(
    dry.out
      .split('\n')
      .slice(0, 13)
      .map((line) => line.trimEnd()),
  ).toEqual([
    '  Line  Name  Role    What would happen  Why',
    '  2     ben   admin   ✔ account made',
    '  3     carl  member  ✖ failed           email: no e-mail address',
    '  4     ben   member  ✖ failed           name: the same as in line 2',
    '  5     anna  member  – has one already',
    '  6     eva   boss    ✖ failed           role: owner, admin, moderator, member or guest',
    '  7     fay   member  ✖ failed           email: Another account has that e-mail address.',
    '  8     gus   member  ✖ failed           password: That password is too easy to guess.',
    '  9     hal   member  ✖ failed           more or fewer cells than columns',
    '  11    ида   guest   ✔ account made',
    '',
    '2 accounts would be made, 1 there already, 6 failed',
    '',
  ]);
  expect(dry.out).toMatch(/What next\n.*users add --from \S+mixed.csv/);
  expect(dry.out).not.toMatch(/[a-z2-9]{5}-[a-z2-9]{5}/);
  expect((await cli.run(['users', 'list', '--json'])).json()).toMatchObject({ users: [{ name: 'anna' }] });
});

test('the real run stops at nothing, keeps passwords apart, and may be repeated', async () => {
  const passwords = join(cli.home, '..', 'passwords.csv');
  const args = ['users', 'add', '--from', mixed(), '--passwords-to', passwords, '--json'];
  const first = await cli.run(args);
  expect(first.code).toBe(1);
  expect(first.json()).toMatchObject({
    dryRun: false,
    counts: { added: 2, would_add: 0, exists: 1, failed: 6 },
    passwordsTo: passwords,
    passwordsWritten: 1,
  });
  expect((first.json() as Report).rows[0]).toMatchObject({ name: 'ben', outcome: 'added', password: null });
  expect(readFileSync(passwords, 'utf8')).toMatch(/^name,password\nben,[a-z2-9]{5}(-[a-z2-9]{5}){3}\n$/);
  expect(statSync(passwords).mode & 0o777).toBe(0o600);
  expect((await cli.run(['users', 'show', 'ben', '--json'])).json()).toMatchObject({
    user: { displayName: 'Ben; the first', email: 'ben@example.org', role: 'admin' },
  });

  const again = await cli.run(args);
  expect(again.json()).toMatchObject({ counts: { added: 0, exists: 3, failed: 6 }, passwordsWritten: 0 });
  expect(readFileSync(passwords, 'utf8').trimEnd().split('\n')).toHaveLength(2);
  const logged = readFileSync(join(cli.home, 'logs', 'messenger.log'), 'utf8');
  expect(logged).not.toContain('my own long password');
  expect(logged).not.toContain(readFileSync(passwords, 'utf8').split(/[,\n]/)[3]);
});

test('without a file passwords are shown once, and they sign in', async () => {
  const shown = await cli.run(['users', 'add', '--from', list('one.csv', ['name,role', 'zoe,guest'])]);
  expect(shown.code).toBe(0);
  const [, password] = /zoe\s+([a-z2-9-]{23})\n/.exec(shown.out) ?? [];
  const response = await fetch(`http://127.0.0.1:${port}/api/auth.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'zoe', password }),
  });
  expect(await response.json()).toMatchObject({ output: { status: 'signed_in' } });
});

test('a file that cannot be read as a list makes nobody, and says where it is wrong', async () => {
  const broken: [string, string][] = [
    [list('open.csv', ['name', 'kim', '"lee']), 'list_broken'],
    [list('column.csv', ['name,phone', 'kim,1']), 'list_column_unknown'],
    [join(cli.home, 'none.csv'), 'file_missing'],
  ];
  for (const [file, reason] of broken) {
    const refused = await cli.run(['users', 'add', '--from', file, '--json']);
    expect(refused, refused.out).toMatchObject({ code: 1 });
    expect(refused.json()).toMatchObject({ error: { reason } });
  }
  const russian = await cli.run(['users', 'add', '--from', broken[0]?.[0] ?? '', '--lang', 'ru']);
  expect(russian.err).toContain('обрывается на строке 3');
  expect((await cli.run(['users', 'add', 'kim', '--from', 'x.csv'])).code).toBe(2);
});
