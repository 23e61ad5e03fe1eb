import { createHash } from 'node:crypto';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

/** An instance folder, and what lies where in it. */
export interface Home {
  readonly folder: string;
  readonly config: string;
  /** Mode 0600. */
  readonly secrets: string;
  readonly data: string;
  readonly database: string;
  readonly messages: string;
  /** The search index: it can be made anew. */
  readonly search: string;
  /** Of the running server alone: lock, pid. Nothing in it must survive. */
  readonly run: string;
  /** The management socket. Its folder has mode 0700: that is the guard. */
  readonly socket: string;
  readonly logs: string;
  readonly logFile: string;
  readonly backups: string;
}

/** A unix socket's path has room for 104 bytes on macOS and 108 on Linux, the ending zero included. */
const socketPathBytes = 103;

export function homeAt(folder: string): Home {
  const absolute = resolve(folder);
  const run = join(absolute, 'run');
  return {
    folder: absolute,
    config: join(absolute, 'messenger.yaml'),
    secrets: join(absolute, 'secrets.json'),
    data: join(absolute, 'data'),
    database: join(absolute, 'data', 'messenger.db'),
    messages: join(absolute, 'data', 'messages.db'),
    search: join(absolute, 'data', 'search.db'),
    run,
    socket: socketPath(absolute, join(run, 'messenger.sock')),
    logs: join(absolute, 'logs'),
    logFile: join(absolute, 'logs', 'messenger.log'),
    backups: join(absolute, 'backups'),
  };
}

function socketPath(folder: string, wanted: string): string {
  if (Buffer.byteLength(wanted) <= socketPathBytes) return wanted;
  const mark = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `messenger-${userInfo().uid}-${mark}`, 'messenger.sock');
}

/** The folder of the instance that is meant: by flag, by MESSENGER_HOME, else the one under the user's data directory. */
export function chosenFolder(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const told = flag ?? env.MESSENGER_HOME;
  if (told !== undefined && told !== '') return resolve(told);
  const data = env.XDG_DATA_HOME;
  if (data !== undefined && data !== '') return join(data, 'messenger');
  const own = env.HOME || homedir();
  return process.platform === 'darwin'
    ? join(own, 'Library', 'Application Support', 'messenger')
    : join(own, '.local', 'share', 'messenger');
}
