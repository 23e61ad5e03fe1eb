import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { newerMessages } from '../message-log/rows.ts';

/**
 * A conversation's entries lie together and in order: an entry's id is its conversation's number times this, plus its seq.
 * So a conversation holds 536 million entries and a file 16 million conversations, in numbers that JavaScript holds exactly.
 */
export const seqsPerConversation = 2 ** 29;

/** Forward only. Step n brings a file of version n to version n + 1; a step that shipped is never changed. */
const steps: readonly string[] = [
  `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE nodes (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- It writes here no more, and owes nothing.
    settled INTEGER NOT NULL DEFAULT 0
  );

  CREATE TABLE people (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE);

  -- With each one's head. counted: how many counting entries it has.
  CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL DEFAULT 0,
    time INTEGER NOT NULL DEFAULT 0,
    first_seq INTEGER NOT NULL DEFAULT 1,
    rules_seq INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0,
    counted INTEGER NOT NULL DEFAULT 0
  );

  -- sender 0: nobody in particular. counted: counting entries up to and with this one, so that a count of unread ones is
  -- two look-ups. body NULL: emptied.
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    client TEXT NOT NULL,
    kind INTEGER NOT NULL,
    time INTEGER NOT NULL,
    node INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    target INTEGER,
    body TEXT
  );
  -- The client's id first: it begins with the time, so that new keys of all conversations fall into the same few pages.
  CREATE UNIQUE INDEX entries_key ON entries (client, sender, conversation);
  CREATE INDEX entries_target ON entries (conversation, target, kind) WHERE target IS NOT NULL;
  CREATE INDEX entries_emptied ON entries (id, kind) WHERE body IS NULL;

  -- The last entry of each sender.
  CREATE TABLE authors (
    conversation INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, sender)
  ) WITHOUT ROWID;

  CREATE TABLE dispatched (
    node INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (node, conversation)
  ) WITHOUT ROWID;
  `,
  `
  -- Whom a message mentions; person 0: everybody.
  CREATE TABLE mentions (
    conversation INTEGER NOT NULL,
    person INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, person, seq)
  ) WITHOUT ROWID;
  `,
  `
  -- When it disappears; of edits and previews, with their message.
  ALTER TABLE entries ADD COLUMN expires INTEGER;
  CREATE INDEX entries_expiring ON entries (expires, id) WHERE expires IS NOT NULL AND body IS NOT NULL;
  `,
];

/** Brings the file to this version. Throws as `newerMessages` says for one from a newer version. */
export function migrateMessages(db: Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > steps.length) throw newerMessages();
  if (version === steps.length) return;
  db.transaction(() => {
    for (const step of steps.slice(version)) db.exec(step);
    db.prepare(`INSERT INTO facts VALUES ('epoch', ?) ON CONFLICT DO NOTHING`).run(randomUUID());
    db.pragma(`user_version = ${steps.length}`);
  }).immediate();
}
