import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What `--json` printed. */
  json(): unknown;
}

export interface Cli {
  readonly home: string;
  run(args: readonly string[], how?: { readonly input?: string; readonly env?: NodeJS.ProcessEnv }): Promise<CliResult>;
  /** A command that goes on until it is ended. */
  start(args: readonly string[]): Started;
  /** Ends what still runs there, and removes the folder. */
  remove(): Promise<void>;
}

export interface Started {
  /** What it has printed so far. */
  out(): string;
  /** As Ctrl-C does. Answers how it ended. */
  interrupt(): Promise<CliResult>;
}

/** The command line as a person on this machine calls it, on an instance folder of its own. Nothing but MESSENGER_HOME leads there. */
export function makeCli(port?: number): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-cli-'));
  const home = join(folder, 'instance');
  const env = { MESSENGER_HOME: home, ...(port === undefined ? {} : { PORT: String(port) }) };
  const run: Cli['run'] = (args, how = {}) =>
    runProgram(process.execPath, [program, ...args], { ...how, env: { ...env, ...how.env } });
  return {
    home,
    run,
    start: (args) => startProgram(process.execPath, [program, ...args], env),
    async remove() {
      await run(['down', '--force']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a program to its end, in English and without colours unless told otherwise, on what the set-up built. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CliResult> {
  const child = spawn(command, args, { env: environment(env) });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err, json: () => JSON.parse(out) };
}

function startProgram(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Started {
  const child = spawn(command, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close');
  return {
    out: () => out,
    async interrupt() {
      child.kill('SIGINT');
      const [code] = await ended;
      return { code, out, err, json: () => JSON.parse(out) };
    },
  };
}

function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, LANG: 'C', NO_COLOR: '1', MESSENGER_READY: '1', ...more };
}
