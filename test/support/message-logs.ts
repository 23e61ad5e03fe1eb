import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openMongoMessageLog } from '../../src/adapters/mongo/message-log.ts';
import { openPostgresMessageLog } from '../../src/adapters/sql/postgres-message-log.ts';
import { openSqliteMessageLog } from '../../src/adapters/sql/sqlite-message-log.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Log } from '../../src/ports/log.ts';
import type { MessageLog } from '../../src/ports/message-log.ts';
import { startMongo, type TestMongo } from './mongodb.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** One store's way to a log. `open` with the same place opens the same log again. */
export interface LogKind {
  readonly name: string;
  /** A place without a log yet; null where the store is absent. */
  place(): Promise<string | null>;
  open(place: string, clock: Clock, node?: string): Promise<MessageLog>;
}

/** Every implementation of the port; within `describe`, for it starts and stops what they need. */
export function logKinds(): readonly LogKind[] {
  let folder = '';
  let files = 0;
  let postgres: TestPostgres | null = null;
  let mongo: TestMongo | null = null;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'messenger-log-'));
    [postgres, mongo] = await Promise.all([startPostgres(), startMongo()]);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await Promise.all([postgres?.stop(), mongo?.stop()]);
  });
  return [
    {
      name: 'SQLite',
      place: async () => join(folder, `${++files}.db`),
      open: (file, clock, node = 'main') => openSqliteMessageLog({ file, node, clock, log: silent }),
    },
    {
      name: 'MongoDB',
      place: async () => mongo?.freshDatabase() ?? null,
      open: (url, clock, node = 'main') => openMongoMessageLog({ url, node, clock, log: silent }),
    },
    {
      name: 'PostgreSQL',
      place: async () => (postgres === null ? null : await postgres.freshDatabase()),
      open: (url, _clock, node = 'main') => openPostgresMessageLog({ url, node, log: silent }),
    },
  ];
}
