import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../config/problem.ts';
import { asProblem } from '../../config/whole-file.ts';
import { manifestName } from './archive.ts';
import { openArchive } from './archive-reader.ts';
import { makeMessengerSource } from './messenger-source.ts';
import type { Source } from './source.ts';

/** What formats that say less of themselves need to be told; null: it is found out. */
export interface SourceHow {
  /** The account of whoever made the export. */
  readonly as: string | null;
  readonly title: string | null;
  readonly timeZone: string | null;
  readonly dateOrder: 'dmy' | 'mdy' | 'ymd' | null;
}

/**
 * What is at a path, as something to import. Throws Problem `import_unknown` for what is foreign, and as the readers of the
 * formats do.
 */
export async function openSource(path: string, _how: SourceHow): Promise<Source> {
  const found = await stat(path).catch((error: unknown) => {
    throw missing(error, path);
  });
  if (found.isDirectory()) {
    if (await isThere(join(path, manifestName))) return openMessenger(path, 'folder');
    throw new Problem('import_unknown', { path });
  }
  const begins = await firstBytes(path);
  if (begins[0] === 0x1f && begins[1] === 0x8b) return openMessenger(path, 'packed');
  throw new Problem('import_unknown', { path });
}

async function openMessenger(path: string, kind: 'folder' | 'packed'): Promise<Source> {
  const archive = await openArchive(path, kind);
  if (archive.manifest.format === 'messenger-person') throw new Problem('import_person', { path });
  return makeMessengerSource(archive);
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path).catch((error: unknown) => {
    throw missing(error, path);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

function missing(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new Problem('file_missing', { path }, error);
  return asProblem(error, path);
}
