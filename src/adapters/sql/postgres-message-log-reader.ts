import type { PostgresPool } from 'kysely';
import type { MessageLog } from '../../ports/message-log.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Entry, Message } from '../../protocol/models.ts';
import { clip, countingCodes, editCode, entryOf, jsonBytes, messageOf, removalCode } from '../message-log/rows.ts';
import { nobody } from './postgres-message-log-schema.ts';

export interface EntryRow {
  readonly seq: number;
  readonly time: number;
  readonly sender: string;
  readonly client: string;
  readonly kind: number;
  readonly target: number | null;
  readonly body: string | null;
}
/** Of the table `e`. */
export const entryColumns = 'e.seq, e.time, e.sender, e.client, e.kind, e.target, e.body';

export function readRow(conversationId: ConversationId, row: EntryRow): Entry {
  const senderId = row.sender === nobody ? null : (row.sender as UserId);
  const { seq, time, client: clientId, kind, target, body } = row;
  return entryOf({ conversationId, seq, time, senderId, clientId, kind, target, body });
}

/** A message with what became of it: of the message `e` in the table `after`. */
interface MessageRow extends EntryRow {
  readonly removed: boolean;
  readonly edit_time: number | null;
  readonly edit_body: string | null;
}
const messageColumns = `${entryColumns}, after.removed, after.edit_time, after.edit_body`;
/** `readable`: a condition on the edit `c`, since an edit that somebody may not read does not change what they see. */
const aftermath = (readable: string) => `left join lateral (
  select
    exists (select 1 from messages.entries r
      where r.conversation = e.conversation and r.target = e.seq and r.kind = ${removalCode}) as removed,
    edit.time as edit_time, edit.body as edit_body
  from (select 1) as one left join lateral (
    select c.time, c.body from messages.entries c
    where c.conversation = e.conversation and c.target = e.seq and c.kind = ${editCode} and ${readable}
    order by c.seq desc limit 1
  ) edit on true
) after on true`;

function readMessage(conversationId: ConversationId, row: MessageRow): Message {
  const edit = row.edit_time === null ? null : { time: row.edit_time, body: row.edit_body };
  return messageOf(readRow(conversationId, row), { removed: row.removed, edit });
}

/** A page of a conversation's rows beside its head, in one snapshot: a row without a seq carries the head alone. */
type Paged<Row> = { readonly head: number } & (Row | { readonly seq: null });

const endless = 2 ** 31 - 1;

type Ask<M extends 'entries' | 'history' | 'summaries'> = Parameters<MessageLog[M]>[0];
type Answer<M extends 'entries' | 'history' | 'summaries'> = Awaited<ReturnType<MessageLog[M]>>;

