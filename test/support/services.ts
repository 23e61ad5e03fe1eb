import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findMongoServer, installMongoServer } from './mongodb-server.ts';

interface Service {
  readonly name: string;
  readonly packages: readonly string[];
  found(): boolean;
  /** Where no package brings it. */
  readonly remedy?: string;
  install?(): void;
  /** Installing it would take the place of something that this machine uses. */
  displaces?(): boolean;
}

/** What tests run beside the product, and the Debian packages that bring it. */
const services = {
  postgres: {
    name: 'PostgreSQL',
    packages: ['postgresql'],
    found: () => onPath('postgres') !== null || debianHasPostgres(),
  },
  mongodb: {
    name: 'MongoDB',
    packages: [],
    found: () => findMongoServer() !== null,
    remedy: 'install mongod, or name a server in MONGODB_URL',
    install: installMongoServer,
  },
  redis: { name: 'Redis', packages: ['redis-server'], found: () => onPath('redis-server') !== null },
  oathtool: { name: 'oathtool', packages: ['oathtool'], found: () => onPath('oathtool') !== null },
  chromium: { name: 'Chromium', packages: ['chromium'], found: () => chromiumPath() !== null },
  smtp: {
    name: 'OpenSMTPD, and root to run it,',
    packages: ['opensmtpd'],
    found: () => mailServerPath() !== null && mayUnshare(),
    displaces: () => mailServerPath() === null && existsSync('/usr/sbin/sendmail'),
  },
  fonts: {
    name: 'fonts for all scripts',
    packages: ['fonts-noto-core', 'fonts-noto-color-emoji'],
    found: () => process.platform !== 'linux' || existsSync('/usr/share/fonts/truetype/noto'),
  },
} as const satisfies Record<string, Service>;

/** Whether a service is there; if not it says so aloud, or throws where nothing may be skipped. */
export function hasService(key: keyof typeof services): boolean {
  const service: Service = services[key];
  if (service.found()) return true;
  const remedy = service.remedy ?? `apt-get install ${service.packages.join(' ')}`;
  if (process.env.TEST_STACK === 'required')
    throw new Error(`${service.name} is not installed, and may not be skipped: ${remedy}`);
  console.warn(`SKIPPED: ${service.name} is not installed. To run these tests too: ${remedy}`);
  return false;
}

/** Root outside of a container that may not mount. */
function mayUnshare(): boolean {
  return process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
}

export function mailServerPath(): string | null {
  const debians = '/usr/sbin/smtpd';
  return existsSync(debians) ? debians : onPath('smtpd');
}

export function chromiumPath(): string | null {
  const macs = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return (
    onPath('chromium') ?? onPath('chromium-browser') ?? onPath('google-chrome') ?? (existsSync(macs) ? macs : null)
  );
}

/**
 * Installs what is missing from Debian's packages where that is allowed, and starts and enables nothing: tests run their
 * own copies. Answers what is still missing.
 */
export function installServices(): string[] {
  const missing = (): Service[] => Object.values(services).filter((service) => !service.found());
  const wanted = missing().filter((service) => service.displaces?.() !== true);
  const packages = wanted.flatMap((service) => service.packages);
  if (packages.length > 0 && process.getuid?.() === 0 && onPath('apt-get') !== null) install(packages);
  for (const service of missing()) service.install?.();
  return missing().map((service) => service.name);
}

function install(packages: readonly string[]): void {
  console.log(`Installing ${packages.join(', ')} for the tests`);
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    aptGet('update');
    aptGet('-y', '--no-install-recommends', 'install', ...packages);
    disable(packages.filter((name) => ['postgresql', 'redis-server', 'opensmtpd'].includes(name)));
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

function aptGet(...args: string[]): void {
  execFileSync('apt-get', ['-qq', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function disable(units: readonly string[]): void {
  if (units.length === 0 || !existsSync('/run/systemd/system')) return;
  execFileSync('systemctl', ['disable', '--quiet', ...units], { stdio: 'ignore' });
}

function onPath(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file)) ?? null;
}

function debianHasPostgres(): boolean {
  const folder = '/usr/lib/postgresql';
  return existsSync(folder) && readdirSync(folder).some((version) => existsSync(join(folder, version, 'bin/postgres')));
}
