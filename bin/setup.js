#!/usr/bin/env node
// Brings a fresh clone to where it can run, and does nothing when it already is there:
//   node bin/setup.js            set up only
//   node bin/setup.js start …    set up, then `messenger up …` in the foreground
//   node bin/setup.js test …     set up, then the tests
//   node bin/setup.js check …    set up, then everything a change must pass
//   node bin/setup.js bench …    set up, then the benchmark
//   node bin/setup.js screens …  set up, then pictures of every screen of the client
//   node bin/setup.js docs …     set up, then write the documents that derive from the code
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { words } from './setup-words.js';
import {
  handOver,
  isSuitable,
  isWritable,
  npmProgram,
  privateNode,
  readText,
  root,
  run,
  suitableEnvironment,
  suitableNode,
  toolchain,
} from './toolchain.js';

const nodeVersion = '24.21.0';
const logFile = join(toolchain, 'setup.log');
const dist = join(root, 'dist');

/** Why a step failed, in words that end with a remedy. */
class SetupError extends Error {
  constructor([why, mend], output = '') {
    super(why);
    this.mend = mend;
    this.output = output;
  }
}

// --- Node ---

const nodeStep = {
  title: words.node(nodeVersion.split('.')[0]),
  settled: () => isSuitable(process.version) || existsSync(privateNode),
  async run(say) {
    // The package `node` would fetch this one by a script of its own; asked for by name it needs no script.
    const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
    const name = `${prefix}-${process.platform}-${process.arch}`;
    let result;
    for (const range of [nodeVersion, '>=24.16.0 <27']) {
      result = await npm(
        process.execPath,
        ['install', '--prefix', toolchain, '--no-save', '--ignore-scripts', `${name}@${range}`],
        say,
      );
      if (!/E404|ETARGET|No match found/.test(result.output)) break;
    }
    const works = result.code === 0 && existsSync(privateNode) && (await run(privateNode, ['--version'])).code === 0;
    if (works) return;
    rmSync(join(toolchain, 'node_modules'), { recursive: true, force: true });
    if (result.code === 0 || /E404|ETARGET|EBADPLATFORM|No match found/.test(result.output)) {
      throw new SetupError(words.why.noNode(nodeVersion), result.output);
    }
    throw explainedNpm(result.output);
  },
};

// --- Packages ---

const lockFile = join(root, 'package-lock.json');
const installedFile = join(root, 'node_modules', '.package-lock.json');
const packagesStamp = join(root, 'node_modules', '.messenger-setup');

const packagesMark = () => digest([readText(lockFile) ?? '', readText(installedFile) ?? '']);

/** Is what lies in node_modules, by npm's own record, what the lock asks for on this machine? */
function isAsLocked() {
  const installedText = readText(installedFile);
  if (installedText === null) return false;
  const installed = JSON.parse(installedText).packages;
  const locked = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  const fits = (allowed, present) =>
    !allowed ||
    allowed.includes(present) ||
    (allowed.some((one) => one.startsWith('!')) && !allowed.includes(`!${present}`));
  for (const [path, wanted] of Object.entries(locked)) {
    if (path === '') continue;
    const there = installed[path];
    if (
      there
        ? there.version !== wanted.version
        : fits(wanted.os, process.platform) && fits(wanted.cpu, process.arch) && !wanted.optional
    ) {
      return false;
    }
  }
  return Object.keys(installed).every((path) => path in locked);
}

const packagesStep = {
  title: words.packages,
  settled: () => readText(packagesStamp) === packagesMark() || isAsLocked(),
  async run(say) {
    // Under Node 24: npm leaves out optional packages whose `engines` the running Node does not meet.
    const result = await npm(suitableNode(), ['ci', '--ignore-scripts', '--include=dev', '--include=optional'], say);
    if (result.code !== 0) throw explainedNpm(result.output);
    writeFileSync(packagesStamp, packagesMark());
  },
};

// --- Builds ---

const stamp = (part) => join(toolchain, `built-${part}`);

const serverSources = [
  'src',
  'bin/manifest.js',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
];
const clientSources = [
  'src/web',
  'src/protocol',
  'vite.config.ts',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.web.json',
];
const serverMark = () => markOf(serverSources, (path) => path !== join('src', 'web'));
const clientMark = () => markOf(clientSources, () => true);

const serverStep = {
  title: words.server,
  settled: () => existsSync(join(dist, 'commands')) && readText(stamp('server')) === serverMark(),
  async run(say) {
    const mark = serverMark();
    const fresh = join(toolchain, 'dist');
    rmSync(fresh, { recursive: true, force: true });
    await build(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh], say);
    // The client's build lies within; it moves along.
    if (existsSync(join(dist, 'web'))) renameSync(join(dist, 'web'), join(fresh, 'web'));
    replace(dist, fresh);
    await build(['bin/manifest.js'], say);
    writeFileSync(stamp('server'), mark);
  },
};

