import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import type { Checkpointed } from './sqlite-checkpoints.ts';

const { file } = workerData as { readonly file: string };
const db = new Sqlite(file, { timeout: 1_000 });

/**
 * While pages move, commits wait longer for the disk. So they move seldom: when so many wait (16 MiB), or when any waited
 * for so long (ms). A page that was written often in between moves once.
 */
const manyPages = 4_096;
const restMs = 10_000;
let movedAt = performance.now();

parentPort?.on('message', (order: 'look' | 'stop') => {
  if (order === 'stop') {
    db.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(look());
});

/** A full or failing disk stops the writer too, which says so. */
function look(): Checkpointed {
  try {
    const present = checkpoint('NOOP');
    const waiting = present.pages - present.moved;
    if (waiting === 0 || (waiting < manyPages && performance.now() - movedAt < restMs)) return present;
    const moved = checkpoint('PASSIVE');
    movedAt = performance.now();
    return moved;
  } catch {
    return { pages: 0, moved: 0 };
  }
}

function checkpoint(mode: 'NOOP' | 'PASSIVE'): Checkpointed {
  const [answer] = db.pragma(`wal_checkpoint(${mode})`) as { log: number; checkpointed: number }[];
  return { pages: answer?.log ?? 0, moved: answer?.checkpointed ?? 0 };
}
