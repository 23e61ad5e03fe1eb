import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';

/** A private PostgreSQL server on a free loopback port, with its data in a temporary folder. */
export interface TestPostgres {
  /** Of its maintenance database. It stays the same over `restart`. */
  readonly url: string;
  /** Makes an empty database and answers its URL. */
  freshDatabase(): Promise<string>;
  /** Ends the server, its connections too, and removes its data. */
  stop(): Promise<void>;
  /** Kills it as a power cut would. Resolves once nothing of it answers. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same data and port. Resolves once it answers. */
  restart(): Promise<void>;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Null (and said aloud) where PostgreSQL is not installed; throws then under TEST_STACK=required. `fsync`: whether writes
 * reach the disk; a killed server keeps its data without it too, only a power cut would not.
 */
export async function startPostgres({ fsync = false }: { fsync?: boolean } = {}): Promise<TestPostgres | null> {
  const bin = findBinaries();
  if (bin === null) {
    if (process.env.TEST_STACK === 'required') throw new Error('PostgreSQL is not installed, and may not be skipped');
    console.warn('SKIPPED: PostgreSQL is not installed. To run these tests too: apt-get install postgresql');
    return null;
  }
  const owner = unprivilegedUser();
  const folder = mkdtempSync(join(tmpdir(), 'messenger-postgres-'));
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  await initialise(bin, data, owner);

  const port = await freePort();
  const urlOf = (database: string) => `postgres://messenger@127.0.0.1:${port}/${database}`;
  const url = urlOf('postgres');
  let server = await launch(bin, data, port, fsync, owner, url);
  const endWithProcess = () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', endWithProcess);

  let databases = 0;
  return {
    url,
    async freshDatabase() {
      const name = `test_${++databases}`;
      await query(url, `create database ${name} template template0`);
      return urlOf(name);
    },
    async stop() {
      process.off('exit', endWithProcess);
      await end(server, 'SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
    async kill() {
      const connections = childrenOf(server.pid);
      await end(server, 'SIGKILL');
      for (const pid of connections) killIfThere(pid);
      await untilRefused(url);
    },
    async restart() {
      server = await relaunch(() => launch(bin, data, port, fsync, owner, url));
    },
  };
}

function findBinaries(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb'))) ?? null;
}

/** PostgreSQL refuses to run as root; root's tests run it as somebody else. */
function unprivilegedUser(): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = users.find((user) => user.startsWith('postgres:')) ?? users.find((user) => user.startsWith('nobody:'));
  const [, , uid, gid] = (line ?? '::65534:65534').split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function initialise(bin: string, data: string, owner: Owner | null): Promise<void> {
  const args = ['-D', data, '-U', 'messenger', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  const child = spawn(join(bin, 'initdb'), args, { ...owner, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  const said = gather(child);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`initdb failed: ${said()}`);
}

async function launch(
  bin: string,
  data: string,
  port: number,
  fsync: boolean,
  owner: Owner | null,
  url: string,
): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
    shared_buffers: '32MB',
    max_connections: 100,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...args], {
    ...owner,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = gather(child);
  const deadline = Date.now() + 30_000;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`PostgreSQL did not start: ${said()}`);
    }
    await pause(20);
  }
  return child;
}

/** A killed server's connections hold its shared memory until they notice, and so long it refuses to start. */
async function relaunch(start: () => Promise<ChildProcess>): Promise<ChildProcess> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!String(error).includes('still in use') || Date.now() > deadline) throw error;
      await pause(50);
    }
  }
}

function gather(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4_000);
  });
  return () => text;
}

async function end(server: ChildProcess, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill(signal);
  await gone;
}

/** The processes of single connections, which outlive their parent by a moment and go on answering. */
function childrenOf(parent: number | undefined): readonly number[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [pid, of] = line.trim().split(/\s+/).map(Number);
    return pid !== undefined && parent !== undefined && of === parent ? [pid] : [];
  });
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It noticed the death of its parent by itself.
  }
}

/** What began between the list and the kill holds the port until it notices. */
async function untilRefused(url: string): Promise<void> {
  while (await answers(url)) await pause(10);
}

async function answers(url: string): Promise<boolean> {
  try {
    await query(url, 'select 1');
    return true;
  } catch {
    return false;
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end();
  }
}
