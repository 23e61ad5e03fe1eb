import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDatabase, type Database, openDatabase } from '../../src/adapters/sql/database.ts';
import { migrate, pendingMigrations } from '../../src/adapters/sql/migration.ts';
import { migrations } from '../../src/adapters/sql/migrations/migrations.ts';
import { openSqlStores } from '../../src/adapters/sql/sql-stores.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { plainSettings } from '../../src/protocol/models.ts';
import { addPeople, somebody, someId } from '../support/accounts.ts';
import { makeHandClock } from '../support/clock.ts';
import { onEveryDatabase } from '../support/databases.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const clock = makeHandClock();
const unavailable = (reason: string) => expect.objectContaining({ code: 'unavailable', reason });
const says = (error: unknown) => (error instanceof AppError && error.cause instanceof Error ? error.cause.message : '');

onEveryDatabase('migrations', (fresh) => {
  const names = migrations.map(({ name }) => name);

  it('have nothing to do the second time', async () => {
    const { database } = await fresh();
    expect(await migrate(database)).toEqual([]);
    expect(await pendingMigrations(database)).toEqual([]);
  });

  it('of a newer version are refused, and nothing is touched', async () => {
    const { database, address } = await fresh();
    await sql`insert into accounts_migration (name, timestamp) values ('0999-later:00', 'x')`.execute(database.query);
    await expect(migrate(database)).rejects.toEqual(unavailable('database_newer'));
    if (address.store === 'sqlite' && address.file === ':memory:') return;
    await database.close();
    const before = address.store === 'sqlite' ? readFileSync(address.file) : null;
    const error = await openDatabase(address, clock).catch((refused: unknown) => refused);
    expect(error).toEqual(unavailable('database_newer'));
    expect(says(error)).toContain('0999-later');
    if (address.store === 'sqlite') expect(readFileSync(address.file)).toEqual(before);
  });

  it('that were changed after they made the database are refused', async () => {
    const { database } = await fresh();
    await sql`update accounts_migration set name = '0002-conversations:0000' where name like '0002%'`.execute(
      database.query,
    );
    const error = await migrate(database).catch((refused: unknown) => refused);
    expect(error).toEqual(unavailable('migration_changed'));
    expect(says(error)).toContain('0002-conversations');
  });

  it('that fail leave nothing behind, and can be repeated', async () => {
    const { database } = await fresh();
    await goBackTo(database, []);
    await sql`create table jobs (in_the_way integer)`.execute(database.query);
    expect(await pendingMigrations(database)).toEqual(names);
    await expect(migrate(database)).rejects.toThrow(/jobs/);
    expect(await pendingMigrations(database)).toEqual(names);
    expect((await database.dialect.findTable('members').execute(database.query)).rows).toEqual([]);
    await sql`drop table jobs`.execute(database.query);
    expect(await migrate(database)).toEqual(names);
  });

  it('bring accounts from before second factors along, with all they had', async () => {
    const { database, stores } = await fresh();
    await goBackTo(database, names.slice(0, 3));
    const [ann, ben] = [someId.user(), someId.user()];
    const [session, invite] = [someId.session(), someId.invite()];
    const statements = [
      sql`insert into users values (${ann}, 'ann', 'Ann', ' ann ann', 'hash', 'owner', 0, 1000, 2000, 1000)`,
      sql`insert into users values (${ben}, 'ben', 'Ben', ' ben ben', 'hash', 'member', 1, 1500, null, 1500)`,
      sql`insert into invites values (${invite}, 'token', 'member', ${ann}, 1000, null, 2, 1, null, 'note')`,
      sql`insert into sessions values (${session}, ${ann}, 'Phone', '::1', 1000, 2000, 3, null, null, null)`,
      sql`insert into audit_events (at, action, actor_id, subject_id, address, details)
        values (1000, 'session.opened', ${ann}, ${session}, '::1', '{}'), (1001, 'user.disabled', null, ${ben}, null, '{}')`,
    ];
    for (const statement of statements) await statement.execute(database.query);

    expect(await migrate(database)).toEqual(names.slice(3));
    expect(await stores.users.find(ann)).toEqual({
      userId: ann,
      name: 'ann',
      displayName: 'Ann',
      gone: false,
      role: 'owner',
      state: 'active',
      email: null,
      language: null,
      passwordHash: 'hash',
      passwordChangedAt: 1_000,
      createdAt: 1_000,
      lastSeenAt: 2_000,
      deletesAt: null,
    });
    expect(await stores.users.find(ben)).toMatchObject({ state: 'disabled', gone: true });
    expect(await stores.invites.find(invite)).toMatchObject({ uses: 1, conversationIds: [] });
    expect(await stores.sessions.find(session)).toMatchObject({ userId: ann, generation: 3, closedAt: null });
    const all = { before: null, after: null, action: null, since: null, until: null, limit: 9 };
    expect(await stores.audit.query({ ...all, userId: ann })).toMatchObject([{ action: 'session.opened' }]);
    expect(await stores.audit.query({ ...all, userId: ben })).toMatchObject([{ subject: { id: ben, name: 'ben' } }]);
    expect(await stores.users.setRole(ann, 'member')).toBe('last_owner');
    expect(await stores.users.add(somebody('cid', { email: 'c@example.org' }), { inviteHash: 'token' })).toBe('added');
    expect(await stores.secondFactors.find(ann)).toEqual({
      totpSecret: null,
      pendingSecret: null,
      recoveryCodesLeft: 0,
    });
  });

  it('bring conversations from before settings along as plain ones, with what is owed', async () => {
    const { database, stores } = await fresh();
    await goBackTo(database, names.slice(0, 4));
    const [ann, group, client] = [someId.user(), someId.conversation(), someId.client()];
    const spans = JSON.stringify([
      { from: 1, to: 4 },
      { from: 7, to: null },
    ]);
    const statements = [
      sql`insert into users (user_id, name, display_name, words, password_hash, role, created_at, changed_at)
        values (${ann}, 'ann', 'Ann', ' ann ann', 'hash', 'owner', 1000, 1000)`,
      sql`insert into conversations values (${group}, 'group', 'Old', 1000, 3, 1, 1000, null, null, ${ann}, ${client})`,
      sql`insert into members values (${group}, ${ann}, 'owner', 1, ${spans}, 5, 4, 1000, 1000, 1000)`,
      sql`insert into owed_entries values (${group}, 3, ${client}, ${ann}, 'title', '{"title":"Old"}', 1000, null)`,
    ];
    for (const statement of statements) await statement.execute(database.query);

    expect(await migrate(database)).toEqual(names.slice(4));
    expect(await stores.conversations.find(group)).toMatchObject({
      settings: plainSettings,
      pins: [],
    });
    expect(await stores.conversations.row(group, ann)).toMatchObject({
      joinedSeq: 7,
      readSeq: 4,
      keeping: { pinned: false, archived: false, mutedUntil: null, markedUnread: false },
      draft: null,
      hidden: [],
    });
    expect(await stores.conversations.owed(group)).toMatchObject([{ version: 3, target: null }]);
  });
});

