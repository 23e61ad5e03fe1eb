import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe } from 'vitest';
import { type Database, type DatabaseAddress, openDatabase } from '../../src/adapters/sql/database.ts';
import { migrate } from '../../src/adapters/sql/migration.ts';
import { openSqlStores } from '../../src/adapters/sql/sql-stores.ts';
import { makeHandClock } from './clock.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';

export type Stores = ReturnType<typeof openSqlStores>;

/** One test's own, empty database. */
export interface TestDatabase {
  readonly address: DatabaseAddress;
  readonly database: Database;
  readonly stores: Stores;
  /** The same database, as another server process has it. Null on SQLite, which has one. */
  another(): Promise<Stores | null>;
  /** Lets the store's clock go on by at least this, which should be little: one of them is real. */
  pass(ms: number): Promise<void>;
}

const postgres = await startPostgres();

/** Runs the suite on SQLite in memory, SQLite on disk and PostgreSQL. Every test makes a database of its own. */
export function onEveryDatabase(name: string, suite: (fresh: () => Promise<TestDatabase>) => void): void {
  afterAll(async () => {
    await postgres?.stop();
  });
  describe(`${name} on SQLite in memory`, () => suite(withCare(async () => ({ store: 'sqlite', file: ':memory:' }))));
  describe(`${name} on SQLite on disk`, () =>
    suite(withCare(async (folder) => ({ store: 'sqlite', file: join(folder(), 'test.db') }))));
  describe.skipIf(!postgres)(`${name} on PostgreSQL`, () =>
    suite(withCare(async () => ({ store: 'postgres', url: await (postgres as TestPostgres).freshDatabase() }))),
  );
}

/** Closes and removes after each test what it made. */
function withCare(addressOf: (folder: () => string) => Promise<DatabaseAddress>): () => Promise<TestDatabase> {
  const undo: (() => unknown)[] = [];
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'messenger-sql-'));
    undo.push(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  return async () => {
    const clock = makeHandClock();
    const address = await addressOf(folder);
    const open = async () => {
      const database = await openDatabase(address, clock);
      undo.push(() => database.close());
      return database;
    };
    const database = await open();
    await migrate(database);
    const stores = openSqlStores(database);
    return {
      address,
      database,
      stores,
      another: async () => (address.store === 'sqlite' ? null : openSqlStores(await open())),
      async pass(ms) {
        const until = (await stores.sessions.now()) + ms;
        clock.advance(ms);
        while ((await stores.sessions.now()) < until) await pause(1);
      },
    };
  };
}
