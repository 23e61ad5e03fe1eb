import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Context, MiddlewareHandler } from 'hono';

interface StaticFile {
  readonly type: string;
  readonly etag: string;
  readonly immutable: boolean;
  readonly plain: Content;
  readonly compressed: ReadonlyMap<Encoding, Content>;
}
type Content = Uint8Array<ArrayBuffer>;
type Encoding = 'br' | 'gzip';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};
const encodings: Readonly<Record<string, Encoding>> = { '.br': 'br', '.gz': 'gzip' };

/**
 * The built client. It is small and read again and again, so it is held in memory. Files in `assets/` carry a hash of
 * their content in their name and never change; all others are asked for anew. Paths without a file, that look like a
 * screen's, get the client itself.
 */
export async function readStaticFiles(folder: string): Promise<MiddlewareHandler> {
  const files = await readFolder(folder);
  return async (context, next) => {
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') return next();
    const path = context.req.path === '/' ? '/index.html' : context.req.path;
    const file = files.get(path) ?? (isScreen(path) ? files.get('/index.html') : undefined);
    return file === undefined ? next() : serve(context, file);
  };
}

/** Names with an ending are files, and what is well known is for programs: a missing one must not look like a page. */
function isScreen(path: string): boolean {
  return extname(path) === '' && !path.startsWith('/.well-known/');
}

function serve(context: Context, file: StaticFile): Response {
  const accepted = context.req.header('accept-encoding') ?? '';
  const encoding = (['br', 'gzip'] as const).find((each) => file.compressed.has(each) && accepted.includes(each));
  const headers: Record<string, string> = {
    'content-type': file.type,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    ...(file.compressed.size > 0 ? { vary: 'accept-encoding' } : {}),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  };
  if (context.req.header('if-none-match') === file.etag) return context.body(null, 304, headers);
  const content = encoding === undefined ? undefined : file.compressed.get(encoding);
  return context.body(content ?? file.plain, 200, headers);
}

async function readFolder(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readEntries(folder);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const present = new Set(paths);
  const plain = paths.filter((path) => {
    const ending = extname(path);
    return !(ending in encodings && present.has(path.slice(0, -ending.length)));
  });
  const files = await Promise.all(
    plain.map(async (path): Promise<[string, StaticFile]> => {
      const name = `/${relative(folder, path).split(sep).join('/')}`;
      return [name, await readStaticFile(path, name, present)];
    }),
  );
  return new Map(files);
}

async function readEntries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
}

async function readStaticFile(path: string, name: string, present: ReadonlySet<string>): Promise<StaticFile> {
  const plain = await readFile(path);
  const compressed = new Map<Encoding, Content>();
  for (const [ending, encoding] of Object.entries(encodings)) {
    if (present.has(path + ending)) compressed.set(encoding, await readFile(path + ending));
  }
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    immutable: name.startsWith('/assets/'),
    plain,
    compressed,
  };
}
