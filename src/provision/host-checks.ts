import type { Patient } from './checks.ts';
import type { Check } from './step.ts';
import { bytesIn, timeIn } from './words/format.ts';

const MiB = 1024 * 1024;
const oldestNode = [24, 16] as const;

export function nodeCheck({ machine, words }: Patient): Check {
  const { title, says, old, mend } = words.checks.node;
  return {
    id: 'node',
    title,
    async find() {
      const version = machine.nodeVersion.replace(/^v/, '');
      const [major = 0, minor = 0] = version.split('.').map(Number);
      const fits = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
      return fits ? { ok: true, says: says(version), mend: null } : { ok: false, says: old(version), mend };
    },
  };
}

/** Below the first amount writing may fail any moment; below the second it is time to act. */
const disk = { bad: 200 * MiB, scarce: 1024 * MiB };

export function diskCheck({ machine, home, words }: Patient): Check {
  const { title, says, mend } = words.checks.disk;
  return {
    id: 'disk',
    title,
    async find() {
      const free = await machine.freeBytes(home.folder);
      const found = says(bytesIn(words.language, free));
      if (free < disk.bad) return { ok: false, says: found, mend };
      return free < disk.scarce
        ? { ok: false, says: found, mend, advice: true }
        : { ok: true, says: found, mend: null };
    },
  };
}

const memory = { bad: 64 * MiB, scarce: 256 * MiB };

export function memoryCheck({ machine, words }: Patient): Check {
  const { title, says, mend } = words.checks.memory;
  return {
    id: 'memory',
    title,
    async find() {
      const { availableBytes, totalBytes } = await machine.memory();
      const found = says(bytesIn(words.language, availableBytes), bytesIn(words.language, totalBytes));
      if (availableBytes < memory.bad) return { ok: false, says: found, mend };
      return availableBytes < memory.scarce
        ? { ok: false, says: found, mend, advice: true }
        : { ok: true, says: found, mend: null };
    },
  };
}

/** Files are written with the same clock; a little later than now may be a file system's rounding. */
const tolerance = 60_000;

export function clockCheck({ machine, home, words }: Patient): Check {
  const { title, says, past, unsynchronised, mend } = words.checks.clock;
  return {
    id: 'clock',
    title,
    async find() {
      const now = machine.now();
      const files = [home.config, home.secrets, home.database, home.messages, home.logFile];
      const times = await Promise.all(files.map(async (path) => (await machine.look(path))?.modifiedAt ?? 0));
      // This program was made later than this; a clock before it was never set.
      const newest = Math.max(...times, Date.UTC(2026, 0, 1));
      const written = timeIn(words.language, now);
      if (newest > now + tolerance) return { ok: false, says: past(written, timeIn(words.language, newest)), mend };
      const told = await machine.run('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
      return told?.output.trim() === 'no'
        ? { ok: false, says: unsynchronised(written), mend, advice: true }
        : { ok: true, says: says(written), mend: null };
    },
  };
}
