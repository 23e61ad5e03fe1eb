import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { freePort } from './free-port.ts';
import { findMongoServer, standIn } from './mongodb-server.ts';
import { hasService } from './services.ts';

/** A private MongoDB server, or what stands in for one, on a free loopback port, with its data in a temporary folder. */
export interface TestMongo {
  /** Of an empty database. It stays the same over `restart`. */
  freshDatabase(): string;
  /** Kills it as a power cut would; null: it is somebody else's server, which is not ours to kill. */
  readonly kill: (() => Promise<void>) | null;
  /** Starts it again after `kill`, on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface Server {
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
  /** At the end of this process, when nothing can be waited for. */
  removeNow(): void;
}

/** Null (and said aloud) where there is none; throws then under TEST_STACK=required. */
export async function startMongo(): Promise<TestMongo | null> {
  if (!hasService('mongodb')) return null;
  const found = findMongoServer();
  if (found?.kind === 'url') {
    return { freshDatabase: namer(found.url), kill: null, restart: async () => {}, stop: async () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'messenger-mongodb-'));
  const port = await freePort();
  const server = found?.kind === 'program' ? mongod(found.program, folder, port) : ferretdb(folder, port);
  await server.start();
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  await untilAnswers(url);
  process.on('exit', server.removeNow);
  return {
    freshDatabase: namer(url),
    kill: server.kill,
    async restart() {
      await server.start();
      await untilAnswers(url);
    },
    async stop() {
      process.off('exit', server.removeNow);
      await server.remove();
    },
  };
}

let databases = 0;

function namer(url: string): () => string {
  return () => {
    const fresh = new URL(url);
    fresh.pathname = `/test_${process.pid}_${Date.now()}_${++databases}`;
    return fresh.href;
  };
}

function mongod(program: string, folder: string, port: number): Server {
  let running: ChildProcess | null = null;
  const kill = async () => {
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  return {
    kill,
    async start() {
      const args = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'];
      running = spawn(program, args, { stdio: 'ignore' });
    },
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
    removeNow() {
      running?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ferretdb(folder: string, port: number): Server {
  const run = async (...args: string[]) => {
    const child = spawn('bash', [standIn, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`mongodb-stand-in.sh ${args[0]} ended with ${code}`);
  };
  return {
    start: () => run('start', folder, String(port)),
    kill: () => run('kill', folder),
    remove: () => run('remove', folder),
    removeNow: () => void execFileSync('bash', [standIn, 'remove', folder], { stdio: 'ignore' }),
  };
}

async function untilAnswers(url: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await wait(50)) {
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 1_000 });
    try {
      await client.db('admin').command({ ping: 1 });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    } finally {
      await client.close();
    }
  }
}
