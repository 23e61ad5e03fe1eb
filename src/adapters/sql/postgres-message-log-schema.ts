import { randomUUID } from 'node:crypto';
import type { PostgresPoolClient } from 'kysely';
import { newerMessages } from '../message-log/rows.ts';

/** Nobody in particular, where a key needs a sender. */
export const nobody = '00000000-0000-0000-0000-000000000000';

/** Forward only. Step n brings a schema of version n to version n + 1; a step that shipped is never changed. */
const steps: readonly string[] = [
  `
  create table messages.nodes (id integer generated always as identity primary key, name text not null unique);

  -- With each one's head. counted: how many counting entries it has. fillfactor: heads move all the time, within their page.
  create table messages.conversations (
    conversation uuid primary key,
    seq integer not null default 0,
    time bigint not null default 0,
    first_seq integer not null default 1,
    rules_seq integer not null default 0,
    changed_at bigint not null default 0,
    counted integer not null default 0
  ) with (fillfactor = 50);

  -- counted: counting entries up to and with this one, so that a count of unread ones is two look-ups. body null: emptied.
  create table messages.entries (
    conversation uuid not null,
    seq integer not null,
    sender uuid not null,
    client uuid not null,
    kind smallint not null,
    time bigint not null,
    node integer not null,
    counted integer not null,
    target integer,
    body text,
    primary key (conversation, seq)
  );
  create unique index entries_key on messages.entries (client, sender, conversation);
  create index entries_target on messages.entries (conversation, target, kind, seq) where target is not null;
  create index entries_emptied on messages.entries (conversation, seq) where body is null;

  -- The last entry of each sender.
  create table messages.authors (
    conversation uuid not null,
    sender uuid not null,
    seq integer not null,
    primary key (conversation, sender)
  ) with (fillfactor = 70);

  -- Up to where each node stored entries, and up to where it owes nothing for them.
  create table messages.dispatched (
    node integer not null,
    conversation uuid not null,
    stored integer not null,
    seq integer not null default 0,
    primary key (node, conversation)
  ) with (fillfactor = 70);
  `,
  `
  -- Whom a message mentions; nobody in particular: everybody.
  create table messages.mentions (
    conversation uuid not null,
    person uuid not null,
    seq integer not null,
    primary key (conversation, person, seq)
  );
  `,
  `
  -- When it disappears; of edits and previews, with their message.
  alter table messages.entries add column expires bigint;
  create index entries_expiring on messages.entries (expires, conversation, seq)
  where expires is not null and body is not null;
  `,
];

/** Any number, the same in all processes: two of them never migrate at once. */
const migrationLock = 7_203_311;

/** Brings the schema to this version, within one transaction. Throws as `newerMessages` says for one from a newer version. */
export async function migrateMessages(client: PostgresPoolClient): Promise<void> {
  await client.query('begin', []);
  try {
    await client.query(`select pg_advisory_xact_lock(${migrationLock})`, []);
    await client.query('create schema if not exists messages', []);
    await client.query('create table if not exists messages.facts (name text primary key, value text not null)', []);
    const found = await client.query<{ value: string }>(`select value from messages.facts where name = 'version'`, []);
    const version = Number(found.rows[0]?.value ?? 0);
    if (version > steps.length) throw newerMessages();
    for (const step of steps.slice(version)) await client.query(step, []);
    const store = 'insert into messages.facts values ($1, $2) on conflict (name)';
    await client.query(`${store} do update set value = excluded.value`, ['version', String(steps.length)]);
    await client.query(`${store} do nothing`, ['epoch', randomUUID()]);
    await client.query('commit', []);
  } catch (error) {
    await client.query('rollback', []).catch(() => undefined);
    throw error;
  }
}