/** Makes the database empty, and as these first migrations leave it. */
async function goBackTo(database: Database, names: readonly string[]): Promise<void> {
  const { query, dialect } = database;
  const tables = [
    'group_link_uses',
    'group_links',
    'imports',
    'webhooks',
    'avatars',
    'scheduled',
    'reports',
    'blocks',
    'privacy',
    'owed_entries',
    'members',
    'conversations',
    'jobs',
    'nodes',
    'audit_events',
    'revocations',
    'api_tokens',
    'devices',
    'tickets',
    'passkeys',
    'recovery_codes',
    'authenticators',
    'sessions',
    'invites',
    'users',
  ];
  for (const table of tables) await sql`drop table ${sql.table(table)}`.execute(query);
  for (const migration of migrations.slice(0, names.length))
    for (const statement of migration.statements(dialect.types)) await sql.raw(statement).execute(query);
  const known = sql.join([...names.map((name) => sql`name like ${`${name}:%`}`), sql`false`], sql` or `);
  await sql`delete from accounts_migration where not (${known})`.execute(query);
}

onEveryDatabase('a write', (fresh) => {
  it('is all or nothing, and keeps what others do meanwhile out of it', async () => {
    const { database, stores } = await fresh();
    const failing = database.write(async (transaction) => {
      await transaction.insertInto('nodes').values({ node: 'a', roles: '[]', beat_at: 1 }).execute();
      await Promise.resolve();
      throw new Error('half-way');
    });
    const [failed] = await Promise.allSettled([failing, stores.nodes.beat('b', []), stores.users.add(somebody('ann'))]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'half-way' } });
    expect((await stores.nodes.list()).map((one) => one.node)).toEqual(['b']);
    expect(await stores.users.count()).toBe(1);
  });

  it('that breaks a rule of the database is a defect, not an outage', async () => {
    const { stores } = await fresh();
    const session = { sessionId: someId.session(), userId: someId.user(), device: '', address: '', most: 9 };
    const error = await stores.sessions.open(session).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(AppError);
  });

  it('and a read go on as usual after one that failed', async () => {
    const { stores } = await fresh();
    for (let i = 0; i < 20; i++)
      await stores.sessions
        .open({ sessionId: someId.session(), userId: someId.user(), device: '', address: '', most: 9 })
        .catch(() => {});
    expect(await addPeople(stores, 'ann')).toHaveLength(1);
  });

  it('leaves a database that is whole', async () => {
    const { database } = await fresh();
    expect(await checkDatabase(database)).toEqual({ ok: true, says: 'ok' });
    expect(await database.health()).toMatchObject({ ok: true });
  });
});

