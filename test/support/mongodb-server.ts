import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** How tests run what stands in for MongoDB. */
export const standIn = join(import.meta.dirname, 'mongodb-stand-in.sh');

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'messenger');
const downloads = join(cache, 'mongodb');
const version = '8.0.15';

type MongoServer =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'program'; readonly program: string }
  | { readonly kind: 'stand_in' };

/** In this order: the server that MONGODB_URL names, `mongod` on the path, one that was downloaded, what stands in for it. */
export function findMongoServer(): MongoServer | null {
  const { MONGODB_URL: url } = process.env;
  if (url !== undefined) return { kind: 'url', url };
  const program = [...onPath('mongod'), ...downloaded()][0];
  if (program !== undefined) return { kind: 'program', program };
  return existsSync(join(cache, 'ferretdb', 'installed')) ? { kind: 'stand_in' } : null;
}

/** Downloads MongoDB where there is internet, else builds what stands in for it where root and Go are. */
export function installMongoServer(): void {
  if (findMongoServer() !== null) return;
  const download = `
    const { MongoBinary } = await import('mongodb-memory-server-core');
    await MongoBinary.getPath({ version: '${version}', downloadDir: ${JSON.stringify(downloads)}, checkMD5: false });`;
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', download], { stdio: 'ignore', timeout: 300_000 });
  } catch {
    if (process.getuid?.() !== 0 || onPath('go').length === 0) return;
    console.log('Building a stand-in for MongoDB for the tests; this takes some minutes, once');
    execFileSync('bash', [standIn, 'install'], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

function onPath(program: string): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).filter((file) => existsSync(file));
}

function downloaded(): string[] {
  if (!existsSync(downloads)) return [];
  return readdirSync(downloads)
    .filter((name) => name.startsWith('mongod'))
    .map((name) => join(downloads, name));
}
