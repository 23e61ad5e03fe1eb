import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';
import { saveConfig } from '../../src/config/config.ts';
import { homeAt } from '../../src/config/home.ts';
import { configSchema, type Secrets } from '../../src/config/schema.ts';
import { makeSecrets, saveSecrets } from '../../src/config/secrets.ts';
import { freePort } from './free-port.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunningInstance {
  readonly home: string;
  readonly port: number;
  /** On loopback. */
  readonly url: string;
  readonly pid: number;
  /** What it wrote so far. */
  said(): string;
  /** As a power cut would; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again after `kill` or `stop`, on the same folder and port. Resolves once it is ready. */
  start(): Promise<void>;
  /** As Ctrl-C would. Answers the exit code. */
  stop(): Promise<number | null>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** A new instance folder in a temporary place, as `messenger init` would make it. */
export async function makeHome(settings: z.input<typeof configSchema> = {}, secrets?: Secrets): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-instance-'));
  const home = homeAt(folder);
  for (const part of [home.data, home.run, home.logs, home.backups]) mkdirSync(part, { mode: 0o700 });
  await saveConfig(folder, configSchema.parse(settings));
  await saveSecrets(folder, secrets ?? makeSecrets());
  return folder;
}

/** Runs the built program on an instance folder. `prefix` is a command that runs it, such as `taskset -c 0`. */
export async function startInstance(
  home: string,
  { port, prefix = [] }: { port?: number; prefix?: readonly string[] } = {},
): Promise<RunningInstance> {
  const chosen = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosen}`;
  let said = '';
  let child = launch();

  function launch(): ChildProcess {
    const [program = '', ...args] = [...prefix, process.execPath, join(root, 'bin/run.js'), 'up'];
    const started = spawn(program, args, {
      env: { ...process.env, MESSENGER_HOME: home, PORT: String(chosen), MESSENGER_READY: '1', NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [started.stdout, started.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-20_000);
      });
    return started;
  }

  const gone = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (!gone()) {
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    }
    return child.exitCode;
  };
  const untilReady = async (): Promise<void> => {
    const deadline = Date.now() + 60_000;
    while (!(await isReady(url))) {
      if (gone() || Date.now() > deadline) {
        await end('SIGKILL');
        throw new Error(`the instance did not start:\n${said}`);
      }
      await pause(20);
    }
  };
  const killWithTests = () => child.kill('SIGKILL');
  process.on('exit', killWithTests);

  await untilReady();
  return {
    home,
    port: chosen,
    url,
    get pid() {
      return child.pid ?? 0;
    },
    said: () => said,
    async kill() {
      await end('SIGKILL');
    },
    async start() {
      child = launch();
      await untilReady();
    },
    stop: () => end('SIGTERM'),
    async remove() {
      await end('SIGTERM');
      process.off('exit', killWithTests);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health/ready`).catch(() => null);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command of the CLI, to its end. */
export async function runCommand(home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'bin/run.js'), ...args], {
    env: { ...process.env, MESSENGER_HOME: home, MESSENGER_READY: '1', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}
