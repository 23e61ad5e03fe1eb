import type { PostgresPool } from 'kysely';
import type { MessageLog } from '../../ports/message-log.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Entry, Message, Span } from '../../protocol/models.ts';
import { clip, countingCodes, entryOf, jsonBytes, messageBytes, messageOf, removalCode } from '../message-log/rows.ts';
import { nobody } from './postgres-message-log-schema.ts';

export interface EntryRow {
  readonly seq: number;
  readonly time: number;
  readonly sender: string;
  readonly client: string;
  readonly kind: number;
  readonly target: number | null;
  readonly body: string | null;
  readonly expires: number | null;
}
/** Of the table `e`. */
export const entryColumns = 'e.seq, e.time, e.sender, e.client, e.kind, e.target, e.body, e.expires';

export function readRow(conversationId: ConversationId, row: EntryRow): Entry {
  const senderId = row.sender === nobody ? null : (row.sender as UserId);
  const { seq, time, client: clientId, kind, target, body, expires: expiresAt } = row;
  return entryOf({ conversationId, seq, time, senderId, clientId, kind, target, body, expiresAt });
}

/** A message with what targets it: of the message `e` in the table `after`. */
interface MessageRow extends EntryRow {
  readonly targeting: readonly TargetingRow[] | null;
}
type TargetingRow = [
  seq: number,
  time: number,
  sender: string,
  client: string,
  kind: number,
  body: string | null,
  expires: number | null,
];
const messageColumns = `${entryColumns}, after.targeting`;
const aftermath = `left join lateral (
  select json_agg(json_build_array(c.seq, c.time, c.sender, c.client, c.kind, c.body, c.expires) order by c.seq) as targeting
  from messages.entries c where c.conversation = e.conversation and c.target = e.seq
) after on true`;

function readMessage(conversationId: ConversationId, row: MessageRow, spans: readonly Span[]): Message {
  const targeting = (row.targeting ?? []).map(([seq, time, sender, client, kind, body, expires]) =>
    readRow(conversationId, { seq, time, sender, client, kind, target: row.seq, body, expires }),
  );
  return messageOf(readRow(conversationId, row), targeting, spans);
}

/** A page of a conversation's rows beside its head, in one snapshot: a row without a seq carries the head alone. */
type Paged<Row> = { readonly head: number; readonly first_seq: number } & (Row | { readonly seq: null });

const endless = 2 ** 31 - 1;

