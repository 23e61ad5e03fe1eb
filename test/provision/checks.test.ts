import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { homeAt } from '../../src/config/home.ts';
import { Problem } from '../../src/config/problem.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { checksFor } from '../../src/provision/checks.ts';
import { instanceSteps } from '../../src/provision/instance-folder.ts';
import { type Machine, openMachine } from '../../src/provision/machine.ts';
import type { Finding } from '../../src/provision/step.ts';
import { wordsOf } from '../../src/provision/words/words.ts';

const MiB = 1024 * 1024;
const words = wordsOf('en');
const home = homeAt('/srv/chat');
const lan = { name: 'eth0', address: '192.168.1.5', family: 'IPv4' } as const;
let root: string;
let real: Machine;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'messenger-root-'));
  real = openMachine({ root });
  for (const step of instanceSteps(real, home, configSchema.parse({}), words)) await step.run();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A host on which all is well, but for what a test says. */
function host(facts: Partial<Machine> = {}): Machine {
  return {
    ...real,
    nodeVersion: 'v24.21.0',
    freeBytes: async () => 50_000 * MiB,
    memory: async () => ({ totalBytes: 4_096 * MiB, availableBytes: 2_048 * MiB }),
    tryPort: async () => 'free',
    addresses: async () => [lan],
    run: async () => null,
    ...facts,
  };
}

async function find(
  id: string,
  machine: Machine,
  config: Config | Problem = named(),
  pid: number | null = null,
): Promise<Finding> {
  const patient = { machine, home, config, pid, words, typed: (command: string) => `messenger ${command}` };
  const check = checksFor(patient).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.find();
}

function named(more: Partial<Config> = {}): Config {
  return configSchema.parse({ address: 'https://chat.example.org', ...more });
}

test('a host on which all is well has nothing to mend', async () => {
  const patient = { machine: host(), home, config: named(), pid: null, words, typed: (command: string) => command };
  for (const check of checksFor(patient)) expect(await check.find(), check.id).toMatchObject({ ok: true, mend: null });
});

describe('each trouble is found, with what mends it', () => {
  test.each<[string, Partial<Machine>, Partial<Finding>]>([
    ['node', { nodeVersion: 'v24.15.0' }, { ok: false }],
    ['disk', { freeBytes: async () => 100 * MiB }, { ok: false }],
    ['disk', { freeBytes: async () => 500 * MiB }, { ok: false, advice: true }],
    ['memory', { memory: async () => ({ totalBytes: 512 * MiB, availableBytes: 32 * MiB }) }, { ok: false }],
    ['clock', { now: () => Date.UTC(2020, 0, 1) }, { ok: false }],
    ['clock', { run: async () => ({ code: 0, output: 'no\n' }) }, { ok: false, advice: true }],
    ['port', { tryPort: async () => 'in_use' }, { ok: false, mend: 'messenger config set port 8081' }],
    ['port', { tryPort: async () => 'not_here' }, { ok: false, mend: 'messenger config set host 0.0.0.0' }],
    ['permissions', { isWritable: async () => false }, { ok: false }],
    ['permissions', { user: { id: 4711, name: 'anna' } }, { ok: false, mend: 'sudo chown -R anna /srv/chat' }],
  ])('%s', async (id, facts, wanted) => {
    const finding = await find(id, host(facts));
    expect(finding).toMatchObject(wanted);
    expect(finding.mend).toBeTruthy();
    expect(finding.advice).toBe(wanted.advice);
  });

  test('keys that others may read', async () => {
    chmodSync(real.path(home.secrets), 0o644);
    expect(await find('permissions', host())).toMatchObject({
      ok: false,
      mend: 'chmod 0600 /srv/chat/secrets.json',
    });
  });

  test('a missing file of keys', async () => {
    rmSync(real.path(home.secrets));
    expect(await find('permissions', host())).toMatchObject({ ok: false });
  });

  test('a configuration with mistakes names each with its line', async () => {
    writeFileSync(real.path(home.config), 'nam: x\nport: y\n');
    const problem = await loadConfig(real.path(home.folder), {}).catch((error: unknown) => error);
    if (!(problem instanceof Problem)) throw new Error('no problem came');
    const finding = await find('config', host(), problem);
    expect(finding.says.split('\n')).toEqual([
      '1: there is no setting “nam”; is “name” meant?',
      '2: port must be a number, not “y”',
    ]);
  });

  test('a port that the instance itself has is well', async () => {
    expect(await find('port', host({ tryPort: async () => 'in_use' }), named(), 4711)).toMatchObject({ ok: true });
  });
});

