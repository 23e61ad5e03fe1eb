import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { makeSearchFinder } from './sqlite-search-finder.ts';
import type { ThreadAnswer, ThreadOrder, ThreadRole } from './sqlite-search-threads.ts';
import { makeSearchWriter } from './sqlite-search-writer.ts';

const { file, role } = workerData as { readonly file: string; readonly role: ThreadRole };
const db = new Sqlite(file, { timeout: 5_000 });
// What a power cut takes back, the marks forget too.
db.pragma('synchronous = normal');
db.pragma('secure_delete = fast');
db.pragma(`cache_size = ${role === 'writer' ? -16_384 : -8_192}`);
if (role === 'finder') {
  db.pragma('mmap_size = 1073741824');
  db.pragma('query_only = on');
}
if (role === 'writer') giveWay();
const methods = (role === 'writer' ? makeSearchWriter(db) : { find: makeSearchFinder(db) }) as Readonly<
  Record<string, (...ask: unknown[]) => unknown>
>;

/** To the threads that people wait for. Linux has priorities of threads; elsewhere this would be the whole process's. */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.max(10, getPriority()));
  } catch {
    // A sandbox may forbid it. It works without, only less politely.
  }
}

parentPort?.on('message', ({ id, method, ask }: ThreadOrder) => {
  if (method === 'close') {
    db.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(answer(id, method, ask));
});

function answer(id: number, method: string, ask: readonly unknown[]): ThreadAnswer {
  try {
    return { id, value: methods[method]?.(...ask) };
  } catch (error) {
    const code = error instanceof Sqlite.SqliteError ? error.code : null;
    return { id, failed: { code, message: error instanceof Error ? (error.stack ?? error.message) : String(error) } };
  }
}
