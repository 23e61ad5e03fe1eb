import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem, networkInterfaces, totalmem, userInfo } from 'node:os';
import { join } from 'node:path';
import { asProblem, writeWhole } from '../config/whole-file.ts';

export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly owner: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly bytes: number;
}

export interface NetworkAddress {
  readonly name: string;
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
}

/**
 * The host that commands provision. Paths are absolute and lie under a root that tests replace. Programs run by argument
 * list, never through a shell. Writing throws Problem where a person can mend it.
 */
export interface Machine {
  /** Where a path really is. */
  path(path: string): string;
  /** Runs a program to its end. Null: there is no such program, or it took longer than `timeoutMs`. */
  run(
    program: string,
    args: readonly string[],
    timeoutMs?: number,
  ): Promise<{ readonly code: number; readonly output: string } | null>;
  /** Null: not there. */
  read(path: string): Promise<string | null>;
  /** Whole or not at all. */
  write(path: string, text: string, mode: number): Promise<void>;
  /** With the folders above it. One that is there keeps its mode. */
  makeFolder(path: string, mode: number): Promise<void>;
  remove(path: string): Promise<void>;
  look(path: string): Promise<FileFacts | null>;
  /** Names in a folder; none where there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** A file system mounted read-only is not writable, not even for root. */
  isWritable(path: string): Promise<boolean>;
  /** Bytes that this user may still write where the path, or the nearest folder above it, lies. */
  freeBytes(path: string): Promise<number>;
  /** Whether a server could listen there just now. */
  tryPort(host: string, port: number): Promise<'free' | 'in_use' | 'not_permitted' | 'not_here'>;
  memory(): Promise<{ readonly totalBytes: number; readonly availableBytes: number }>;
  /** Addresses of this host that others can reach, the most likely one first. */
  addresses(): Promise<readonly NetworkAddress[]>;
  readonly nodeVersion: string;
  readonly platform: NodeJS.Platform;
  readonly user: { readonly id: number; readonly name: string };
  now(): number;
}

export function openMachine({ root = '/' }: { readonly root?: string } = {}): Machine {
  const real = (path: string) => (root === '/' ? path : join(root, path));
  const read = (path: string) => readFile(real(path), 'utf8').catch(absentAsNull);
  const { uid, username } = userInfo();
  return {
    path: real,
    run,
    read,
    write: (path, text, mode) => writeWhole(real(path), text, mode),
    async makeFolder(path, mode) {
      try {
        await mkdir(real(path), { recursive: true, mode });
      } catch (error) {
        throw asProblem(error, path);
      }
    },
    remove: (path) => rm(real(path), { recursive: true, force: true }),
    async look(path) {
      const found = await stat(real(path)).catch(absentAsNull);
      if (found === null) return null;
      const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
      return { kind, mode: found.mode & 0o777, owner: found.uid, modifiedAt: found.mtimeMs, bytes: found.size };
    },
    list: async (path) => (await readdir(real(path)).catch(absentAsNull)) ?? [],
    isWritable: (path) =>
      access(real(path), constants.W_OK).then(
        () => true,
        () => false,
      ),
    async freeBytes(path) {
      for (let at = real(path); ; at = join(at, '..')) {
        const facts = await statfs(at).catch(absentAsNull);
        if (facts) return facts.bavail * facts.bsize;
      }
    },
    tryPort,
    async memory() {
      const available = /^MemAvailable:\s+(\d+) kB$/m.exec((await read('/proc/meminfo')) ?? '')?.[1];
      return { totalBytes: totalmem(), availableBytes: available ? Number(available) * 1024 : freemem() };
    },
    addresses: async () => inOrder(ownAddresses(), await read('/proc/net/route')),
    nodeVersion: process.version,
    platform: process.platform,
    user: { id: uid, name: username },
    now: () => Date.now(),
  };
}

function absentAsNull(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw error;
}

function run(program: string, args: readonly string[], timeoutMs = 10_000) {
  return new Promise<{ code: number; output: string } | null>((resolve) => {
    execFile(program, args, { timeout: timeoutMs, encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve(typeof code === 'number' ? { code, output: `${stdout}${stderr}` } : null);
    });
  });
}

function tryPort(host: string, port: number): ReturnType<Machine['tryPort']> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === 'EACCES'
          ? 'not_permitted'
          : error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND'
            ? 'not_here'
            : 'in_use',
      );
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve('free')));
  });
}

function ownAddresses(): NetworkAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, found]) =>
    (found ?? [])
      .filter(({ internal, family, address }) => !internal && !(family === 'IPv6' && address.startsWith('fe80:')))
      .map(({ address, family }) => ({ name, address, family })),
  );
}

/** The interface of the default route first, bridges of containers and tunnels last, IPv4 before IPv6. */
function inOrder(addresses: readonly NetworkAddress[], routes: string | null): NetworkAddress[] {
  const outward = routes
    ?.split('\n')
    .map((line) => line.split('\t'))
    .find((columns) => columns[1] === '00000000')?.[0];
  const rank = ({ name, family }: NetworkAddress) =>
    (name === outward ? 0 : 2) +
    (family === 'IPv4' ? 0 : 1) +
    (/^(docker|br-|veth|virbr|vmnet|utun|tun|tap|wg|zt)/.test(name) ? 4 : 0);
  return [...addresses].sort((a, b) => rank(a) - rank(b));
}