type Ask<M extends 'entries' | 'history' | 'summaries' | 'targeting'> = Parameters<MessageLog[M]>[0];
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
    if (seq > endless) return null;
    const [row] = await rowsOf<EntryRow>(
      `select ${entryColumns} from messages.entries e join messages.conversations h on h.conversation = e.conversation
       where e.conversation = $1 and e.seq = $2 and e.seq >= h.first_seq`,
      [conversationId, seq],
    );
    return row === undefined ? null : readRow(conversationId, row);
  }

  async function entries(ask: Ask<'entries'>): Promise<Answer<'entries'>> {
    const ranges = clip(ask.spans, ask.after + 1, endless);
    const rows = await rowsOf<Paged<EntryRow>>(
      `select h.seq as head, h.first_seq, ${entryColumns} from messages.conversations h
       left join lateral (
         select p.* from unnest($2::integer[], $3::integer[]) as span (low, high)
         cross join lateral (
           select * from messages.entries where conversation = $1 and seq between greatest(span.low, h.first_seq) and span.high
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
    const readable = clip(ask.spans, Math.max(ask.after + 1, rows[0]?.first_seq ?? 1), head).at(-1)?.to ?? 0;
    return { entries: page, more: readable > (page.at(-1)?.seq ?? ask.after), head };
  }

  async function history(ask: Ask<'history'>): Promise<Answer<'history'>> {
    const ranges = clip(ask.spans, 1, Math.min(endless, (ask.before ?? Infinity) - 1));
    const rows = await rowsOf<Paged<MessageRow>>(
      `select h.seq as head, h.first_seq, ${messageColumns} from messages.conversations h
       left join lateral (
         select p.* from unnest($2::integer[], $3::integer[]) as span (low, high)
         cross join lateral (
           select * from messages.entries
           where conversation = $1 and seq between greatest(span.low, h.first_seq) and span.high and target is null
           order by seq desc limit $4
         ) p order by p.seq desc limit $4
       ) e on true ${aftermath}
       where h.conversation = $1 order by e.seq desc`,
      [ask.conversationId, ...[ranges.map(({ from }) => from), ranges.map(({ to }) => to), ask.limit + 1]],
    );
    const found = rows.filter((row) => row.seq !== null);
    const page: Message[] = [];
    let bytes = 0;
    for (const row of found) {
      const message = readMessage(ask.conversationId, row, ask.spans);
      bytes += messageBytes(message);
      if (page.length >= ask.limit || (bytes > ask.maxBytes && page.length > 0)) break;
      page.push(message);
    }
    return { messages: page.reverse(), more: page.length < found.length, asOf: rows[0]?.head ?? 0 };
  }

  async function summaries(asks: Ask<'summaries'>, now: number): Promise<Answer<'summaries'>> {
    const spans = asks.flatMap((ask, i) => clip(ask.spans, 1, endless).map(({ from, to }) => [i, from, to] as const));
    const rows = await rowsOf<
      MessageRow & { i: number; own_seq: number; unread: number; mentions: number; seq: number | null }
    >(
      `with ask as (
         select a.i, a.conversation, a.person, h.seq as head, h.first_seq, coalesce(own.seq, 0) as own_seq,
                greatest(a.read_seq, own.seq, h.first_seq - 1) as passed
         from unnest($1::integer[], $2::uuid[], $3::uuid[], $4::integer[]) as a (i, conversation, person, read_seq)
         join messages.conversations h on h.conversation = a.conversation
         left join messages.authors own on own.conversation = a.conversation and own.sender = a.person
       ), span as (
         select ask.i, ask.conversation, greatest(s.low, ask.first_seq) as low, least(s.high, ask.head) as high, greatest(s.low, ask.passed + 1) as unread_from
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
             union
             select x.seq from messages.entries x
             where x.expires is not null and x.body is not null and x.expires <= $8
               and x.conversation = span.conversation and x.seq between span.unread_from and span.high
           ) gone
           join messages.entries m on m.conversation = span.conversation and m.seq = gone.seq
           where m.kind in (${countingCodes}) and upper.counted > coalesce(lower.counted, 0)
         ))::integer as unread
         from span
         join messages.entries upper on upper.conversation = span.conversation and upper.seq = span.high
         left join messages.entries lower on lower.conversation = span.conversation and lower.seq = span.unread_from - 1
         where span.unread_from <= span.high group by span.i
       ), mention as (
         select span.i, count(distinct m.seq)::integer as mentions
         from span join ask on ask.i = span.i
         join messages.mentions m on m.conversation = span.conversation and m.person in (ask.person, '${nobody}')
           and m.seq between span.unread_from and span.high
         join messages.entries e on e.conversation = m.conversation and e.seq = m.seq and e.body is not null
           and (e.expires is null or e.expires > $8)
         where not exists (
           select 1 from messages.entries r
           where r.conversation = m.conversation and r.target = m.seq and r.kind = ${removalCode}
         ) group by span.i
       ), last as (
         select distinct on (span.i) span.i, p.* from span
         cross join lateral (
           select * from messages.entries m
           where m.conversation = span.conversation and m.seq between span.low and span.high and m.target is null
           order by m.seq desc limit 1
         ) p order by span.i, p.seq desc
       )
       select ask.i, ask.own_seq, coalesce(unread.unread, 0) as unread,
              coalesce(mention.mentions, 0) as mentions, ${messageColumns}
       from ask left join unread on unread.i = ask.i left join mention on mention.i = ask.i
       left join last e on e.i = ask.i
       ${aftermath}`,
      [
        asks.map((_, i) => i),
        asks.map((ask) => ask.conversationId),
        asks.map((ask) => ask.userId),
        asks.map((ask) => ask.readSeq),
        ...[0, 1, 2].map((column) => spans.map((span) => span[column as 0 | 1 | 2])),
        now,
      ],
    );
    const answers: Answer<'summaries'>[number][] = asks.map(() => ({ last: null, unread: 0, mentions: 0, ownSeq: 0 }));
    for (const row of rows) {
      const { conversationId, spans } = asks[row.i] as Ask<'summaries'>[number];
      const last = row.seq === null ? null : readMessage(conversationId, row, spans);
      const [unread, mentions] = [row.unread, row.mentions].map((count) => Math.min(count, limits.unreadCount));
      answers[row.i] = { last, unread, mentions, ownSeq: row.own_seq } as Answer<'summaries'>[number];
    }
    return answers;
  }

  async function targeting(ask: Ask<'targeting'>): Promise<readonly Entry[]> {
    const ranges = clip(ask.spans, Math.max(ask.after, ask.target) + 1, endless);
    if (ranges.length === 0) return [];
    const rows = await rowsOf<EntryRow>(
      `select ${entryColumns} from messages.entries e
       join messages.conversations h on h.conversation = e.conversation
       where e.conversation = $1 and e.target = $2 and e.seq >= h.first_seq and exists (
         select 1 from unnest($3::integer[], $4::integer[]) as s (low, high) where e.seq between s.low and s.high
       ) order by e.seq limit $5`,
      [ask.conversationId, ask.target, ranges.map(({ from }) => from), ranges.map(({ to }) => to), ask.limit],
    );
    return rows.map((row) => readRow(ask.conversationId, row));
  }

  return { rowsOf, find, entry, entries, history, summaries, targeting };
}
