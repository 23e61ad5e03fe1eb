import { closeSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect as KyselyDialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { AppError } from '../../protocol/errors.ts';
import { storeError } from './store-error.ts';

/** How long a write waits for another process (a check, a copy) that holds the file. */
const busyTimeoutMs = 5_000;

/**
 * Opens the file, or makes it, readable by its owner only. Nothing is written to one that exists, until
 * `prepareForWriting`.
 */
export function openSqliteFile(file: string): Sqlite.Database {
  try {
    if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
    const connection = new Sqlite(file, { timeout: busyTimeoutMs });
    connection.pragma('foreign_keys = on');
    return connection;
  } catch (error) {
    throw unopened(error);
  }
}

function unopened(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_')) return storeError(error);
  const reason = code === 'ENOSPC' ? 'disk_full' : code === 'EROFS' || code === 'EACCES' ? 'read_only' : null;
  return new AppError('unavailable', reason ?? 'store_unreachable', { cause: error });
}

/** A commit that was answered survives a power cut. */
export function prepareForWriting(connection: Sqlite.Database): void {
  try {
    connection.pragma('journal_mode = wal');
    connection.pragma('synchronous = full');
  } catch (error) {
    throw storeError(error);
  }
}

/**
 * Kysely keeps other work off the one connection while a transaction has it. A transaction never waits for anything but
 * its own statements, so that what stands behind it waits for milliseconds.
 */
export function sqliteStoreDialect(connection: Sqlite.Database, committed: () => void): KyselyDialect {
  return {
    createDriver: () => new SqliteStoreDriver(connection, committed),
    createAdapter: () => new TransactionalAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (database) => new SqliteIntrospector(database),
  };
}

/** A migration that fails half-way leaves nothing behind. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SqliteStoreDriver extends SqliteDriver {
  readonly #connection: Sqlite.Database;

  constructor(connection: Sqlite.Database, committed: () => void) {
    super({ database: translating(connection, committed) });
    this.#connection = connection;
  }

  /** Takes the write lock first: one that reads before it writes would fail, not wait, when another process wrote. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** A full disk ends a transaction by itself. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#connection.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** Statements are prepared once, and errors are told as stores tell them. */
function translating(connection: Sqlite.Database, committed: () => void): SqliteDatabase {
  const prepared = new Map<string, ReturnType<SqliteDatabase['prepare']>>();
  return {
    close: () => connection.close(),
    prepare(text) {
      const known = prepared.get(text);
      if (known) return known;
      const statement = translated(() => connection.prepare<unknown[], unknown>(text));
      const made: ReturnType<SqliteDatabase['prepare']> = {
        reader: statement.reader,
        all: (parameters) => translated(() => statement.all(...parameters)),
        run: (parameters) => {
          const result = translated(() => statement.run(...parameters));
          if (!connection.inTransaction) committed();
          return result;
        },
        iterate: (parameters) => translated(() => statement.iterate(...parameters)),
      };
      if (prepared.size < 500) prepared.set(text, made);
      return made;
    },
  };
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error);
  }
}