describe('a database on SQLite', () => {
  let folder = '';
  const opened: Database[] = [];
  const open = async (name = 'test.db') => {
    const database = await openDatabase({ store: 'sqlite', file: join(folder, name) }, clock);
    opened.push(database);
    return database;
  };
  const pragma = async (database: Database, text: string) =>
    Object.values(
      (await sql<Record<string, unknown>>`${sql.raw(`pragma ${text}`)}`.execute(database.query)).rows[0] ?? {},
    )[0];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'messenger-sqlite-'));
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is written so that a power cut loses nothing that was answered', async () => {
    const database = await open();
    expect(await pragma(database, 'journal_mode')).toBe('wal');
    expect(await pragma(database, 'synchronous')).toBe(2);
    expect(await pragma(database, 'foreign_keys')).toBe(1);
    expect(await pragma(database, 'busy_timeout')).toBeGreaterThan(0);
  });

  it('is readable by its owner only', async () => {
    await migrate(await open());
    for (const name of ['test.db', 'test.db-wal']) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  });

  it('keeps what it was told over a restart', async () => {
    const first = await open();
    await migrate(first);
    const [ann] = await addPeople(openSqlStores(first), 'ann');
    await first.close();
    const second = openSqlStores(await open());
    expect(await second.users.find(ann)).toMatchObject({ name: 'ann' });
  });

  it('says that the disk is full, and works again when there is room', async () => {
    const database = await open();
    await migrate(database);
    const { users } = openSqlStores(database);
    await pragma(database, `max_page_count = ${await pragma(database, 'page_count')}`);
    const fill = async () => {
      for (let i = 0; i < 1_000; i++) await users.add(somebody(`user${i}`, { displayName: 'x'.repeat(5_000) }));
    };
    await expect(fill()).rejects.toEqual(unavailable('disk_full'));
    const count = await users.count();
    await pragma(database, 'max_page_count = 100000');
    expect(await users.add(somebody('later'))).toBe('added');
    expect(await users.count()).toBe(count + 1);
    expect(await checkDatabase(database)).toMatchObject({ ok: true });
  });

  it('says that it cannot be written', async () => {
    const database = await open();
    await migrate(database);
    const { users, tickets, devices, secondFactors, audit } = openSqlStores(database);
    const [ann] = await addPeople({ users }, 'ann');
    await pragma(database, 'query_only = 1');
    const event = { action: 'x', actorId: ann, subjectId: null, address: null, details: {} };
    const writes = [
      () => users.add(somebody('ben')),
      () => users.setEmail(ann, 'ann@example.org'),
      () => users.setRole(ann, 'admin'),
      () => tickets.take('hash', 'enrolment'),
      () => devices.signedIn(ann, 'hash', null),
      () => secondFactors.useStep(ann, 1),
      () => audit.add(event),
    ];
    for (const write of writes) await expect(write()).rejects.toEqual(unavailable('read_only'));
    expect(await users.count()).toBe(1);
    expect(await tickets.look('hash', 'enrolment')).toBeNull();
  });

  it('says that it is out of reach while somebody else holds it, and works again afterwards', async () => {
    const database = await open();
    await migrate(database);
    const { users } = openSqlStores(database);
    await pragma(database, 'busy_timeout = 20');
    const other = new Sqlite(join(folder, 'test.db'));
    other.exec('begin immediate');
    await expect(users.add(somebody('ann'))).rejects.toEqual(unavailable('store_unreachable'));
    expect(await users.count()).toBe(0);
    other.exec('rollback');
    other.close();
    expect(await users.add(somebody('ann'))).toBe('added');
  });

  it('in a folder that is not there is out of reach', async () => {
    await expect(open('missing/test.db')).rejects.toEqual(unavailable('store_unreachable'));
  });

  it('that is no database is told damaged, and left as it is', async () => {
    const text = 'This is not a database. '.repeat(200);
    writeFileSync(join(folder, 'test.db'), text);
    await expect(open()).rejects.toEqual(unavailable('store_damaged'));
    expect(readFileSync(join(folder, 'test.db'), 'utf8')).toBe(text);
  });

  it('that is damaged is found out by its check', async () => {
    const first = await open();
    await migrate(first);
    const { users } = openSqlStores(first);
    for (let i = 0; i < 50; i++) await users.add(somebody(`user${i}`, { displayName: 'x'.repeat(500) }));
    await first.close();
    const file = join(folder, 'test.db');
    const bytes = readFileSync(file);
    bytes.fill(0xff, bytes.length - 3 * 4096);
    writeFileSync(file, bytes);
    expect(await checkDatabase(await open())).toMatchObject({ ok: false });
  });
});

