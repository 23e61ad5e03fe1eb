import type { PostgresPool } from 'kysely';
import type { Log } from '../../ports/log.ts';
import type { Head, MessageLog } from '../../ports/message-log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, NodeId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { emptyHead, wordingCodes } from '../message-log/rows.ts';
import { openPostgresPool } from './postgres-connection.ts';
import { type EntryRow, entryColumns, makePostgresReader, readRow } from './postgres-message-log-reader.ts';
import { migrateMessages } from './postgres-message-log-schema.ts';
import { makePostgresAppender } from './postgres-message-log-writer.ts';

export interface PostgresMessageLogOptions {
  readonly url: string;
  readonly node: NodeId;
  readonly log: Log;
  /** While PostgreSQL is away, appends wait for it so long. */
  readonly patienceMs?: number;
}

/**
 * The log in the schema `messages` of a PostgreSQL database, which other things may share and other nodes write too.
 * Throws AppError `unavailable` when it is out of reach, with the reason `database_newer` when a newer version wrote it.
 */
export async function openPostgresMessageLog(options: PostgresMessageLogOptions): Promise<MessageLog> {
  const pool = openPostgresPool(options.url);
  try {
    return compose(pool, await enter(pool, options.node), options);
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Migrates, and answers this process's node among those that write here. */
async function enter(pool: PostgresPool, node: NodeId): Promise<number> {
  const client = await pool.connect();
  try {
    await migrateMessages(client);
    const { rows } = await client.query<{ id: number }>(
      `insert into messages.nodes (name) values ($1) on conflict (name) do update set name = excluded.name returning id`,
      [node],
    );
    return (rows[0] as { id: number }).id;
  } finally {
    client.release();
  }
}

interface HeadRow {
  readonly conversation: ConversationId;
  readonly seq: number;
  readonly time: number;
  readonly first_seq: number;
  readonly rules_seq: number;
  readonly changed_at: number;
}

function compose(
  pool: PostgresPool,
  ownNode: number,
  { log, patienceMs = 10_000 }: PostgresMessageLogOptions,
): MessageLog {
  const reader = makePostgresReader(pool);
  const appender = makePostgresAppender(pool, ownNode, log, patienceMs);
  const { rowsOf } = reader;

  async function heads(conversationIds: readonly ConversationId[]): Promise<readonly Head[]> {
    const rows = await rowsOf<HeadRow>(
      `select conversation, seq, time, first_seq, rules_seq, changed_at from messages.conversations
       where conversation = any($1::uuid[])`,
      [conversationIds],
    );
    const found = new Map(rows.map((row) => [row.conversation, row]));
    return conversationIds.map((conversationId) => {
      const row = found.get(conversationId);
      if (row === undefined) return emptyHead(conversationId);
      const { seq, time, first_seq: firstSeq, rules_seq: rulesSeq, changed_at: changedAt } = row;
      return { conversationId, seq, time, firstSeq, rulesSeq, changedAt };
    });
  }

  async function undispatched(node: NodeId, limit: number): Promise<readonly Entry[]> {
    const rows = await rowsOf<EntryRow & { conversation: ConversationId }>(
      `select d.conversation, ${entryColumns} from messages.nodes n
       join messages.dispatched d on d.node = n.id and d.stored > d.seq
       cross join lateral (
         select * from messages.entries m
         where m.conversation = d.conversation and m.seq > d.seq and m.seq <= d.stored and m.node = n.id
         order by m.seq limit $2
       ) e
       where n.name = $1 order by d.conversation, e.seq limit $2`,
      [node, limit],
    );
    return rows.map((row) => readRow(row.conversation, row));
  }

  return {
    async epoch() {
      const [row] = await rowsOf<{ value: string }>(`select value from messages.facts where name = 'epoch'`, []);
      return (row as { value: string }).value;
    },
    append: appender.append,
    find: reader.find,
    entry: reader.entry,
    entries: reader.entries,
    history: reader.history,
    heads,
    summaries: reader.summaries,
    targeting: reader.targeting,
    async erase(conversationId, seq) {
      await rowsOf(
        `update messages.entries set body = null
         where conversation = $1 and body is not null and (seq = $2 or (target = $2 and kind in (${wordingCodes})))`,
        [conversationId, seq],
      );
    },
    async expired(now, limit) {
      const rows = await rowsOf<{ conversation: ConversationId; seq: number }>(
        `select conversation, seq from messages.entries
         where expires is not null and body is not null and expires <= $1 order by expires, conversation, seq limit $2`,
        [now, limit],
      );
      return rows.map(({ conversation: conversationId, seq }) => ({ conversationId, seq }));
    },
    async retire(conversationId, seq) {
      await rowsOf(
        `with before as (
           select first_seq, least(seq, $2) as last from messages.conversations where conversation = $1 for update
         ), head as (
           update messages.conversations h
           set first_seq = before.last + 1, changed_at = extract(epoch from clock_timestamp()) * 1000
           from before where h.conversation = $1 and h.first_seq <= before.last
         )
         update messages.entries e set body = null from before
         where e.conversation = $1 and e.seq between before.first_seq and before.last and e.body is not null`,
        [conversationId, seq],
      );
    },
    async count() {
      const [row] = await rowsOf<{ sum: number }>(
        'select coalesce(sum(seq), 0)::bigint as sum from messages.conversations',
        [],
      );
      return row?.sum ?? 0;
    },
    async markDispatched(node, marks) {
      await rowsOf(
        `update messages.dispatched d set seq = m.seq
         from unnest($2::uuid[], $3::integer[]) as m (conversation, seq), messages.nodes n
         where n.name = $1 and d.node = n.id and d.conversation = m.conversation and d.seq < m.seq`,
        [node, marks.map((mark) => mark.conversationId), marks.map((mark) => mark.seq)],
      );
    },
    undispatched,
    async origin(conversationId, seq) {
      const [row] = await rowsOf<{ node: NodeId; dispatched: boolean }>(
        `select n.name as node, coalesce(d.seq, 0) >= e.seq as dispatched
         from messages.entries e join messages.nodes n on n.id = e.node
         left join messages.dispatched d on d.node = e.node and d.conversation = e.conversation
         where e.conversation = $1 and e.seq = $2`,
        [conversationId, seq],
      );
      return row ?? null;
    },
    async nodes() {
      const rows = await rowsOf<{ name: NodeId }>('select name from messages.nodes order by id', []);
      return rows.map((row) => row.name);
    },
    async health() {
      try {
        await rowsOf('select 1', []);
        return { ok: true, says: 'PostgreSQL answers' };
      } catch (error) {
        return { ok: false, says: error instanceof AppError ? error.reason : String(error) };
      }
    },
    async close() {
      await appender.idle();
      await pool.end();
    },
  };
}
