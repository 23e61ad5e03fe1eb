import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { homeAt } from '../../src/config/home.ts';
import { openMachine } from '../../src/provision/machine.ts';
import {
  findServer,
  forgetServer,
  markOf,
  recordServer,
  startDetached,
  stopServer,
} from '../../src/provision/server-process.ts';

const machine = openMachine();
let folder: string;
let children: ChildProcess[];
const home = () => homeAt(folder);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'messenger-process-'));
  mkdirSync(home().run);
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function sleeper(script = 'setTimeout(() => {}, 60000)'): Promise<{ pid: number; mark: string }> {
  const child = spawn(process.execPath, ['-e', `${script}; process.stdout.write('.')`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const pid = child.pid ?? 0;
  return { pid, mark: (await markOf(machine, pid)) ?? '' };
}

function write(record: object): void {
  writeFileSync(
    join(home().run, 'server.json'),
    JSON.stringify({ port: 8080, address: 'http://localhost:8080', ...record }),
  );
}

test('a server is found while it lives, and forgotten by itself', async () => {
  await recordServer(machine, home(), { port: 8080, address: 'http://localhost:8080' });
  expect(await findServer(machine, home())).toMatchObject({ pid: process.pid, port: 8080 });
  await forgetServer(machine, home());
  expect(await findServer(machine, home())).toBeNull();
});

test('a number that another program got since is not taken for the server', async () => {
  const { pid } = await sleeper();
  write({ pid, mark: 'of an earlier process' });
  expect(await findServer(machine, home())).toBeNull();
});

test('a number that nobody has, and a file that is no record, are nobody', async () => {
  write({ pid: 2 ** 22 + 1, mark: 'x' });
  expect(await findServer(machine, home())).toBeNull();
  writeFileSync(join(home().run, 'server.json'), 'torn');
  expect(await findServer(machine, home())).toBeNull();
});

test('stopping waits until the server is gone', async () => {
  const server = { ...(await sleeper()), port: 1, address: '' };
  await stopServer(machine, server, { seconds: 10, force: false });
  expect(await markOf(machine, server.pid)).not.toBe(server.mark);
});

test('one that does not end is told of, and can be forced', async () => {
  const server = {
    ...(await sleeper("process.on('SIGTERM', () => {}); setTimeout(() => {}, 60000)")),
    port: 1,
    address: '',
  };
  await expect(stopServer(machine, server, { seconds: 0.3, force: false })).rejects.toMatchObject({
    reason: 'stop_timeout',
    facts: { pid: server.pid },
  });
  await stopServer(machine, server, { seconds: 10, force: true });
});

test('a server that ends before it is ready is told of with what it said', async () => {
  const args = ['-e', 'console.error("the key is missing"); process.exit(4)'];
  await expect(startDetached(machine, home(), { program: process.execPath, args, seconds: 20 })).rejects.toMatchObject({
    reason: 'start_failed',
    facts: { said: 'the key is missing' },
  });
});

test('a server that never gets ready is ended', async () => {
  const args = ['-e', 'setTimeout(() => {}, 60000)'];
  await expect(startDetached(machine, home(), { program: process.execPath, args, seconds: 0.5 })).rejects.toMatchObject(
    {
      reason: 'start_timeout',
    },
  );
});
