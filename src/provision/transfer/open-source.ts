import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../config/problem.ts';
import { asProblem } from '../../config/whole-file.ts';
import { manifestName } from '../../protocol/export-format.ts';
import { openArchive } from './archive-reader.ts';
import { makeLocalTime } from './local-time.ts';
import { makeMessengerSource } from './messenger-source.ts';
import type { Source, SourceHow } from './source.ts';
import { makeTelegramSource } from './telegram-source.ts';
import { makeWhatsAppSource } from './whatsapp-source.ts';

/**
 * What is at a path, as something to import. Throws Problem `import_unknown` for what is foreign, and as the readers of the
 * formats do.
 */
export async function openSource(path: string, how: SourceHow): Promise<Source> {
  mustBeZone(how.timeZone);
  const found = await stat(path).catch((error: unknown) => {
    throw missing(error, path);
  });
  if (found.isDirectory()) {
    if (await isThere(join(path, manifestName))) return openMessenger(path, 'folder');
    const result = join(path, 'result.json');
    if (await isThere(result)) return makeTelegramSource(result, how);
    const chat = join(path, '_chat.txt');
    if (await isThere(chat)) return makeWhatsAppSource(chat, how);
    throw new Problem('import_unknown', { path });
  }
  const begins = await firstBytes(path);
  if (begins[0] === 0x1f && begins[1] === 0x8b) return openMessenger(path, 'packed');
  if (/^\ufeff?\s*\{/.test(begins.toString('utf8'))) return makeTelegramSource(path, how);
  if (/\.(txt|zip)$/i.test(path)) return makeWhatsAppSource(path, how);
  throw new Problem('import_unknown', { path });
}

function mustBeZone(timeZone: string | null): void {
  try {
    makeLocalTime(timeZone);
  } catch (error) {
    throw new Problem('bad_answer', { flag: '--time-zone', wanted: 'Europe/Berlin, Europe/Moscow, UTC …' }, error);
  }
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
