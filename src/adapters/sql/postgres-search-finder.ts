import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Found, SearchAsk, SearchIndex } from '../../ports/search-index.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import { conversationWord, linkWord, senderWord, termText } from './postgres-search-vectors.ts';
import type { Schema } from './schema.ts';

/**
 * The newest so many messages are looked through one by one: what is found often is found there. Of what is seldom the index
 * then finds all, and sorts it. It is asked for the conversations too where they are few enough.
 */
const newest = 2_000;
const mostNamed = 64;
/** Searches at once on one node: others need connections too. */
const atOnce = 4;

/** Times of messages stay below. */
const never = 2 ** 50;

/** Where a message stands among all: compared in this order. */
type Place = readonly [time: number, conversation: number, seq: number];

interface Row {
  readonly conversation_id: ConversationId;
  readonly time: number;
  readonly conversation: number;
  readonly seq: number;
}

export function makePostgresFinder({ query, dialect }: Database): SearchIndex['find'] {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function numbersOf(transaction: Kysely<Schema>, ids: readonly string[]) {
    const { rows } = await sql<{ id: number; conversation_id: string }>`
      select id, conversation_id from search_conversations
      where conversation_id in (select value from ${dialect.texts(ids)} as asked)`.execute(transaction);
    return new Map(rows.map((row) => [row.conversation_id, row.id]));
  }

  function readable({ within }: SearchAsk, numbers: ReadonlyMap<string, number>): RawBuilder<unknown> {
    const spans = within.flatMap(({ conversationId, spans }) => {
      const conversation = numbers.get(conversationId);
      return conversation === undefined
        ? []
        : spans.map(({ from, to }) => ({
            conversation_id: conversationId,
            conversation,
            low: from,
            high: to ?? never,
          }));
    });
    return dialect.rows({ conversation_id: 'text', conversation: 'number', low: 'number', high: 'number' }, spans);
  }

  async function look(transaction: Kysely<Schema>, ask: SearchAsk) {
    const numbers = await numbersOf(
      transaction,
      ask.within.map(({ conversationId }) => conversationId),
    );
    if (numbers.size === 0 || ask.limit < 1) return { found: [], next: null };
    const spans = readable(ask, numbers);
    const since = ask.since ?? 0;
    const joined = sql`join ${spans} as spans on spans.conversation = those.conversation
      and those.seq between spans.low and spans.high`;
    const inOrder = sql`order by time desc, conversation desc, seq desc`;

    const anywhere = matchOf(ask, []);
    const recent = await sql<Row & { readonly edge: boolean }>`
      with those as materialized (
        select time, conversation, seq, words from search_messages
        where (time, conversation, seq) < ${triple(beginOf(ask))} and time >= ${since}
        ${inOrder} limit ${newest}
      ), edge as (
        select '' as conversation_id, time, conversation, seq, true as edge from those
        order by time, conversation, seq limit 1
      ), found as (
        select spans.conversation_id, time, those.conversation, seq, false as edge from those ${joined}
        where words @@ ${anywhere}::tsquery
        order by time desc, those.conversation desc, seq desc limit ${ask.limit}
      )
      select * from found union all
      select * from edge where (select count(*) from those) = ${newest}`.execute(transaction);
    const found = recent.rows.filter((row) => !row.edge).map(foundOf);
    const edge = recent.rows.find((row) => row.edge);
    if (found.length >= ask.limit) return { found, next: found.at(-1)?.place ?? null };
    if (edge === undefined) return { found, next: null };

    const named = numbers.size <= mostNamed ? matchOf(ask, [...numbers.values()]) : anywhere;
    const older = await sql<Row>`
      with those as materialized (
        select time, conversation, seq from search_messages
        where words @@ ${named}::tsquery and time >= ${since}
          and (time, conversation, seq) < ${triple([edge.time, edge.conversation, edge.seq])}
      )
      select spans.conversation_id, time, those.conversation, seq from those ${joined}
      order by time desc, those.conversation desc, seq desc limit ${ask.limit - found.length}`.execute(transaction);
    found.push(...older.rows.map(foundOf));
    return { found, next: found.length < ask.limit ? null : (found.at(-1)?.place ?? null) };
  }

  return async (ask) => {
    beginOf(ask);
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await query.transaction().execute(async (transaction) => {
        // Compiling a query takes longer than it does.
        await sql`set local jit = off`.execute(transaction);
        return await look(transaction, ask);
      });
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}

function foundOf({ conversation_id, time, conversation, seq }: Row): Found {
  return { conversationId: conversation_id, seq, place: `${time}.${conversation}.${seq}` };
}

/** What is asked for stands before this. Throws for a place that is none. */
function beginOf({ behind, until }: SearchAsk): Place {
  const end: Place = [until === null ? never : Math.min(until, never) + 1, 0, 0];
  if (behind === null) return end;
  if (!/^\d{1,15}\.\d{1,9}\.\d{1,9}$/.test(behind)) throw new AppError('invalid', 'cursor_invalid');
  const [time = 0, conversation = 0, seq = 0] = behind.split('.').map(Number);
  return time >= end[0] ? end : [time, conversation, seq];
}

const triple = ([time, conversation, seq]: Place) => sql`(${time}::bigint, ${conversation}::integer, ${seq}::integer)`;

/** In PostgreSQL's language for searches. */
function matchOf({ terms, senderId, hasLink }: SearchAsk, conversations: readonly number[]): string {
  return [
    ...terms.map(termText),
    ...(senderId === null ? [] : [senderWord(senderId)]),
    ...(hasLink ? [linkWord] : []),
    ...(conversations.length === 0 ? [] : [`(${conversations.map(conversationWord).join(' | ')})`]),
  ].join(' & ');
}
