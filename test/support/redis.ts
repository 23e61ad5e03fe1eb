import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { hasService } from './services.ts';

/** A private Redis on a free loopback port, with nothing kept on disk. */
export interface TestRedis {
  readonly url: string;
  /** Stops answering while its connections stay, as a frozen machine would. */
  pause(): void;
  resume(): void;
  /** Resolves once nothing of it answers. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, empty, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Null (and said aloud) where Redis is not installed; throws then under TEST_STACK=required. */
export async function startRedis(): Promise<TestRedis | null> {
  if (!hasService('redis')) return null;
  const folder = mkdtempSync(join(tmpdir(), 'messenger-redis-'));
  const port = await freePort();
  let server = await launch(folder, port);
  const endWithProcess = () => server.kill('SIGKILL');
  process.on('exit', endWithProcess);
  return {
    url: `redis://127.0.0.1:${port}`,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    kill: () => end(server),
    async restart() {
      server = await launch(folder, port);
    },
    async stop() {
      process.off('exit', endWithProcess);
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, port: number): Promise<ChildProcess> {
  const settings = { bind: '127.0.0.1', port: String(port), save: '', appendonly: 'no', dir: folder };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const deadline = Date.now() + 20_000;
  while (!(await answers(port))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill('SIGKILL');
      throw new Error('Redis did not start');
    }
    await wait(20);
  }
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