const postgres = await startPostgres();
afterAll(async () => {
  await postgres?.stop();
});

describe.skipIf(!postgres)('a database on PostgreSQL', () => {
  const server = () => postgres as TestPostgres;
  const opened: Database[] = [];
  const open = async (url?: string) => {
    const database = await openDatabase({ store: 'postgres', url: url ?? (await server().freshDatabase()) }, clock);
    opened.push(database);
    return database;
  };
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });

  it('is migrated once by two processes that start at the same time', async () => {
    const url = await server().freshDatabase();
    const taken = await Promise.all([open(url).then(migrate), open(url).then(migrate), open(url).then(migrate)]);
    expect(taken.filter((steps) => steps.length > 0)).toHaveLength(1);
  });

  it('lets no write stay open', async () => {
    const database = await open();
    await migrate(database);
    const { rows } = await sql<Record<string, string>>`
      select current_setting('statement_timeout') as statement,
        current_setting('idle_in_transaction_session_timeout') as idle, current_setting('lock_timeout') as lock
    `.execute(database.query);
    expect(rows).toEqual([{ statement: '10s', idle: '10s', lock: '8s' }]);
  });

  it('takes times from its own clock', async () => {
    const database = await open();
    const { rows } = await sql<{ now: number }>`select extract(epoch from clock_timestamp()) * 1000 as now`.execute(
      database.query,
    );
    const now = await openSqlStores(database).sessions.now();
    expect(Number.isInteger(now)).toBe(true);
    expect(Math.abs(now - Number(rows[0]?.now))).toBeLessThan(60_000);
  });

  it('that is not there is out of reach', async () => {
    await expect(open('postgres://messenger@127.0.0.1:1/none')).rejects.toEqual(unavailable('store_unreachable'));
    const nowhere = server().url.replace(/postgres$/, 'no_such_database');
    await expect(open(nowhere)).rejects.toEqual(unavailable('store_unreachable'));
    await expect(open(`${server().url}?sslmode=verify-full`)).rejects.toEqual(unavailable('store_unreachable'));
  });

  it('refuses text with a NUL character, which it cannot store, as the caller’s mistake', async () => {
    const database = await open();
    await migrate(database);
    const { users, jobs } = openSqlStores(database);
    const refused = expect.objectContaining({ code: 'invalid', reason: 'unstorable_text' });
    await expect(users.findByName('a\0b')).rejects.toEqual(refused);
    await expect(jobs.add([{ queue: 'q\0', key: 'k', payload: null, runAt: 1 }])).rejects.toEqual(refused);
    expect(await users.search('a\0b', 5)).toEqual([]);
  });

  it('runs a write anew that collided with another', async () => {
    const database = await open();
    await migrate(database);
    const { nodes } = openSqlStores(database);
    await nodes.beat('a', []);
    await nodes.beat('b', []);
    let begun = 0;
    const both = new Promise<void>((resolve) => {
      void (async () => {
        while (begun < 2) await pause(1);
        resolve();
      })();
    });
    let runs = 0;
    const touch = (first: string, second: string) =>
      database.write(async (transaction) => {
        runs++;
        const set = (node: string) =>
          transaction.updateTable('nodes').set({ roles: '["touched"]' }).where('node', '=', node).execute();
        await set(first);
        begun++;
        await both;
        await set(second);
      });
    await Promise.all([touch('a', 'b'), touch('b', 'a')]);
    // Whoever is run anew may take the row before the other wakes, and they collide once more.
    expect(runs).toBeGreaterThanOrEqual(3);
    expect((await nodes.list()).map((one) => one.roles)).toEqual([['touched'], ['touched']]);
  });

  it('that is killed is out of reach, and is back by itself with all it acknowledged', async () => {
    const database = await open();
    await migrate(database);
    const { users } = openSqlStores(database);
    let acknowledged = 0;
    const failures: unknown[] = [];
    const write = async (worker: number) => {
      for (let i = 0; i < 1_000 && failures.length < 4; i++) {
        try {
          await users.add(somebody(`user${worker}-${i}`));
          acknowledged++;
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const writing = Promise.all([write(0), write(1), write(2), write(3)]);
    while (acknowledged < 20) await pause(1);
    await server().kill();
    await writing;
    expect(failures).toEqual(Array(failures.length).fill(unavailable('store_unreachable')));
    await expect(users.count()).rejects.toEqual(unavailable('store_unreachable'));
    expect(await database.health()).toEqual({ ok: false, says: 'store_unreachable' });
    expect(await checkDatabase(database)).toMatchObject({ ok: false });

    await server().restart();
    expect(await users.count()).toBeGreaterThanOrEqual(acknowledged);
    expect(await users.add(somebody('after'))).toBe('added');
    expect(await database.health()).toMatchObject({ ok: true });
  });

  it('survives that its connections are ended, between statements of a write too', async () => {
    const database = await open();
    await migrate(database);
    const { users } = openSqlStores(database);
    const end = sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and datname = current_database() and backend_type = 'client backend'
    `;
    const write = database.write(async (transaction) => {
      await transaction.insertInto('nodes').values({ node: 'a', roles: '[]', beat_at: 1 }).execute();
      await end.execute(database.query);
      await pause(20);
      await transaction.insertInto('nodes').values({ node: 'b', roles: '[]', beat_at: 1 }).execute();
    });
    await expect(write).rejects.toEqual(unavailable('store_unreachable'));
    expect(await users.count()).toBe(0);
    expect(await openSqlStores(database).nodes.list()).toEqual([]);
  });
});
