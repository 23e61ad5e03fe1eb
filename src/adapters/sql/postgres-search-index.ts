import { type Kysely, sql } from 'kysely';
import type { IndexChange, SearchIndex } from '../../ports/search-index.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import { makePostgresFinder } from './postgres-search-finder.ts';
import { migrateSearch } from './postgres-search-schema.ts';
import { placeVector, textVector } from './postgres-search-vectors.ts';
import type { Schema } from './schema.ts';

type Transaction = Kysely<Schema>;

/** The index in tables beside the conversations, for all nodes. Throws as the database does. */
export async function openPostgresSearchIndex(database: Database): Promise<SearchIndex> {
  await migrateSearch(database);
  const { query, dialect } = database;
  /** What this node prepared it as. */
  let made = '';

  const numbered = (values: readonly { readonly conversationId: ConversationId; readonly seq: number }[]) =>
    dialect.rows(
      { conversation_id: 'text', seq: 'number' },
      values.map(({ conversationId, seq }) => ({ conversation_id: conversationId, seq })),
    );

  async function empty(transaction: Transaction): Promise<void> {
    await sql`truncate search_messages`.execute(transaction);
    await sql`delete from search_conversations`.execute(transaction);
  }

  /** Conversations of these changes that the node holds and that stand where the change begins. */
  async function held(transaction: Transaction, node: string, changes: readonly IndexChange[]) {
    const { rows } = await sql<{ id: number; conversation_id: string; mark: number; mine: boolean }>`
      select id, conversation_id, mark,
        holder = ${node} and held_until > ${dialect.now()}
          and exists (select 1 from search_facts where name = 'made' and value = ${made}) as mine
      from search_conversations
      where conversation_id in (select value from ${dialect.texts(changes.map((each) => each.conversationId))} as asked)
      order by id for update`.execute(transaction);
    return new Map(rows.map((row) => [row.conversation_id, row]));
  }

  async function take(transaction: Transaction, changes: readonly (IndexChange & { readonly id: number })[]) {
    const dropped = changes.flatMap(({ id, dropped }) => dropped.map((seq) => ({ conversation: id, seq })));
    if (dropped.length > 0) await dropRows(transaction, dropped);

    const edited = changes.flatMap(({ id, edited }) =>
      edited.map((words) => ({ conversation: id, seq: words.seq, words: textVector(words) })),
    );
    if (edited.length > 0)
      await sql`
        update search_messages set words = given.words::tsvector || place
        from ${dialect.rows({ conversation: 'number', seq: 'number', words: 'text' }, edited)} as given
        where search_messages.conversation = given.conversation and search_messages.seq = given.seq`.execute(
        transaction,
      );

    const added = changes.flatMap(({ id, added }) =>
      added.map((message) => {
        const { time, seq, senderId } = message;
        return { time, conversation: id, seq, place: placeVector(id, senderId), words: textVector(message) };
      }),
    );
    const columns = { time: 'number', conversation: 'number', seq: 'number', place: 'text', words: 'text' } as const;
    if (added.length > 0)
      await sql`
        insert into search_messages (time, conversation, seq, place, words)
        select time, conversation, seq, place::tsvector, words::tsvector || place::tsvector
        from ${dialect.rows(columns, added)} as given
        on conflict (conversation, seq) do update
        set time = excluded.time, place = excluded.place, words = excluded.words`.execute(transaction);

    const marks = changes.map(({ id, to }) => ({ id, mark: to }));
    await sql`
      update search_conversations set mark = given.mark, holder = null
      from ${dialect.rows({ id: 'number', mark: 'number' }, marks)} as given
      where search_conversations.id = given.id`.execute(transaction);
  }

  async function dropRows(transaction: Transaction, rows: readonly { conversation: number; seq: number }[]) {
    await sql`
      delete from search_messages using ${dialect.rows({ conversation: 'number', seq: 'number' }, rows)} as given
      where search_messages.conversation = given.conversation and search_messages.seq = given.seq`.execute(transaction);
  }

  return {
    async prepare(name) {
      made = name;
      return await database.write(async (transaction) => {
        await dialect.inTurn('search_facts').execute(transaction);
        const { rows } = await sql<{ value: string }>`select value from search_facts where name = 'made'`.execute(
          transaction,
        );
        if (rows[0]?.value === name) return false;
        await empty(transaction);
        await sql`
          insert into search_facts values ('made', ${name})
          on conflict (name) do update set value = excluded.value`.execute(transaction);
        return true;
      });
    },
    clear: () => database.write(empty),

    async marks(ids) {
      const { rows } = await sql<{ conversation_id: string; mark: number }>`
        select conversation_id, mark from search_conversations
        where conversation_id in (select value from ${dialect.texts(ids)} as asked)`.execute(query);
      const marks = new Map(rows.map((row) => [row.conversation_id, row.mark]));
      return ids.map((id) => marks.get(id) ?? 0);
    },
    async count() {
      const { rows } = await sql<{ sum: number }>`
        select coalesce(sum(mark), 0)::bigint as sum from search_conversations`.execute(query);
      return rows[0]?.sum ?? 0;
    },

    async claim(node, wants, ms) {
      return await database.writeLightly(async (transaction) => {
        await sql`
          insert into search_conversations (conversation_id)
          select conversation_id from ${numbered(wants)} as wanted order by conversation_id
          on conflict do nothing`.execute(transaction);
        const claimed = await sql<{ conversation_id: string }>`
          update search_conversations set holder = ${node}, held_until = ${dialect.now()} + ${sql.lit(ms)}
          where id in (
            select id from search_conversations join ${numbered(wants)} as wanted using (conversation_id)
            where mark < seq and (holder is null or holder = ${node} or held_until <= ${dialect.now()})
              and exists (select 1 from search_facts where name = 'made' and value = ${made})
            for update of search_conversations skip locked
          ) returning conversation_id`.execute(transaction);
        const present = await sql<{ conversation_id: string; mark: number }>`
          select conversation_id, mark from search_conversations
          join ${numbered(wants)} as wanted using (conversation_id)`.execute(transaction);
        const mine = new Set(claimed.rows.map((row) => row.conversation_id));
        const marks = new Map(present.rows.map((row) => [row.conversation_id, row.mark]));
        return wants.map(({ conversationId }) => ({
          conversationId,
          mark: marks.get(conversationId) ?? 0,
          mine: mine.has(conversationId),
        }));
      });
    },

    async store(node, changes) {
      return await database.writeLightly(async (transaction) => {
        const rows = await held(transaction, node, changes);
        const taken = changes.flatMap((change) => {
          const row = rows.get(change.conversationId);
          return row?.mine && row.mark === change.from ? [{ ...change, id: row.id }] : [];
        });
        if (taken.length > 0) await take(transaction, taken);
        const risen = new Map(taken.map(({ conversationId, to }) => [conversationId, to]));
        return changes.map(({ conversationId }) => risen.get(conversationId) ?? rows.get(conversationId)?.mark ?? 0);
      });
    },

    async drop(conversationId, seq) {
      await sql`
        delete from search_messages where seq = ${seq} and conversation =
          (select id from search_conversations where conversation_id = ${conversationId})`.execute(query);
    },
    async forget(conversationId) {
      await database.write(async (transaction) => {
        const { rows } = await sql<{ id: number }>`
          update search_conversations set mark = 0, holder = null where conversation_id = ${conversationId}
          returning id`.execute(transaction);
        for (const { id } of rows)
          await sql`delete from search_messages where conversation = ${id}`.execute(transaction);
      });
    },

    find: makePostgresFinder(database),
    health: () => database.health(),
    // The database is not its own.
    close: async () => {},
  };
}