describe('the address that invites carry', () => {
  const at = (address: string | null, facts: Partial<Machine> = {}) => find('address', host(facts), named({ address }));

  test('is well when it is a name', async () => {
    expect(await at('https://chat.example.org')).toMatchObject({ ok: true });
    expect(await at('http://chat.local:8080')).toMatchObject({ ok: true });
  });

  test('may change when the local network gives it out', async () => {
    expect(await at('http://192.168.1.5:8080')).toMatchObject({ ok: false, advice: true });
  });

  test('is wrong when it no longer belongs to this host', async () => {
    expect(await at('http://192.168.1.9:8080')).toEqual({
      ok: false,
      says: expect.stringContaining('no longer belongs'),
      mend: 'messenger config set address http://192.168.1.5:8080',
    });
  });

  test('is wrong when it names another port than the one listened on', async () => {
    expect(await at('http://192.168.1.5:8081')).toMatchObject({
      ok: false,
      says: expect.stringContaining('port 8080'),
    });
  });

  test('reaches nobody else when it is loopback, which is fine without a network', async () => {
    expect(await at('http://localhost:8080')).toMatchObject({ ok: false, advice: true });
    expect(await at('http://localhost:8080', { addresses: async () => [] })).toMatchObject({ ok: true });
    const rented = { ...lan, address: '203.0.113.7' };
    expect(await at('http://localhost:8080', { addresses: async () => [rented] })).toMatchObject({
      advice: true,
      mend: expect.stringContaining('https://'),
    });
  });

  test('is advised where none is set', async () => {
    expect(await at(null)).toMatchObject({ ok: false, advice: true });
  });
});

describe('databases', () => {
  const make = () => {
    const database = new DatabaseSync(real.path(home.messages));
    database.exec('create table t (x text); create index i on t (x)');
    database.exec('begin');
    const insert = database.prepare('insert into t values (?)');
    for (let n = 0; n < 2_000; n += 1) insert.run(`row ${n} ${'x'.repeat(50)}`);
    database.exec('commit');
    database.close();
    chmodSync(real.path(home.messages), 0o600);
  };

  test('are sound, or not made yet', async () => {
    expect(await find('database', host())).toMatchObject({ ok: true, says: 'none made yet' });
    make();
    expect(await find('database', host())).toMatchObject({ ok: true, says: 'messages.db sound' });
  });

  test('damage is found, and nothing is written', async () => {
    make();
    const bytes = readFileSync(real.path(home.messages));
    bytes.fill(0x5a, 4096 * 3, 4096 * 9);
    writeFileSync(real.path(home.messages), bytes);
    expect(await find('database', host())).toMatchObject({ ok: false, says: expect.stringContaining('messages.db') });
    expect(readFileSync(real.path(home.messages)).equals(bytes)).toBe(true);
  });

  test('a file that is no database is told as damaged', async () => {
    writeFileSync(real.path(home.database), 'not a database, but long enough to look at'.repeat(100), { mode: 0o600 });
    expect(await find('database', host())).toMatchObject({ ok: false });
  });
});

test('outside an instance only the host is looked at', async () => {
  const ids = checksFor({
    machine: host(),
    home,
    config: new Problem('not_an_instance', { home: home.folder }),
    pid: null,
    words,
    typed: (command) => command,
  }).map((check) => check.id);
  expect(ids).toEqual(['node', 'folder', 'disk', 'memory', 'clock']);
});
