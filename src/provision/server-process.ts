import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Home } from '../config/home.ts';
import { Problem } from '../config/problem.ts';
import { asProblem } from '../config/whole-file.ts';
import type { Machine } from './machine.ts';

/** What a server says of itself in `run/server.json`, once it answers and until it ends. */
export interface ServerRecord {
  readonly pid: number;
  /** Tells this process from a later one that got the same number. */
  readonly mark: string;
  readonly port: number;
  readonly address: string;
}

const recordFile = (home: Home) => join(home.run, 'server.json');

export async function recordServer(
  machine: Machine,
  home: Home,
  { port, address }: Pick<ServerRecord, 'port' | 'address'>,
): Promise<void> {
  const record: ServerRecord = { pid: process.pid, mark: (await markOf(machine, process.pid)) ?? '', port, address };
  await machine.makeFolder(home.run, 0o700);
  await machine.write(recordFile(home), `${JSON.stringify(record)}\n`, 0o600);
}

export async function forgetServer(machine: Machine, home: Home): Promise<void> {
  const record = await readRecord(machine, home);
  if (record?.pid === process.pid) await machine.remove(recordFile(home));
}

/** The server of this instance, if it lives; null also where the number now belongs to another program. */
export async function findServer(machine: Machine, home: Home): Promise<ServerRecord | null> {
  const record = await readRecord(machine, home);
  return record !== null && (await markOf(machine, record.pid)) === record.mark ? record : null;
}

async function readRecord(machine: Machine, home: Home): Promise<ServerRecord | null> {
  try {
    const text = await machine.read(recordFile(home));
    return text === null ? null : (JSON.parse(text) as ServerRecord);
  } catch {
    return null;
  }
}

/** When a process began, as the system tells it; null where it does not live. */
export async function markOf(machine: Machine, pid: number): Promise<string | null> {
  const stat = await machine.read(`/proc/${pid}/stat`).catch(() => null);
  if (stat !== null) {
    // The second field is the program's name in brackets, and may hold spaces; the 22nd is the start, in ticks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z'
      ? null
      : `${(await machine.read('/proc/sys/kernel/random/boot_id'))?.trim()} ${fields[19]}`;
  }
  if (machine.platform === 'linux') return null;
  const ps = await machine.run('ps', ['-o', 'lstart=', '-p', String(pid)]);
  return ps?.code === 0 && ps.output.trim() !== '' ? ps.output.trim() : null;
}

/**
 * Starts a server that outlives this command, and waits until it answers. Throws Problem `start_failed` with what it
 * said, or `start_timeout`; it is then ended.
 */
export async function startDetached(
  machine: Machine,
  home: Home,
  { program, args, seconds }: { readonly program: string; readonly args: readonly string[]; readonly seconds: number },
): Promise<ServerRecord> {
  await machine.makeFolder(home.logs, 0o700);
  const before = (await machine.look(home.logFile))?.bytes ?? 0;
  const output = openAppend(home.logFile);
  const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output], cwd: home.folder });
  closeSync(output);
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  child.on('error', () => {
    ended = true;
  });
  for (const until = machine.now() + seconds * 1000; machine.now() < until; await wait(50)) {
    const record = await findServer(machine, home);
    if (record !== null && record.pid === child.pid) {
      child.unref();
      return record;
    }
    if (ended) {
      const said = ((await machine.read(home.logFile)) ?? '').slice(before).trim();
      throw new Problem('start_failed', { log: home.logFile, said: said.split('\n').slice(-8).join('\n') });
    }
  }
  child.kill('SIGKILL');
  throw new Problem('start_timeout', { log: home.logFile, seconds });
}

function openAppend(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw asProblem(error, path);
  }
}

/** Asks the server to end, and waits until it has. `force` does not ask. Throws Problem `stop_timeout`. */
export async function stopServer(
  machine: Machine,
  server: ServerRecord,
  { seconds, force }: { readonly seconds: number; readonly force: boolean },
): Promise<void> {
  signal(server.pid, force ? 'SIGKILL' : 'SIGTERM');
  for (const until = machine.now() + seconds * 1000; machine.now() < until; await wait(50)) {
    if ((await markOf(machine, server.pid)) !== server.mark) return;
  }
  throw new Problem('stop_timeout', { pid: server.pid, seconds });
}

function signal(pid: number, name: 'SIGKILL' | 'SIGTERM'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EPERM') throw new Problem('not_permitted', { path: `pid ${pid}` }, error);
    if (code !== 'ESRCH') throw error;
  }
}
