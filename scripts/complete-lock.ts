// Completes package-lock.json. npm leaves out of it what a registry does not carry, and then refuses to install from it
// (`npm ci`), here and on machines that need just those packages. They are builds of one program for many platforms, at
// the exact version their parent names, so the name says all that the lock needs.
//   node scripts/complete-lock.ts           adds what is missing
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Packages = Record<string, Locked>;

interface Missing {
  readonly name: string;
  readonly version: string;
  readonly dev: boolean;
}

export const lockFile = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');

/** Optional packages that locked packages ask for and that are not locked: by name and version. */
export function missing({ packages }: { readonly packages: Packages }): Missing[] {
  const found: Missing[] = [];
  for (const [path, { optionalDependencies = {}, dev = false }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!isLocked(packages, path, name)) found.push({ name, version, dev });
    }
  }
  return found;
}

/** Node looks for a package beside the one that asks, then further up. */
function isLocked(packages: Packages, path: string, name: string): boolean {
  for (let from = path; ; from = from.slice(0, from.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    if (packages[`${from === '' ? '' : `${from}/`}node_modules/${name}`]) return true;
    if (from === '') return false;
  }
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

function platformOf(name: string) {
  const parts = (name.split('/').at(-1) ?? name).split('-');
  const os = systems.find((system) => parts.includes(system));
  const cpu = processors.find((processor) => parts.includes(processor));
  const libc = parts.some((part) => part.startsWith('musl'))
    ? 'musl'
    : parts.some((part) => part.startsWith('gnu'))
      ? 'glibc'
      : null;
  if (!os || !cpu) throw new Error(`${name}: its name does not say what it is for`);
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc ? { libc: [libc] } : {}) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const lock = JSON.parse(readFileSync(lockFile, 'utf8'));
  const added = missing(lock);
  for (const { name, version, dev } of added) {
    const { cpu, ...rest } = platformOf(name);
    lock.packages[`node_modules/${name}`] = { version, cpu, ...(dev ? { dev } : {}), ...rest, optional: true };
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(`${lockFile}.new`, `${JSON.stringify(lock, null, 2)}\n`);
  renameSync(`${lockFile}.new`, lockFile);
  console.log(`${added.length} added`);
}
