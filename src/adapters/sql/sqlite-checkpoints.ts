import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';

/** What the worker answers: pages in the write-ahead log, and how many of them are in the file. */
export interface Checkpointed {
  readonly pages: number;
  readonly moved: number;
}

export interface Checkpoints {
  /** Something was committed. */
  due(): void;
  stop(): Promise<void>;
}

/** So often, ms, it is looked at, while anything is written or waits. */
const everyMs = 500;
/** The write-ahead log begins anew only when all of it is moved; beyond so many pages (64 MiB) that is made to happen. */
const mostPages = 16_384;

const source = new URL('./sqlite-checkpointer.ts', import.meta.url);
/** Compiled, it lies beside this file under the other ending. */
const script = import.meta.url.endsWith('.ts') ? source : new URL(source.href.replace(/\.ts$/, '.js'));

/**
 * Moves what was committed from the write-ahead log into the file, in a thread of its own: on the writer's, each time
 * would hold up everybody for as long as the disk takes. The thread begins with the first of them.
 */
export function makeCheckpoints(db: Database, file: string): Checkpoints {
  db.pragma('wal_autocheckpoint = 0');
  let worker: Worker | null = null;
  let timer: NodeJS.Timeout | null = null;
  let working = false;
  let written = false;
  let ended = false;

  function start(): Worker {
    const started = new Worker(script, { workerData: { file } });
    started.unref();
    started.on('message', heed);
    // They go on in the main thread, then.
    started.on('error', () => {
      ended = true;
      if (db.open) db.pragma('wal_autocheckpoint = 1000');
    });
    return started;
  }

  function begin(): void {
    timer = null;
    written = false;
    working = true;
    worker ??= start();
    worker.postMessage('look');
  }

  function heed({ pages, moved }: Checkpointed): void {
    working = false;
    // Under steady load the end is never reached from over there; here nothing is written meanwhile.
    if (pages > mostPages && moved < pages && !ended) db.pragma('wal_checkpoint(PASSIVE)');
    if (written || moved < pages) schedule();
  }

  function schedule(): void {
    if (!ended && !working && timer === null) timer = setTimeout(begin, everyMs).unref();
  }

  return {
    due() {
      written = true;
      schedule();
    },
    async stop(): Promise<void> {
      if (timer !== null) clearTimeout(timer);
      const running = ended ? null : worker;
      ended = true;
      if (running === null) return;
      running.ref();
      const gone = once(running, 'exit');
      running.postMessage('stop');
      await gone;
    },
  };
}
