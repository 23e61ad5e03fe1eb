import type { Database } from 'better-sqlite3';
import type { Found, SearchAsk, SearchTerm } from '../../ports/search-index.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Span } from '../../protocol/models.ts';
import { conversationWord, idsPerMs, linkWord, senderWord } from './sqlite-search-schema.ts';

export type FoundIn = { readonly found: readonly Found[]; readonly next: string | null };

/**
 * Newest first, from the end of the index backwards: mostly the first rows already are in conversations of who asks. After
 * so many that are not, the index is asked for those conversations alone, if they are few enough; else it goes on for a while.
 */
const rowsBefore = 2_000;
const mostNamed = 256;
const mostRows = 15_000;

type Row = [id: number, conversation: number, seq: number];
type Places = ReadonlyMap<number, { readonly conversationId: ConversationId; readonly spans: readonly Span[] }>;

/** `behind` of the ask is an id of this index. */
export function makeSearchFinder(db: Database): (ask: SearchAsk) => FoundIn {
  const numberOf = db.prepare<[string], number>('SELECT id FROM conversations WHERE uuid = ?').pluck();
  const matching = db
    .prepare<[string, number, number], Row>(
      `SELECT m.id, m.conversation, m.seq FROM words JOIN messages m ON m.id = words.rowid
       WHERE words MATCH ? AND words.rowid BETWEEN ? AND ? ORDER BY words.rowid DESC`,
    )
    .raw();

  function placesOf(ask: SearchAsk): Places {
    const places = new Map<number, { conversationId: ConversationId; spans: readonly Span[] }>();
    for (const place of ask.within) {
      const number = numberOf.get(place.conversationId);
      if (number !== undefined) places.set(number, place);
    }
    return places;
  }

  return (ask) => {
    const places = placesOf(ask);
    const found: Found[] = [];
    if (places.size === 0 || ask.limit < 1) return { found, next: null };
    const lowest = (ask.since ?? 0) * idsPerMs;
    let highest = Number.MAX_SAFE_INTEGER;
    if (ask.until !== null) highest = Math.min(highest, (ask.until + 1) * idsPerMs - 1);
    if (ask.behind !== null) highest = Math.min(highest, Number(ask.behind) - 1);

    /** Goes on downwards; true: there is nothing further down. */
    const look = (match: string, rows: number): boolean => {
      let left = rows;
      for (const [id, conversation, seq] of matching.iterate(match, lowest, highest)) {
        highest = id - 1;
        const place = places.get(conversation);
        if (place !== undefined && isWithin(place.spans, seq))
          found.push({ conversationId: place.conversationId, seq, place: String(id) });
        if (found.length >= ask.limit || --left <= 0) return false;
      }
      return true;
    };

    const named = places.size <= mostNamed ? matchOf(ask, [...places.keys()]) : null;
    const anywhere = matchOf(ask, null);
    let isDone = false;
    if (places.size > 1 || named === null) isDone = look(anywhere, rowsBefore);
    if (!isDone && found.length < ask.limit) isDone = look(named ?? anywhere, mostRows);
    return { found, next: isDone ? null : String(highest + 1) };
  };
}

function isWithin(spans: readonly Span[], seq: number): boolean {
  return spans.some(({ from, to }) => from <= seq && (to === null || seq <= to));
}

/** In FTS5's language. Words hold letters, marks and digits alone; in quotes they are no operators. */
function matchOf({ terms, senderId, hasLink }: SearchAsk, conversations: readonly number[] | null): string {
  return [
    ...terms.map(termText),
    ...(senderId === null ? [] : [`place : "${senderWord(senderId)}"`]),
    ...(hasLink ? [`place : "${linkWord}"`] : []),
    ...(conversations === null
      ? []
      : [`place : (${conversations.map((id) => `"${conversationWord(id)}"`).join(' OR ')})`]),
  ].join(' AND ');
}

function termText(term: SearchTerm): string {
  if (term.kind === 'phrase') return `stems : ${quoted(term.stems.join(' '))}`;
  const any = term.stems.map(quoted);
  if (term.begins !== null) any.push(`${quoted(term.begins)} *`);
  return `{stems more} : (${any.join(' OR ')})`;
}

const quoted = (words: string): string => `"${words.replaceAll('"', '""')}"`;
