import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Cli, type CliResult, makeCli, program, runProgram } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';

let cli: Cli;
let port: number;
beforeEach(async () => {
  port = await freePort();
  cli = makeCli(port);
});
afterEach(() => cli.remove());

/** Everything that lasts in an instance, by name and content. */
function lasting(): Record<string, string> {
  const files = [
    'messenger.yaml',
    'secrets.json',
    ...readdirSync(join(cli.home, 'data')).map((name) => `data/${name}`),
  ];
  return Object.fromEntries(
    files
      .filter((file) => !/-(wal|shm)$/.test(file))
      .map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(cli.home, file)))
          .digest('hex'),
      ]),
  );
}

async function expectRefused(args: readonly string[], code: number, ...said: (string | RegExp)[]): Promise<CliResult> {
  const result = await cli.run(args);
  expect(result, result.out + result.err).toMatchObject({ code, out: '' });
  for (const part of said) expect(result.err).toMatch(part);
  expect(result.err).toContain('What helps');
  return result;
}

test('no instance: every command says how to make one, and makes nothing', async () => {
  for (const args of [['up'], ['down'], ['status'], ['config', 'show'], ['users', 'list']]) {
    await expectRefused(args, 1, 'There is no instance', /run\.js init/);
  }
  expect((await cli.run(['doctor'])).code).toBe(1);
  expect(() => readdirSync(cli.home)).toThrow();
}, 60_000);

test('a folder with other files is left alone', async () => {
  mkdirSync(cli.home);
  writeFileSync(join(cli.home, 'thesis.txt'), 'mine');
  await expectRefused(['init', '--yes'], 1, 'holds other files');
  expect(readdirSync(cli.home)).toEqual(['thesis.txt']);
});

test('a configuration with several mistakes lists them all, with lines and the nearest keys', async () => {
  await cli.run(['init', '--yes']);
  writeFileSync(join(cli.home, 'messenger.yaml'), 'nam: Ours\nport: 99999\nlog:\n  level: inof\n');
  for (const command of ['up', 'restart']) {
    await expectRefused(
      [command],
      4,
      /yaml:1:1 .*is “name” meant/,
      /yaml:2:7 port must be ≤ 65535/,
      /yaml:4:10 .*is “info” meant/,
    );
  }
  const json = (await cli.run(['up', '--json'])).json();
  expect(json).toMatchObject({ error: { reason: 'config_invalid' } });
  expect((await cli.run(['doctor'])).code).toBe(1);
});

describe('a port in use', () => {
  let other: Server;
  beforeEach(async () => {
    other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '0.0.0.0', resolve));
  });
  afterEach(() => new Promise<unknown>((resolve) => other.close(resolve)));

  test('is told with another one to take, in the foreground and the background; nothing is damaged', async () => {
    await cli.run(['init', '--yes']);
    await cli.run(['users', 'add', 'anna']);
    await expectRefused(['up'], 1, `Port ${port} is in use`, `config set port ${port + 1}`);
    await expectRefused(['up', '-d'], 1, `Port ${port} is in use`, `up --port ${port + 1}`);
    expect((await cli.run(['doctor', '--json'])).json()).toMatchObject({
      checks: expect.arrayContaining([
        expect.objectContaining({ id: 'port', ok: false }),
        expect.objectContaining({ id: 'database', ok: true }),
      ]),
    });
    expect((await cli.run(['users', 'list', '--json'])).json()).toMatchObject({ users: [{ name: 'anna' }] });
    const free = await freePort();
    expect((await cli.run(['up', '-d', '--port', String(free)])).code).toBe(0);
  });
});

test('a database from a newer version is refused and left as it is', async () => {
  await cli.run(['init', '--yes']);
  await cli.run(['users', 'add', 'anna']);
  const database = new DatabaseSync(join(cli.home, 'data', 'messenger.db'));
  database.exec(
    "insert into accounts_migration (name, timestamp) values ('9999-from-the-future:0123456789abcdef', '2099-01-01')",
  );
  database.close();
  const before = lasting();
  await expectRefused(['up'], 1, 'A newer version of Messenger made this database');
  await expectRefused(['users', 'list'], 1, 'A newer version');
  expect(lasting()).toEqual(before);
});

test('a damaged database is told by doctor and by starting, and left as it is', async () => {
  await cli.run(['init', '--yes']);
  await cli.run(['users', 'add', 'anna']);
  writeFileSync(join(cli.home, 'data', 'messenger.db'), 'this is no database at all '.repeat(1000));
  const before = lasting();
  await expectRefused(['up'], 1, 'damaged');
  expect(lasting()).toEqual(before);
  expect((await cli.run(['doctor'])).out).toContain('messenger.db');
});

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)('somebody else’s instance is not touched, not even by root', async () => {
  await cli.run(['init', '--yes']);
  chownSync(cli.home, 12_345, 12_345);
  for (const args of [['up'], ['users', 'add', 'anna'], ['config', 'set', 'port', '80']]) {
    await expectRefused(args, 1, 'belongs to #12345', 'sudo -u');
  }
  chownSync(cli.home, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
});

/** Mounts need root and Linux; elsewhere these skip, loudly. */
const canMount =
  isRoot &&
  process.platform === 'linux' &&
  (await runProgram('unshare', ['-m', 'true']).catch(() => ({ code: 1 }))).code === 0;
if (!canMount) console.warn('skipped: full disk and read-only folder, which need root on Linux (unshare -m)');

describe.skipIf(!canMount)('a file system that does not take any more', () => {
  const inMount = (mount: string, args: readonly string[]) =>
    runProgram(
      'unshare',
      ['-m', 'sh', '-c', `${mount} && shift 0 && exec "$@"`, 'sh', process.execPath, program, ...args],
      {
        env: { MESSENGER_HOME: cli.home, PORT: String(port) },
      },
    );

  test('read-only: said with the way out, nothing is damaged', async () => {
    await cli.run(['init', '--yes']);
    await cli.run(['users', 'add', 'anna']);
    const before = lasting();
    const mount = `mount --bind '${cli.home}' '${cli.home}' && mount -o remount,bind,ro '${cli.home}'`;
    for (const args of [['up'], ['up', '-d'], ['users', 'add', 'ben'], ['config', 'set', 'port', '81']]) {
      const refused = await inMount(mount, args);
      expect(refused, args.join(' ') + refused.out + refused.err).toMatchObject({ code: 1 });
      expect(refused.err).toMatch(/Nothing can be written/);
    }
    expect((await inMount(mount, ['doctor'])).out).toContain('nothing can be written');
    expect(lasting()).toEqual(before);
    expect((await cli.run(['users', 'list', '--json'])).json()).toMatchObject({ users: [{ name: 'anna' }] });
  }, 60_000);

  test('full: said with the way out, and nothing half-written stays', async () => {
    const mount = `mount -t tmpfs -o size=64k tmpfs '${cli.home}' && dd if=/dev/zero of='${cli.home}/.fill' bs=1k count=60 status=none`;
    mkdirSync(cli.home);
    const refused = await inMount(mount, ['up', '--init']);
    expect(refused, refused.out + refused.err).toMatchObject({ code: 1 });
    expect(refused.err).toContain('The disk is full');
  });
});
