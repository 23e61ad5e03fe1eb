import { sql } from 'kysely';
import type { Database } from './database.ts';

/** Tables of another version are made anew: all of it can be. */
const searchVersion = '1';

/**
 * `words` holds the stems at their places in the text, the words as they are, and what `place` holds: the conversation, the
 * sender, a link, each as a word that no text has.
 */
const tables = [
  `create table search_conversations (
    id integer generated always as identity primary key,
    conversation_id text collate "C" not null unique,
    mark bigint not null default 0,
    holder text,
    held_until bigint not null default 0
  )`,
  `create table search_messages (
    time bigint not null,
    conversation integer not null,
    seq integer not null,
    place tsvector not null,
    words tsvector not null,
    primary key (time, conversation, seq)
  )`,
  'create unique index search_messages_seq on search_messages (conversation, seq)',
  // What is not sorted in yet is looked through by every search: that must stay short.
  'create index search_messages_words on search_messages using gin (words) with (gin_pending_list_limit = 256)',
];

/** Twice, or by several processes at once, does no harm. */
export async function migrateSearch({ query, dialect, write }: Database): Promise<void> {
  await sql`create table if not exists search_facts (name text primary key, value text not null)`
    .execute(query)
    // Two at once may both find none; the other one made it.
    .catch(async (error: unknown) => {
      const { rows } = await dialect.findTable('search_facts').execute(query);
      if (rows.length === 0) throw error;
    });
  await write(async (transaction) => {
    await dialect.inTurn('search_facts').execute(transaction);
    const { rows } = await sql<{ value: string }>`select value from search_facts where name = 'version'`.execute(
      transaction,
    );
    if (rows[0]?.value === searchVersion) return;
    await sql`drop table if exists search_messages, search_conversations`.execute(transaction);
    await sql`delete from search_facts`.execute(transaction);
    for (const statement of tables) await sql.raw(statement).execute(transaction);
    await sql`insert into search_facts values ('version', ${searchVersion})`.execute(transaction);
  });
}