const clientStep = {
  title: words.client,
  settled: () =>
    !existsSync(join(root, 'vite.config.ts')) ||
    (existsSync(join(dist, 'web', 'index.html')) && readText(stamp('client')) === clientMark()),
  async run(say) {
    const mark = clientMark();
    const fresh = join(toolchain, 'web');
    await build(
      ['node_modules/vite/bin/vite.js', 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'],
      say,
    );
    replace(join(dist, 'web'), fresh);
    writeFileSync(stamp('client'), mark);
  },
};

async function build(args, say) {
  const { code, output } = await run(suitableNode(), args, {
    env: { ...suitableEnvironment(), NODE_ENV: 'production' },
    say,
  });
  if (code !== 0) throw explained(output) ?? new SetupError(words.why.badBuild, output);
}

/** Puts a finished folder in the place of the present one. */
function replace(present, fresh) {
  const old = `${present}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(present)) renameSync(present, old);
  renameSync(fresh, present);
  rmSync(old, { recursive: true, force: true });
}

// --- Doing it ---

const steps = [nodeStep, packagesStep, serverStep, clientStep];

/** Does what is not yet done. Throws SetupError, after having said what is wrong. */
export async function setUp() {
  if (steps.every((step) => step.settled())) return;
  if (!isWritable(root)) throw new SetupError(words.why.readOnly(root));
  mkdirSync(toolchain, { recursive: true });
  const unlock = await lock();
  try {
    writeFileSync(logFile, '');
    for (const step of steps) if (!step.settled()) await take(step);
  } finally {
    unlock();
  }
}

async function take(step) {
  const line = progress(step.title);
  try {
    await step.run(log);
    line.done();
  } catch (error) {
    line.failed();
    throw error;
  }
}

/** Where the disk is full, the step itself says so. */
function log(text) {
  try {
    appendFileSync(logFile, text);
  } catch {
    // What failed is told without the log.
  }
}

/** Two set-ups in one folder would undo each other. */
async function lock() {
  const file = join(toolchain, 'setup.lock');
  for (let told = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive(Number(readText(file)))) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) process.stderr.write(`${words.waiting}\n`);
    told = true;
    await wait(100);
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** One line a step: moving in a terminal, written once at its end elsewhere. */
function progress(title) {
  const { stderr } = process;
  const started = performance.now();
  const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const colour = (code, text) => (stderr.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text);
  const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
  let turn = 0;
  const draw = () => {
    turn += 1;
    stderr.write(`\r\x1b[K${colour(36, frames[turn % frames.length])} ${title} ${colour(2, took())}`);
  };
  const timer = stderr.isTTY ? setInterval(draw, 100) : null;
  const end = (sign) => {
    if (timer) clearInterval(timer);
    stderr.write(`${stderr.isTTY ? '\r\x1b[K' : ''}${sign} ${title} ${colour(2, `(${took()})`)}\n`);
  };
  return { done: () => end(colour(32, '✔')), failed: () => end(colour(31, '✖')) };
}

async function npm(node, args, say) {
  const program = npmProgram();
  if (program === null) throw new SetupError(words.why.noNpm);
  return run(node, [program, ...args, '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    env: node === suitableNode() ? suitableEnvironment() : process.env,
    say,
  });
}

function explained(output) {
  if (/ENOSPC/.test(output)) return new SetupError(words.why.noSpace, output);
  if (/EROFS|EACCES|EPERM/.test(output)) return new SetupError(words.why.readOnly(root), output);
  return null;
}

function explainedNpm(output) {
  if (/can only install packages when your package\.json and package-lock/.test(output)) {
    return new SetupError(words.why.lockMismatch, output);
  }
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/i.test(
      output,
    )
  ) {
    return new SetupError(words.why.noNetwork, output);
  }
  return explained(output) ?? new SetupError(words.why.unknown, output);
}

function digest(texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex');
}

/** A mark that changes with any byte, name or number of these files. */
function markOf(paths, wanted) {
  const texts = [];
  const visit = (path) => {
    if (!wanted(relative(root, path)) || !existsSync(path)) return;
    let entries;
    try {
      entries = readdirSync(path).sort();
    } catch {
      texts.push(relative(root, path), readFileSync(path));
      return;
    }
    for (const entry of entries) visit(join(path, entry));
  };
  for (const path of paths) visit(join(root, path));
  return digest(texts);
}

/** Says what a failed set-up needs, and ends. */
export function reportAndExit(error) {
  const known =
    error instanceof SetupError
      ? error
      : (explained(String(error.code ?? error)) ?? new SetupError(words.why.unknown, String(error.stack)));
  const said = known.output.trim().split('\n').slice(-15).join('\n');
  if (said !== '') process.stderr.write(`\n${said}\n`);
  process.stderr.write(`\n${known.message}\n${words.mend} ${known.mend}\n`);
  if (said !== '' && existsSync(logFile)) process.stderr.write(`${words.details(relative(process.cwd(), logFile))}\n`);
  process.exit(1);
}

const inside = (...parts) => join(root, ...parts);
const programs = {
  start: [inside('bin', 'run.js'), 'up', '--init'],
  test: [inside('node_modules', 'vitest', 'vitest.mjs'), 'run'],
  check: [npmProgram() ?? '', 'run', 'check:all'],
  docs: [inside('scripts', 'docs.ts')],
  bench: [inside('test', 'bench', 'bench.ts')],
  screens: [inside('test', 'web', 'screens', 'screens.ts')],
};

async function main([what, ...args]) {
  try {
    await setUp();
  } catch (error) {
    reportAndExit(error);
  }
  const program = programs[what];
  if (program) await handOver(suitableNode(), [...program, ...args]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
