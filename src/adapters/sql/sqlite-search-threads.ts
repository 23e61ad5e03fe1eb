import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { storeError } from './store-error.ts';

export type ThreadRole = 'writer' | 'finder';
export interface ThreadOrder {
  readonly id: number;
  readonly method: string;
  readonly ask: readonly unknown[];
}
export type ThreadAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failed: { readonly code: string | null; readonly message: string } };

/** A thread with a connection of its own to the file. It begins with the first order, and again after it died. */
export interface SearchThread {
  /** Rejects as stores do. */
  ask(method: string, ...ask: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

const source = new URL('./sqlite-search-thread.ts', import.meta.url);
/** Compiled, it lies beside this file under the other ending. */
const script = import.meta.url.endsWith('.ts') ? source : new URL(source.href.replace(/\.ts$/, '.js'));

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export function makeSearchThread(file: string, role: ThreadRole): SearchThread {
  const pending = new Map<number, Pending>();
  let worker: Worker | null = null;
  let orders = 0;
  let closed = false;

  function start(): Worker {
    const started = new Worker(script, { workerData: { file, role } });
    started.unref();
    started.on('message', heed);
    let cause: unknown = null;
    started.on('error', (error) => {
      cause = error;
    });
    started.on('exit', () => {
      if (worker === started) worker = null;
      for (const { reject } of pending.values()) reject(lost(cause));
      pending.clear();
    });
    return started;
  }

  function heed(answer: ThreadAnswer): void {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if (pending.size === 0) worker?.unref();
    if ('value' in answer) waiting?.resolve(answer.value);
    else waiting?.reject(errorOf(answer.failed));
  }

  return {
    ask(method, ...ask) {
      if (closed) return Promise.reject(lost(null));
      worker ??= start();
      worker.ref();
      const id = orders++;
      const answered = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject }));
      worker.postMessage({ id, method, ask } satisfies ThreadOrder);
      return answered;
    },
    async close() {
      closed = true;
      if (worker === null) return;
      worker.ref();
      const gone = once(worker, 'exit');
      worker.postMessage({ id: orders++, method: 'close', ask: [] } satisfies ThreadOrder);
      await gone;
    },
  };
}

function errorOf({ code, message }: { readonly code: string | null; readonly message: string }): unknown {
  return code === null ? new Error(message) : storeError(new Sqlite.SqliteError(message, code));
}

function lost(cause: unknown): unknown {
  const told = new Sqlite.SqliteError('the thread of the search index ended', 'SQLITE_IOERR');
  told.cause = cause;
  return storeError(told);
}