/** Each read is one statement, so that it sees one state. */
export function makePostgresReader(pool: PostgresPool) {
  async function rowsOf<Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const client = await pool.connect();
    try {
      return (await client.query<Row>(text, values)).rows as readonly Row[];
    } finally {
      client.release();
    }
  }

  async function find(
    conversationId: ConversationId,
    senderId: UserId | null,
    clientId: ClientId,
  ): Promise<Entry | null> {
    const [row] = await rowsOf<EntryRow>(
      `select ${entryColumns} from messages.entries e where client = $1 and sender = $2 and conversation = $3`,
      [clientId, senderId ?? nobody, conversationId],
    );
    return row === undefined ? null : readRow(conversationId, row);
  }

  async function entry(conversationId: ConversationId, seq: number): Promise<Entry | null> {
    const [row] = await rowsOf<EntryRow>(
      `select ${entryColumns} from messages.entries e where conversation = $1 and seq = $2`,
      [conversationId, seq],
    );
    return row === undefined ? null : readRow(conversationId, row);
  }

  async function entries(ask: Ask<'entries'>): Promise<Answer<'entries'>> {
    const ranges = clip(ask.spans, ask.after + 1, endless);
    const rows = await rowsOf<Paged<EntryRow>>(
      `select h.seq as head, ${entryColumns} from messages.conversations h
       left join lateral (
         select p.* from unnest($2::integer[], $3::integer[]) as span (low, high)
         cross join lateral (
           select * from messages.entries where conversation = $1 and seq between span.low and span.high
           order by seq limit $4
         ) p order by p.seq limit $4
       ) e on true
       where h.conversation = $1 order by e.seq`,
      [ask.conversationId, ranges.map(({ from }) => from), ranges.map(({ to }) => to), ask.limit],
    );
    const page: Entry[] = [];
    let bytes = 0;
    for (const row of rows) {
      if (row.seq === null) break;
      bytes += jsonBytes(row.body);
      if (bytes > ask.maxBytes && page.length > 0) break;
      page.push(readRow(ask.conversationId, row));
    }
    const head = rows[0]?.head ?? 0;
    const readable = clip(ask.spans, ask.after + 1, head).at(-1)?.to ?? 0;
    return { entries: page, more: readable > (page.at(-1)?.seq ?? ask.after), head };
  }

  async function history(ask: Ask<'history'>): Promise<Answer<'history'>> {
    const ranges = clip(ask.spans, 1, ask.before === null ? endless : ask.before - 1);
    const readable = clip(ask.spans, 1, endless);
    const rows = await rowsOf<Paged<MessageRow>>(
      `select h.seq as head, ${messageColumns} from messages.conversations h
       left join lateral (
         select p.* from unnest($2::integer[], $3::integer[]) as span (low, high)
         cross join lateral (
           select * from messages.entries
           where conversation = $1 and seq between span.low and span.high and target is null
           order by seq desc limit $4
         ) p order by p.seq desc limit $4
       ) e on true ${aftermath('exists (select 1 from unnest($5::integer[], $6::integer[]) as s (low, high) where c.seq between s.low and s.high)')}
       where h.conversation = $1 order by e.seq desc`,
      [
        ask.conversationId,
        ...[ranges.map(({ from }) => from), ranges.map(({ to }) => to), ask.limit + 1],
        ...[readable.map(({ from }) => from), readable.map(({ to }) => to)],
      ],
    );
    const found = rows.filter((row) => row.seq !== null);
    const page: Message[] = [];
    let bytes = 0;
    for (const row of found) {
      const message = readMessage(ask.conversationId, row);
      bytes += jsonBytes(message.editedAt === undefined ? row.body : row.edit_body);
      if (page.length >= ask.limit || (bytes > ask.maxBytes && page.length > 0)) break;
      page.push(message);
    }
    return { messages: page.reverse(), more: page.length < found.length, asOf: rows[0]?.head ?? 0 };
  }

  async function summaries(asks: Ask<'summaries'>): Promise<Answer<'summaries'>> {
    const spans = asks.flatMap((ask, i) => clip(ask.spans, 1, endless).map(({ from, to }) => [i, from, to] as const));
    const rows = await rowsOf<MessageRow & { i: number; own_seq: number; unread: number; seq: number | null }>(
      `with ask as (
         select a.i, a.conversation, h.seq as head, coalesce(own.seq, 0) as own_seq,
                greatest(a.read_seq, own.seq, h.first_seq - 1) as passed
         from unnest($1::integer[], $2::uuid[], $3::uuid[], $4::integer[]) as a (i, conversation, person, read_seq)
         join messages.conversations h on h.conversation = a.conversation
         left join messages.authors own on own.conversation = a.conversation and own.sender = a.person
       ), span as (
         select ask.i, ask.conversation, s.low, least(s.high, ask.head) as high, greatest(s.low, ask.passed + 1) as unread_from
         from unnest($5::integer[], $6::integer[], $7::integer[]) as s (i, low, high) join ask on ask.i = s.i
       ), unread as (
         select span.i, sum(upper.counted - coalesce(lower.counted, 0) - (
           select count(*) from (
             select r.target as seq from messages.entries r
             where r.conversation = span.conversation and r.kind = ${removalCode}
               and r.target between span.unread_from and span.high
             union
             select g.seq from messages.entries g
             where g.conversation = span.conversation and g.body is null
               and g.seq between span.unread_from and span.high
           ) gone
           join messages.entries m on m.conversation = span.conversation and m.seq = gone.seq
           where m.kind in (${countingCodes}) and upper.counted > coalesce(lower.counted, 0)
         ))::integer as unread
         from span
         join messages.entries upper on upper.conversation = span.conversation and upper.seq = span.high
         left join messages.entries lower on lower.conversation = span.conversation and lower.seq = span.unread_from - 1
         where span.unread_from <= span.high group by span.i
       ), last as (
         select distinct on (span.i) span.i, p.* from span
         cross join lateral (
           select * from messages.entries m
           where m.conversation = span.conversation and m.seq between span.low and span.high and m.target is null
           order by m.seq desc limit 1
         ) p order by span.i, p.seq desc
       )
       select ask.i, ask.own_seq, coalesce(unread.unread, 0) as unread, ${messageColumns}
       from ask left join unread on unread.i = ask.i left join last e on e.i = ask.i
       ${aftermath('exists (select 1 from span s where s.i = ask.i and c.seq between s.low and s.high)')}`,
      [
        asks.map((_, i) => i),
        asks.map((ask) => ask.conversationId),
        asks.map((ask) => ask.userId),
        asks.map((ask) => ask.readSeq),
        ...[0, 1, 2].map((column) => spans.map((span) => span[column as 0 | 1 | 2])),
      ],
    );
    const answers: Answer<'summaries'>[number][] = asks.map(() => ({ last: null, unread: 0, ownSeq: 0 }));
    for (const row of rows) {
      const { conversationId } = asks[row.i] as Ask<'summaries'>[number];
      const last = row.seq === null ? null : readMessage(conversationId, row);
      answers[row.i] = { last, unread: Math.min(row.unread, limits.unreadCount), ownSeq: row.own_seq };
    }
    return answers;
  }

  return { rowsOf, find, entry, entries, history, summaries };
}
