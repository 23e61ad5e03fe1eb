import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from './problem.ts';

/**
 * Writes a file whole or not at all, and so that a power cut keeps the old or the new one. An existing file keeps its
 * mode; a new one gets `mode`. Throws Problem where a person can mend it.
 */
export async function writeWhole(path: string, text: string, mode = 0o644): Promise<void> {
  const fresh = `${path}.${randomUUID()}.new`;
  try {
    const present = await stat(path).catch(() => null);
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.chmod(present === null ? mode : present.mode & 0o777);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw asProblem(error, path);
  }
}

/** Makes the names in a folder as durable as the files behind them. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What the system says when it cannot write or read, as something a person can mend; else the error itself. */
export function asProblem(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Problem('disk_full', { path }, error);
  if (code === 'EROFS') return new Problem('read_only', { path }, error);
  if (code === 'EACCES' || code === 'EPERM') return new Problem('not_permitted', { path }, error);
  return error;
}
