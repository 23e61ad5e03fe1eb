import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { AppError } from '../../protocol/errors.ts';
import type { Dialect } from './dialect.ts';
import { migrations } from './migrations/migrations.ts';
import type { Schema } from './schema.ts';

/** As much of a database as this needs: it looks before there is one to work with. */
interface Target {
  readonly query: Kysely<Schema>;
  readonly dialect: Dialect;
}

const table = 'accounts_migration';
const lockTable = 'accounts_migration_lock';

/**
 * Brings the database to this version; answers the names of the steps it took, none the second time. A step that fails
 * leaves nothing behind. Several processes may do it at once. Throws as `openDatabase` does.
 */
export async function migrate(database: Target): Promise<readonly string[]> {
  await refuseForeign(database);
  const migrator = new Migrator({
    db: database.query,
    provider: { getMigrations: async () => Object.fromEntries(steps(database.dialect)) },
    migrationTableName: table,
    migrationLockTableName: lockTable,
    // The order of the numbers, whatever the language of the machine.
    nameComparator: (a, b) => (a < b ? -1 : Number(a > b)),
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => nameOf(result.migrationName));
}

/** Names of the steps that `migrate` would take. */
export async function pendingMigrations(database: Target): Promise<readonly string[]> {
  const done = new Set((await recorded(database)).map(nameOf));
  return migrations.map((migration) => migration.name).filter((name) => !done.has(name));
}

/** Throws where the database was made by other migrations than ours. Reads only. */
export async function refuseForeign(database: Target): Promise<void> {
  const known = new Map(steps(database.dialect).map(([label]) => [nameOf(label), label]));
  for (const label of await recorded(database)) {
    const ours = known.get(nameOf(label));
    if (ours === undefined) {
      throw refusal(
        'database_newer',
        `A newer version of Messenger made this database (${nameOf(label)}). Install that version, or restore a backup made before it.`,
      );
    }
    if (ours !== label) {
      throw refusal(
        'migration_changed',
        `The migration ${nameOf(label)} is not the one that made this database. Install an unaltered version of Messenger.`,
      );
    }
  }
}

function refusal(reason: string, says: string): AppError {
  return new AppError('unavailable', reason, { cause: new Error(says) });
}

/** By label: a name and the checksum of its text, so that a changed migration is another one. */
function steps({ types }: Dialect): [string, Migration][] {
  return migrations.map((migration) => {
    const statements = migration.statements(types);
    const sum = createHash('sha256').update(statements.join(';\n')).digest('hex').slice(0, 16);
    const up: Migration['up'] = async (database) => {
      for (const statement of statements) await sql.raw(statement).execute(database);
    };
    return [`${migration.name}:${sum}`, { up }];
  });
}

function nameOf(label: string): string {
  return label.slice(0, label.lastIndexOf(':'));
}

async function recorded({ query, dialect }: Target): Promise<readonly string[]> {
  const found = await dialect.findTable(table).execute(query);
  if (found.rows.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(query);
  return rows.map((row) => row.name);
}
