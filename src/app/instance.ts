import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { takeLock } from '../adapters/system/folder-lock.ts';
import { makeLog } from '../adapters/system/log.ts';
import { loadConfig, onPort } from '../config/config.ts';
import { type Home, homeAt } from '../config/home.ts';
import { Problem } from '../config/problem.ts';
import type { Config } from '../config/schema.ts';
import { loadSecrets } from '../config/secrets.ts';
import { asProblem } from '../config/whole-file.ts';
import type { Call } from '../core/call.ts';
import { AppError } from '../protocol/errors.ts';
import type { InputToSend, OperationName, Output } from '../protocol/operations.ts';
import { makeDispatcher } from '../server/dispatch.ts';
import { type Composition, composePlatform } from './compose.ts';
import { makeCoreParts } from './core-parts.ts';
import { answers, callManagement } from './management-client.ts';
import { type Role, startNode } from './node.ts';
import { startProblem } from './start-problem.ts';

/** Writes one line of the log, its end included. */
type WriteLog = (line: string) => void;

export interface ServeOptions {
  /** Instead of the configured ones. */
  readonly port?: number;
  readonly host?: string;
  readonly insecure?: boolean;
  readonly roles?: readonly Role[];
  /** Where the log goes; standard error unless given. */
  readonly writeLog?: WriteLog;
}

/** A server of this process. */
export interface Running {
  readonly port: number;
  /** The address people use. */
  readonly address: string;
  readonly config: Config;
  /** Drains and closes everything. Twice does no harm. */
  stop(): Promise<void>;
}

/** A way to ask an instance as the owner of its host. */
export interface Connection {
  /** Rejects with AppError. */
  call<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>>;
  /** Over the running server's socket, or on the stores themselves. */
  readonly via: 'socket' | 'direct';
  close(): Promise<void>;
}

/** A command that works on the stores itself is done soon; whoever finds the lock taken waits for it so long. */
const lockPatienceMs = 5_000;

/**
 * Runs the instance in this process. Throws Problem for what its owner can mend: `already_running`, `port_in_use`,
 * `read_only`, `disk_full`, `database_newer`, what the configuration says, and others of `ProblemFacts`.
 */
export async function serveInstance(folder: string, options: ServeOptions = {}): Promise<Running> {
  const home = homeAt(folder);
  const config = withOptions(await loadConfig(folder), options);
  const release = await lock(home);
  if (release === null) throw new Problem('already_running', { home: home.folder });
  try {
    const composition = await openInstance(home, config, options.writeLog);
    const node = await startNode(composition, {
      roles: options.roles ?? ['api', 'worker'],
      managementPath: home.socket,
    }).catch(async (error: unknown) => {
      await composition.close();
      throw error;
    });
    return {
      port: node.port,
      address: composition.platform.settings.address,
      config,
      async stop() {
        await node.stop();
        await composition.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw startProblem(error, home, config);
  }
}

/**
 * Asks the running server over its socket; where none runs, opens the stores in this process, which keeps servers from
 * starting until `close`. Throws Problem as `serveInstance` does, and `not_answering` when a server lives but is mute.
 */
export async function connectInstance(
  folder: string,
  options: { readonly writeLog?: WriteLog } = {},
): Promise<Connection> {
  const home = homeAt(folder);
  const config = await loadConfig(folder);
  const found = await findWay(home);
  if (found === 'socket') {
    return {
      via: 'socket',
      call: (op, input) => callManagement(home.socket, op, input),
      close: async () => {},
    };
  }
  try {
    return direct(await openInstance(home, config, options.writeLog), found);
  } catch (error) {
    found();
    throw startProblem(error, home, config);
  }
}

/** The lock on the folder decides: whoever gets it knows that no server runs. */
async function findWay(home: Home): Promise<'socket' | (() => void)> {
  for (const until = Date.now() + lockPatienceMs; ; await wait(50)) {
    if (await answers(home.socket)) return 'socket';
    const release = await lock(home);
    if (release !== null) return release;
    if (Date.now() > until) throw new Problem('not_answering', { home: home.folder, pid: await recordedPid(home) });
  }
}

/** What the server's record says; 0 where it says nothing. */
async function recordedPid(home: Home): Promise<number> {
  try {
    const record = JSON.parse(await readFile(join(home.run, 'server.json'), 'utf8'));
    return typeof record.pid === 'number' ? record.pid : 0;
  } catch {
    return 0;
  }
}

function direct(composition: Composition, release: () => void): Connection {
  const { platform } = composition;
  const { auth, messaging, handlers } = makeCoreParts(composition, {
    connections: () => 0,
    startedAt: platform.clock.now(),
  });
  const dispatcher = makeDispatcher({ handlers, log: platform.log, clock: platform.clock, epoch: () => '' });
  const call: Call = { caller: { kind: 'local' }, address: null, origin: null, receiver: null };
  return {
    via: 'direct',
    async call<N extends OperationName>(op: N, input: InputToSend<N>) {
      const reply = await dispatcher.dispatch(op, input, call, 'management', null);
      if (reply.ok) return reply.output as Output<N>;
      const { code, reason, ...more } = reply.error;
      throw new AppError(code, reason, more);
    },
    async close() {
      await messaging.stop();
      await auth.stop();
      await composition.close();
      release();
    },
  };
}

async function openInstance(home: Home, config: Config, writeLog: WriteLog | undefined): Promise<Composition> {
  const secrets = await loadSecrets(home.folder);
  await mkdir(home.data, { recursive: true, mode: 0o700 });
  await tryToWrite(home.data);
  const write = writeLog ?? ((line: string) => void process.stderr.write(line));
  const log = makeLog({ level: config.log.level, destination: { write } });
  return composePlatform({ config, secrets, home, log });
}

/** Finds a full disk and a read-only folder before a database does, which would say it less clearly. */
async function tryToWrite(folder: string): Promise<void> {
  const path = join(folder, `.try-${process.pid}`);
  try {
    await writeFile(path, Buffer.alloc(64 * 1024), { mode: 0o600, flush: true });
  } catch (error) {
    throw asProblem(error, folder);
  } finally {
    await rm(path, { force: true });
  }
}

async function lock(home: Home): Promise<(() => void) | null> {
  try {
    await mkdir(home.run, { recursive: true, mode: 0o700 });
    return takeLock(join(home.run, 'lock'));
  } catch (error) {
    await tryToWrite(home.run);
    throw asProblem(error, home.run);
  }
}

function withOptions(config: Config, { port, host, insecure }: ServeOptions): Config {
  const moved = port === undefined ? config : onPort(config, port);
  return { ...moved, host: host ?? moved.host, insecure: insecure ?? moved.insecure };
}
