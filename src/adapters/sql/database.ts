import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type { Clock } from '../../ports/clock.ts';
import { AppError } from '../../protocol/errors.ts';
import { type Dialect, postgresDialect, sqliteDialect } from './dialect.ts';
import { refuseForeign } from './migration.ts';
import { openPostgresPool } from './postgres-connection.ts';
import type { Schema } from './schema.ts';
import { type Checkpoints, makeCheckpoints } from './sqlite-checkpoints.ts';
import { openSqliteFile, prepareForWriting, sqliteStoreDialect } from './sqlite-connection.ts';
import { isCollision } from './store-error.ts';

/** Where the database lies. `file` may be `:memory:`. */
export type DatabaseAddress =
  | { readonly store: 'sqlite'; readonly file: string }
  | { readonly store: 'postgres'; readonly url: string };

/**
 * A SQL database. Its work throws AppError `unavailable` with the reason `store_unreachable`, `disk_full`, `read_only` or
 * `store_damaged`; what was not acknowledged may then be there or not.
 */
export interface Database {
  readonly dialect: Dialect;
  /** For reads, and for writes of one statement. */
  readonly query: Kysely<Schema>;
  /**
   * Runs `work` as one transaction, for at most 30 s. Another one may collide with it; then it runs anew, so that it must
   * change nothing but the database. It awaits nothing else either: on SQLite everybody waits for it.
   */
  write<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /**
   * As `write`, for what is said again by itself (marks, last use, beats): a power cut may take it back, a killed process
   * does not, and nobody waits for the disk.
   */
  writeLightly<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** `says` is for people. */
  health(): Promise<{ readonly ok: boolean; readonly says: string }>;
  close(): Promise<void>;
}

/** Before this the commit must have begun: a reader looks 60 s behind the time that a write was stamped with. */
const writeMs = 20_000;
const tries = 5;

/**
 * Opens the database; it may not be migrated yet. Throws AppError `unavailable` when it is out of reach, with the reason
 * `database_newer` when a newer version wrote it, and `migration_changed` when other migrations than ours made it; both
 * leave it as it was.
 */
export async function openDatabase(address: DatabaseAddress, clock: Clock): Promise<Database> {
  return address.store === 'sqlite' ? await openSqlite(address.file, clock) : await openPostgres(address.url);
}

async function openSqlite(file: string, clock: Clock): Promise<Database> {
  const connection = openSqliteFile(file);
  let checkpoints: Checkpoints | null = null;
  const query = new Kysely<Schema>({ dialect: sqliteStoreDialect(connection, () => checkpoints?.due()) });
  const database = databaseOn(query, sqliteDialect(clock), async () => await checkpoints?.stop());
  return await checked(database, () => {
    prepareForWriting(connection);
    if (file !== ':memory:') checkpoints = makeCheckpoints(connection, file);
  });
}

async function openPostgres(url: string): Promise<Database> {
  const dialect = new PostgresDialect({ pool: openPostgresPool(url) });
  return await checked(databaseOn(new Kysely({ dialect }), postgresDialect), () => {});
}

async function checked(database: Database, prepare: () => void): Promise<Database> {
  try {
    await refuseForeign(database);
    prepare();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function databaseOn(query: Kysely<Schema>, dialect: Dialect, beforeClosing = async () => {}): Database {
  return {
    dialect,
    query,
    write: (work) => transact(query, work),
    writeLightly: (work) =>
      query.connection().execute((connection) => dialect.lightly(connection, () => transact(connection, work))),
    async health() {
      try {
        await query.selectNoFrom(dialect.now().as('now')).execute();
        return { ok: true, says: 'answers' };
      } catch (error) {
        return { ok: false, says: error instanceof AppError ? error.reason : String(error) };
      }
    },
    async close() {
      await beforeClosing();
      await query.destroy();
    },
  };
}

async function transact<T>(query: Kysely<Schema>, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await query.transaction().execute(async (transaction) => await inTime(work(transaction)));
    } catch (error) {
      if (attempt === tries || !isCollision(error)) throw error;
    }
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work;
  if (performance.now() - began > writeMs)
    throw new AppError('unavailable', 'store_unreachable', { cause: new Error('the write took too long') });
  return result;
}

/** Whether the database is whole: a look at all of it on SQLite, a question to PostgreSQL, which looks itself. */
export async function checkDatabase(database: Database): Promise<{ readonly ok: boolean; readonly says: string }> {
  try {
    const { rows } = await database.dialect.check().execute(database.query);
    const says = rows[0]?.says ?? 'ok';
    return { ok: says === 'ok', says };
  } catch (error) {
    return { ok: false, says: error instanceof Error ? error.message : String(error) };
  }
}
