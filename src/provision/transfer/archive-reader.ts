import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Problem } from '../../config/problem.ts';
import {
  type Line,
  type Manifest,
  manifestName,
  manifest as manifestSchema,
  readableVersion,
} from '../../protocol/export-format.ts';
import { sha256 } from './archive-writer.ts';
import { tarFiles } from './tar.ts';

/** A file of an export is bounded when it is written; one longer than this is foreign. */
const mostFileBytes = 128 * 1024 * 1024;

type Files = AsyncIterable<{ readonly name: string; readonly content: Buffer }>;

/** An export that was checked against its manifest. */
export interface Archive {
  readonly manifest: Manifest;
  /** In the order they were written. */
  lines(): AsyncGenerator<Line>;
}

/**
 * Reads an export through and compares every file with the manifest. Throws Problem `import_damaged`, `import_newer`, or
 * `import_unknown` where it is none.
 */
export async function openArchive(path: string, kind: 'folder' | 'packed'): Promise<Archive> {
  const files = () => (kind === 'folder' ? folderFiles(path) : packedFiles(path));
  const found = new Map<string, { readonly bytes: number; readonly sha256: string }>();
  let manifest: Manifest | null = null;
  for await (const { name, content } of files()) {
    if (name === manifestName) manifest = readManifest(path, content);
    else found.set(name, { bytes: content.length, sha256: sha256(content) });
  }
  if (manifest === null) throw new Problem('import_damaged', { path, file: manifestName });
  for (const { name, sha256: said } of manifest.files) {
    if (found.get(name)?.sha256 !== said) throw new Problem('import_damaged', { path, file: name });
  }
  const known = new Set(manifest.files.map(({ name }) => name));
  return {
    manifest,
    async *lines() {
      for await (const { name, content } of files()) {
        if (!known.has(name)) continue;
        for (const text of content.toString('utf8').split('\n')) if (text !== '') yield JSON.parse(text) as Line;
      }
    },
  };
}

function readManifest(path: string, content: Buffer): Manifest {
  const said = jsonIn(content);
  const version = (said as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > readableVersion) throw new Problem('import_newer', { path });
  const read = manifestSchema.safeParse(said);
  if (!read.success) throw new Problem('import_damaged', { path, file: manifestName });
  return read.data;
}

function jsonIn(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return null;
  }
}

/** The manifest first: it says which others there are. */
async function* folderFiles(path: string): Files & AsyncGenerator {
  const content = await readFile(join(path, manifestName));
  yield { name: manifestName, content };
  const { files } = readManifest(path, content);
  for (const { name } of files) {
    const found = await readFile(join(path, name)).catch(() => null);
    if (found === null) throw new Problem('import_damaged', { path, file: name });
    yield { name, content: found };
  }
}

async function* packedFiles(path: string): Files & AsyncGenerator {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  try {
    yield* tarFiles(gunzip, mostFileBytes);
  } catch (error) {
    throw new Problem(
      'import_unreadable',
      { path, says: error instanceof Error ? error.message : String(error) },
      error,
    );
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}
