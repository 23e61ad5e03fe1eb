import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import type { Checkpointed } from './sqlite-checkpoints.ts';

const { file } = workerData as { readonly file: string };
const db = new Sqlite(file, { timeout: 1_000 });

parentPort?.on('message', (order: 'checkpoint' | 'stop') => {
  if (order === 'stop') {
    db.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(checkpoint());
});

/** A full or failing disk stops the writer too, which says so. */
function checkpoint(): Checkpointed {
  try {
    const [answer] = db.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[];
    return { pages: answer?.log ?? 0, moved: answer?.checkpointed ?? 0 };
  } catch {
    return { pages: 0, moved: 0 };
  }
}
