import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Problem } from '../../config/problem.ts';
import { asProblem, syncFolder } from '../../config/whole-file.ts';
import { type Line, type Manifest, manifestName } from '../../protocol/export-format.ts';
import { tarEnd, tarFile } from './tar.ts';

/** A file is closed behind the line that makes it longer, bytes. */
const fileBytes = 8 * 1024 * 1024;

/** Where the files of an export go. */
export interface Shelf {
  put(name: string, content: Buffer): Promise<void>;
  /** From now on it is there, whole. */
  finish(): Promise<void>;
  /** Nothing of it is left. */
  abandon(): Promise<void>;
}

/** A folder, readable by its owner alone, that is there whole or not at all. Throws Problem `file_exists` and of its kind. */
export async function folderShelf(path: string): Promise<Shelf> {
  const part = await beginAt(path);
  await mkdir(part, { mode: 0o700 }).catch((error: unknown) => failedAt(error, path));
  return {
    async put(name, content) {
      try {
        const file = await open(join(part, name), 'wx', 0o600);
        await file.writeFile(content);
        await file.sync();
        await file.close();
      } catch (error) {
        failedAt(error, path);
      }
    },
    async finish() {
      await syncFolder(part);
      await rename(part, path);
      await syncFolder(dirname(path));
    },
    abandon: () => rm(part, { recursive: true, force: true }),
  };
}

/** A gzipped tar archive, as `folderShelf`. */
export async function tarShelf(path: string, now: () => number): Promise<Shelf> {
  const part = await beginAt(path);
  const file = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
  const shelf = packedShelf(file, now);
  return {
    put: (name, content) => shelf.put(name, content).catch((error: unknown) => failedAt(error, path)),
    async finish() {
      await shelf.finish().catch((error: unknown) => failedAt(error, path));
      await rename(part, path);
      await syncFolder(dirname(path));
    },
    async abandon() {
      file.destroy();
      await rm(part, { force: true });
    },
  };
}

/** The same, to whoever reads a stream. */
export function packedShelf(to: NodeJS.WritableStream, now: () => number): Shelf {
  const gzip = createGzip();
  const failed = new Promise<never>((_resolve, reject) => {
    to.on('error', reject);
    gzip.on('error', reject);
  });
  failed.catch(() => {});
  gzip.pipe(to);
  const write = async (bytes: Buffer) => {
    if (!gzip.write(bytes)) await Promise.race([once(gzip, 'drain'), failed]);
  };
  return {
    put: (name, content) => write(tarFile(name, content, now())),
    async finish() {
      await write(tarEnd());
      gzip.end();
      // Standard output is never closed.
      await Promise.race([to === process.stdout ? finished(gzip) : finished(to), failed]);
    },
    abandon: async () => void gzip.destroy(),
  };
}

/** What is left of an export that was killed is in nobody's way. */
async function beginAt(path: string): Promise<string> {
  if ((await stat(path).catch(() => null)) !== null) throw new Problem('file_exists', { path });
  const folder = await stat(dirname(path)).catch(() => null);
  if (folder === null) throw new Problem('folder_missing', { path: dirname(path) });
  const part = `${path}.part`;
  await rm(part, { recursive: true, force: true });
  return part;
}

function failedAt(error: unknown, path: string): never {
  throw asProblem(error, path);
}

/**
 * Puts lines into files by what they are, then the manifest that names them all. `wrote` hears the counts now and then.
 * Whatever fails leaves nothing behind.
 */
export async function writeArchive(
  shelf: Shelf,
  lines: AsyncIterable<string>,
  wrote: (counts: Readonly<Record<string, number>>) => void,
): Promise<Manifest> {
  try {
    const manifest = await writeFiles(shelf, lines, wrote);
    await shelf.put(manifestName, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    await shelf.finish();
    return manifest;
  } catch (error) {
    await shelf.abandon();
    throw error;
  }
}

async function writeFiles(
  shelf: Shelf,
  lines: AsyncIterable<string>,
  wrote: (counts: Readonly<Record<string, number>>) => void,
): Promise<Manifest> {
  const files: Manifest['files'] = [];
  const counts: Record<string, number> = {};
  let header: Line | null = null;
  let [series, held, bytes]: [string, string[], number] = ['', [], 0];

  const close = async () => {
    if (held.length === 0) return;
    const number = files.filter(({ name }) => name.startsWith(`${series}-`)).length + 1;
    const name = `${series}-${String(number).padStart(5, '0')}.jsonl`;
    const content = Buffer.from(`${held.join('\n')}\n`);
    await shelf.put(name, content);
    files.push({ name, lines: held.length, bytes: content.length, sha256: sha256(content) });
    [held, bytes] = [[], 0];
    wrote(counts);
  };

  for await (const text of lines) {
    const line = JSON.parse(text) as Line;
    if (header === null) {
      header = line;
      continue;
    }
    const wanted = seriesOf(header, line);
    if (wanted !== series || bytes > fileBytes) await close();
    series = wanted;
    held.push(text);
    bytes += text.length;
    counts[line.type] = (counts[line.type] ?? 0) + 1;
  }
  await close();
  const { type: _, ...about } = header as Line;
  return { ...(about as Omit<Manifest, 'counts' | 'files'>), counts, files };
}

function seriesOf(header: Line, line: Line): string {
  if (header.format === 'messenger-person') return 'person';
  if (line.type === 'picture') return 'pictures';
  return line.type === 'person' ? 'people' : 'conversations';
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
