import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Order } from './loads.ts';

const canPin = spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

/** A command that runs on one core alone, where the system can do that: 0 for servers, 1 for the load. */
export function pinned(core: 0 | 1, command: readonly string[]): readonly string[] {
  return canPin ? ['taskset', '-c', String(core), ...command] : command;
}

export interface Server {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export async function startBareEngine(): Promise<Server> {
  const child = start(pinned(0, [process.execPath, here('bare-engine.ts')]));
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const { port } = JSON.parse(value ?? '') as { port: number };
  return { port, pid: child.pid ?? 0, stop: () => end(child) };
}

/** Runs one load to its end. Rejects when the load failed. */
export async function runLoad(order: Order): Promise<number> {
  const child = start(pinned(1, [process.execPath, here('load.ts')]));
  child.stdin.end(JSON.stringify(order));
  const said = await text(child.stdout);
  if (said === '') throw new Error(`${order.load}: the load ended without a figure`);
  return (JSON.parse(said) as { value: number }).value;
}

function start([program = '', ...args]: readonly string[]) {
  return spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
