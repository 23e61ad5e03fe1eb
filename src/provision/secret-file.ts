import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../config/problem.ts';
import { asProblem, syncFolder } from '../config/whole-file.ts';

const ownerOnly = 0o600;

/**
 * Writes lines to a new file that only its owner may read, whole or not at all. Answers how many. Throws Problem:
 * `file_exists`, `folder_missing`, and what the system says.
 */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<number> {
  await refusePresent(path);
  const fresh = `${path}.${randomUUID()}.new`;
  try {
    const file = await open(fresh, 'wx', ownerOnly);
    try {
      const count = await writeEach(file, lines);
      await file.sync();
      await refusePresent(path);
      await rename(fresh, path);
      await syncFolder(dirname(path));
      return count;
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(fresh, { force: true });
    throw told(error, path);
  }
}

/** Throws Problem where a new file could not be made there, before anything is done for it. */
export async function refusePresent(path: string): Promise<void> {
  if ((await stat(path).catch(() => null)) !== null) throw new Problem('file_exists', { path });
}

export interface AppendedFile {
  /** On the disk when it resolves. */
  append(line: string): Promise<void>;
  close(): Promise<void>;
}

/** Lines added to a file, new or not, that only its owner may read from then on. `heading` is what a new one begins with. */
export async function openAppended(path: string, heading: string): Promise<AppendedFile> {
  try {
    const file = await open(path, 'a', ownerOnly);
    try {
      await file.chmod(ownerOnly);
      if ((await file.stat()).size === 0) await appendLine(file, heading);
    } catch (error) {
      await file.close();
      throw error;
    }
    return {
      append: (line) => appendLine(file, line),
      close: () => file.close(),
    };
  } catch (error) {
    throw told(error, path);
  }
}

async function appendLine(file: FileHandle, line: string): Promise<void> {
  await file.appendFile(`${line}\n`);
  await file.sync();
}

async function writeEach(file: FileHandle, lines: AsyncIterable<string>): Promise<number> {
  let count = 0;
  let waiting: string[] = [];
  let size = 0;
  const flush = async () => {
    await file.writeFile(waiting.join(''));
    waiting = [];
    size = 0;
  };
  for await (const line of lines) {
    waiting.push(`${line}\n`);
    size += line.length;
    count += 1;
    if (size > 1_000_000) await flush();
  }
  await flush();
  return count;
}

function told(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Problem('folder_missing', { path: dirname(path) }, error);
  }
  if (code === 'EISDIR') return new Problem('not_a_file', { path }, error);
  return asProblem(error, path);
}
