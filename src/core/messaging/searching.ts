import type { Platform } from '../../ports/platform.ts';
import type { Found, SearchAsk } from '../../ports/search-index.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Message, Span } from '../../protocol/models.ts';
import type { Input, Output } from '../../protocol/operations.ts';
import { type Handlers, person } from '../call.ts';
import { hasLink, textsOf } from './index-changes.ts';
import { lookAt } from './message-looks.ts';
import { type RulesCache, spansOf } from './rules.ts';
import { type Clause, matchTexts, parseQuery, termsOf } from './search-query.ts';
import type { ReadWords } from './search-words.ts';

type Result = Output<'message.search'>['results'][number];

/** What of a conversation somebody may find. */
interface Place {
  readonly spans: readonly Span[];
  readonly hidden: readonly number[];
}

/** UTF-16 units of text that are matched before others have their turn: some milliseconds. */
const breath = 32 * 1024;
/** The index is asked at most so often for one page; then the page is answered as it is. */
const mostAsks = 4;
const rowsPage = 200;
const bytes = new TextEncoder();

/**
 * Looks messages up in the index, and then at the messages themselves: who searches sees what they may read now, as it is
 * now, whatever the index says.
 */
export function makeSearching({
  clock,
  conversations,
  messages,
  search,
  rules,
  readWords,
}: Pick<Platform, 'clock' | 'conversations' | 'messages' | 'search'> & {
  readonly rules: RulesCache;
  readonly readWords: ReadWords;
}): Pick<Handlers, 'message.search'> {
  const turns = makeTurns();
  /** A store that answers at once would keep everybody else waiting for all of a search. */
  const othersTurn = () => new Promise<void>((resolve) => void clock.after(0, resolve));

  async function placesOf(userId: UserId, only: ConversationId | undefined): Promise<Map<ConversationId, Place>> {
    const places = new Map<ConversationId, Place>();
    if (only !== undefined) {
      const spans = spansOf(await rules.get(only), userId);
      const row = await conversations.row(only, userId);
      return places.set(only, { spans: row?.spans ?? spans, hidden: row?.hidden ?? [] });
    }
    for (let after: ConversationId | null = null; ; ) {
      const rows = await conversations.rows(userId, after, rowsPage);
      for (const { conversationId, spans, hidden } of rows)
        if (spans.length > 0) places.set(conversationId, { spans, hidden });
      if (rows.length < rowsPage) return places;
      after = rows.at(-1)?.conversationId ?? null;
      await othersTurn();
    }
  }

  async function look({ conversationId, seq }: Found, place: Place | undefined): Promise<Message | null> {
    if (place === undefined || place.hidden.includes(seq)) return null;
    return lookAt(messages, { conversationId, seq }, place.spans);
  }

  async function find(input: Input<'message.search'>, userId: UserId): Promise<Output<'message.search'>> {
    const { senderId, since, until, has, limit } = input;
    const clauses = parseQuery(input.query, readWords);
    const results: Result[] = [];
    if (clauses.length === 0 && senderId === undefined && has === undefined) return { results, cursor: null };
    const places = await placesOf(userId, input.conversationId);
    const isWanted = filterOf(input);
    const ask: Omit<SearchAsk, 'behind' | 'limit'> = {
      terms: termsOf(clauses),
      within: [...places].map(([conversationId, { spans }]) => ({ conversationId, spans })),
      senderId: senderId ?? null,
      hasLink: has === 'link',
      since: since ?? null,
      until: until ?? null,
    };
    let [size, read] = [0, 0];
    let behind = input.cursor;
    for (let asked = 0; asked < mostAsks; asked++) {
      const { found, next } = await search.find({ ...ask, behind, limit: limit - results.length });
      const looks = await Promise.all(found.map((each) => look(each, places.get(each.conversationId))));
      for (const [i, message] of looks.entries()) {
        if (message === null || !isWanted(message)) continue;
        read += textsOf(message).join('').length;
        if (read > breath) {
          await othersTurn();
          read = 0;
        }
        const result = resultOf(message, clauses, readWords);
        if (result === null) continue;
        size += bytes.encode(JSON.stringify(result)).length;
        // Always one, so that it goes on.
        if (size > limits.pageBytes && results.length > 0) return { results, cursor: found[i - 1]?.place ?? behind };
        results.push(result);
      }
      behind = next;
      if (next === null || results.length >= limit) break;
    }
    return { results, cursor: behind };
  }

  return {
    'message.search': (input, call) => {
      const { userId } = person(call);
      return turns.take(userId, () => find(input, userId));
    },
  };
}

function resultOf(message: Message, clauses: readonly Clause[], readWords: ReadWords): Result | null {
  const matches = matchTexts(textsOf(message), clauses, readWords);
  if (matches === null) return null;
  const ranges = matches.flatMap((those, text) =>
    those.map((match) => (text === 0 ? match : { ...match, option: text - 1 })),
  );
  return { conversationId: message.conversationId, seq: message.seq, message, ranges };
}

/** Whether a message, as it is now, is what was asked for beside its words. */
function filterOf({ senderId, since, until, has }: Input<'message.search'>): (message: Message) => boolean {
  return (message) =>
    textsOf(message).length > 0 &&
    (senderId === undefined || message.senderId === senderId) &&
    (since === undefined || message.time >= since) &&
    (until === undefined || message.time <= until) &&
    (has === undefined || hasLink(textsOf(message)));
}

/** One search of each person at a time: who types fast, or asks a thousand times, keeps nobody else waiting. */
function makeTurns() {
  const last = new Map<UserId, Promise<unknown>>();
  return {
    take<T>(userId: UserId, task: () => Promise<T>): Promise<T> {
      const mine = (last.get(userId) ?? Promise.resolve()).then(task, task);
      last.set(userId, mine);
      const done = () => {
        if (last.get(userId) === mine) last.delete(userId);
      };
      mine.then(done, done);
      return mine;
    },
  };
}
