import { readFile, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { Clock } from '../../ports/clock.ts';
import type { Host } from '../../ports/host.ts';

const mebibyte = 1024 ** 2;
const betweenLooksMs = 5_000;

/** Bytes there are, and bytes that are left of them. */
interface Amount {
  readonly total: number;
  readonly free: number;
}

/** Looks at the disk of the data folder and at memory. What cannot be read counts as enough. */
export function makeHost({ folder, clock }: { readonly folder: string; readonly clock: Clock }): Host {
  let found: ReturnType<Host['room']> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    room() {
      const now = clock.now();
      if (found === null || Math.abs(now - lookedAt) >= betweenLooksMs) {
        lookedAt = now;
        found = Promise.all([diskOf(folder), memory()]).then(([disk, ram]) => roomIn(disk, ram));
      }
      return found;
    },
  };
}

/** Null: it is not known, and counts as enough. */
export function roomIn(disk: Amount | null, memory: Amount | null): Awaited<ReturnType<Host['room']>> {
  if (disk !== null && disk.free < leastDisk(disk.total)) return { ok: false, lacks: 'disk' };
  if (memory !== null && memory.free < leastMemory(memory.total)) return { ok: false, lacks: 'memory' };
  return { ok: true };
}

/** A hundredth, between 200 MiB and 2 GiB: large disks need no large reserve. */
function leastDisk(total: number): number {
  return Math.max(200 * mebibyte, Math.min(total / 100, 2_048 * mebibyte));
}

/** A twentieth, between 64 MiB and 512 MiB. */
function leastMemory(total: number): number {
  return Math.max(64 * mebibyte, Math.min(total / 20, 512 * mebibyte));
}

async function diskOf(folder: string): Promise<Amount | null> {
  try {
    const { bsize, blocks, bavail } = await statfs(folder);
    return { total: blocks * bsize, free: bavail * bsize };
  } catch {
    return null;
  }
}

/** What programs could still take; where this process may have less than the machine, what that leaves. */
async function memory(): Promise<Amount | null> {
  const machine = await machineMemory();
  const allowed = process.constrainedMemory();
  if (allowed === 0 || allowed >= totalmem()) return machine;
  const free = allowed - process.memoryUsage.rss();
  return { total: allowed, free: Math.min(free, machine?.free ?? free) };
}

/** Only Linux says how much of what is taken could be given back; elsewhere "free" means almost nothing. */
async function machineMemory(): Promise<Amount | null> {
  try {
    const text = await readFile('/proc/meminfo', 'utf8');
    const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024;
    const [total, free] = [bytes('MemTotal'), bytes('MemAvailable')];
    return Number.isFinite(total) && Number.isFinite(free) ? { total, free } : null;
  } catch {
    return null;
  }
}
