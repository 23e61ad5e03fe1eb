// What the set-up and the command line need before any package is there: plain JavaScript for Node 20 and newer.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const toolchain = join(root, '.toolchain');
/** A working copy of the sources, as against an installed package: only there something is to be set up. */
export const isClone = existsSync(join(root, 'src', 'protocol')) && existsSync(join(root, 'package-lock.json'));

export const oldestNode = [24, 16];
export const privateNode = join(toolchain, 'node_modules', '.bin', 'node');

/** @param {string} version like `v24.16.0` */
export function isSuitable(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = oldestNode;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** The Node that everything runs under: this one, or the private one. */
export function suitableNode() {
  return isSuitable(process.version) ? process.execPath : privateNode;
}

/** The environment in which a plain `node`, wherever it is called, is the suitable one. */
export function suitableEnvironment() {
  return {
    ...process.env,
    PATH: [dirname(suitableNode()), join(root, 'node_modules', '.bin'), process.env.PATH]
      .filter(Boolean)
      .join(delimiter),
    // What is started from here need not look again whether everything is set up.
    MESSENGER_READY: '1',
  };
}

/**
 * npm's own program: run by npm, npm tells; else it lies beside node, or where the `npm` on the PATH points.
 * @returns {string | null} the path of a JavaScript file
 */
export function npmProgram() {
  const told = process.env.npm_execpath;
  if (told && /npm-cli\.c?js$/.test(told) && existsSync(told)) return told;
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (existsSync(beside)) return beside;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, 'npm');
    if (!existsSync(file)) continue;
    const real = realpathSync(file);
    if (/\.c?js$/.test(real)) return real;
    const near = join(dirname(real), 'node_modules', 'npm', 'bin', 'npm-cli.js');
    if (existsSync(near)) return near;
  }
  return null;
}

/**
 * Runs a program to its end and keeps what it says.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, say?: (text: string) => void }} [how]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(program, args, { env = process.env, say = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const hear = (chunk) => {
      output += chunk;
      say(String(chunk));
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), output }));
  });
}

/**
 * Becomes another program as far as that is possible: its terminal, its signals, its exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<never>}
 */
export function handOver(program, args) {
  return new Promise((_resolve, reject) => {
    const child = spawn(program, args, { env: suitableEnvironment(), stdio: 'inherit' });
    const pass = (signal) => {
      // Ctrl-C in a terminal reaches the whole group; a second one would look like impatience.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
    child.on('error', reject);
    child.on('close', (code, signal) => process.exit(code ?? 128 + (osConstants.signals[signal] ?? 0)));
  });
}

/** @param {string} path */
export function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} path @returns {string | null} */
export function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
