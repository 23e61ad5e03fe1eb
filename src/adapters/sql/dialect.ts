import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../ports/clock.ts';

/** All in which SQLite and PostgreSQL differ for the stores. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** The store's clock, ms. */
  now(): RawBuilder<number>;
  /** A list of texts as a table expression: one parameter, however many there are. */
  texts(values: readonly string[]): RawBuilder<{ value: string }>;
  /** Rows as a table expression with these columns: one parameter, however many there are. */
  rows(columns: Readonly<Record<string, 'text' | 'number'>>, values: readonly object[]): RawBuilder<unknown>;
  /** Ends a select within a write: nobody else changes these rows before it is over. */
  lock(table?: string): RawBuilder<unknown>;
  /** As `lock`, leaving out rows that somebody else holds. */
  lockFree(): RawBuilder<unknown>;
  /** Said first in a write: of those that name the same table, the next goes on when this one is over. */
  inTurn(table: string): RawBuilder<unknown>;
  /** Runs work whose commits on this connection do not wait for the disk. */
  lightly<DB, T>(connection: Kysely<DB>, work: () => Promise<T>): Promise<T>;
  /** Answers one row where there is such a table. */
  findTable(name: string): RawBuilder<unknown>;
  /** Answers `ok` in the column `says`, or what is wrong with the database. */
  check(): RawBuilder<{ says: string }>;
  /** Column types of migrations. What they answer is part of a migration's checksum. */
  readonly types: {
    /** Text that sorts by code point, whatever the database's locale. */
    readonly text: string;
    readonly number: string;
    /** A primary key that the database counts up. */
    readonly counter: string;
    readonly bytes: string;
  };
}

export function sqliteDialect(clock: Clock): Dialect {
  return {
    name: 'sqlite',
    now: () => sql<number>`${clock.now()}`,
    texts: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,
    rows(columns, values) {
      const fields = Object.keys(columns).map((column) => sql`value ->> ${sql.lit(column)} as ${sql.ref(column)}`);
      return sql`(select ${sql.join(fields)} from json_each(${JSON.stringify(values)}))`;
    },
    lock: () => sql``,
    lockFree: () => sql``,
    inTurn: () => sql`select 1`,
    lightly: (connection, work) =>
      between(connection, 'pragma synchronous = normal', work, 'pragma synchronous = full'),
    findTable: (name) => sql`select 1 from sqlite_master where type = 'table' and name = ${name}`,
    check: () => sql`select quick_check as says from pragma_quick_check limit 1`,
    types: { text: 'text', number: 'integer', counter: 'integer primary key autoincrement', bytes: 'blob' },
  };
}

export const postgresDialect: Dialect = {
  name: 'postgres',
  now: () => sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  texts: (values) => sql`(select unnest(${values}::text[]) as value)`,
  rows(columns, values) {
    const fields = Object.entries(columns).map(
      ([column, type]) => sql`${sql.ref(column)} ${sql.raw(type === 'number' ? 'bigint' : 'text')}`,
    );
    return sql`(select * from json_to_recordset(${JSON.stringify(values)}::json) as given(${sql.join(fields)}))`;
  },
  lock: (table) => (table === undefined ? sql`for no key update` : sql`for no key update of ${sql.ref(table)}`),
  lockFree: () => sql`for no key update skip locked`,
  inTurn: (table) => sql`select pg_advisory_xact_lock(${table}::regclass::oid::bigint)`,
  lightly: (connection, work) =>
    between(connection, 'set synchronous_commit = off', work, 'set synchronous_commit = on'),
  findTable: (name) => sql`select 1 where to_regclass(${name}) is not null`,
  check: () => sql`select 'ok' as says`,
  types: {
    text: 'text collate "C"',
    number: 'bigint',
    counter: 'bigint generated always as identity primary key',
    bytes: 'bytea',
  },
};

async function between<DB, T>(connection: Kysely<DB>, first: string, work: () => Promise<T>, last: string): Promise<T> {
  await sql.raw(first).execute(connection);
  try {
    return await work();
  } finally {
    await sql.raw(last).execute(connection);
  }
}
