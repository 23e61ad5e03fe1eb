import { rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { Clock } from '../../ports/clock.ts';
import type { SearchIndex } from '../../ports/search-index.ts';
import { AppError } from '../../protocol/errors.ts';
import { openSqliteFile, prepareForWriting } from './sqlite-connection.ts';
import { makeSearchFinder } from './sqlite-search-finder.ts';
import { migrateSearch } from './sqlite-search-schema.ts';
import { makeSearchThread, type SearchThread } from './sqlite-search-threads.ts';
import { makeSearchWriter } from './sqlite-search-writer.ts';
import { storeError } from './store-error.ts';

/**
 * The index in a file of its own. One thread writes it and another one reads it, so that the main one waits for neither;
 * `:memory:` is for tests and has none. A file that is damaged or of another version is made anew. Throws AppError
 * `unavailable` when it cannot be opened.
 */
export async function openSqliteSearchIndex({
  file,
  clock,
}: {
  readonly file: string;
  readonly clock: Clock;
}): Promise<SearchIndex> {
  const db = openFile(file);
  if (file === ':memory:') return indexOn(inline(db), clock);
  db.close();
  const [writer, finder] = [makeSearchThread(file, 'writer'), makeSearchThread(file, 'finder')];
  return indexOn(
    {
      ask: (method, ...ask) => (method === 'find' ? finder : writer).ask(method, ...ask),
      close: async () => void (await Promise.all([writer.close(), finder.close()])),
    },
    clock,
  );
}

function openFile(file: string): Database {
  return tryToOpen(file) ?? tryToOpen(removed(file)) ?? unusable();
}

/** Null: what is there is of no use. */
function tryToOpen(file: string): Database | null {
  const db = openSqliteFile(file);
  try {
    prepareForWriting(db);
    if (migrateSearch(db)) return db;
  } catch (error) {
    const told = storeError(error);
    if (!(told instanceof AppError) || told.reason !== 'store_damaged') {
      db.close();
      throw told;
    }
  }
  db.close();
  return null;
}

function removed(file: string): string {
  for (const each of [file, `${file}-wal`, `${file}-shm`]) rmSync(each, { force: true });
  return file;
}

function unusable(): never {
  throw new AppError('unavailable', 'store_damaged');
}

function inline(db: Database): SearchThread {
  const methods = { ...makeSearchWriter(db), find: makeSearchFinder(db) } as unknown as Readonly<
    Record<string, (...ask: unknown[]) => unknown>
  >;
  return {
    async ask(method, ...ask) {
      try {
        return methods[method]?.(...ask);
      } catch (error) {
        throw storeError(error);
      }
    },
    async close() {
      db.close();
    },
  };
}

type Asking = Omit<SearchIndex, 'health' | 'close' | 'find' | 'claim' | 'store'>;

function indexOn({ ask, close }: SearchThread, clock: Clock): SearchIndex {
  const asking =
    <M extends keyof Asking>(method: M) =>
    (...of: Parameters<Asking[M]>) =>
      ask(method, ...of) as ReturnType<Asking[M]>;
  return {
    prepare: asking('prepare'),
    clear: asking('clear'),
    marks: asking('marks'),
    count: asking('count'),
    claim: (...of) => ask('claim', clock.now(), ...of) as ReturnType<SearchIndex['claim']>,
    store: (...of) => ask('store', clock.now(), ...of) as ReturnType<SearchIndex['store']>,
    drop: asking('drop'),
    forget: asking('forget'),
    async find(wanted) {
      if (wanted.behind !== null && !/^\d{1,16}$/.test(wanted.behind)) throw new AppError('invalid', 'cursor_invalid');
      return (await ask('find', wanted)) as Awaited<ReturnType<SearchIndex['find']>>;
    },
    async health() {
      try {
        await ask('touch');
        return { ok: true, says: 'SQLite writes' };
      } catch (error) {
        return { ok: false, says: error instanceof AppError ? error.reason : String(error) };
      }
    },
    close,
  };
}
