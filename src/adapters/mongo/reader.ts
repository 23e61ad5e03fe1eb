import type { Head, MessageLog } from '../../ports/message-log.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Entry, Message, Span } from '../../protocol/models.ts';
import {
  clip,
  counts,
  jsonBytes,
  kindOf,
  messageBytes,
  messageOf,
  type Range,
  removalCode,
} from '../message-log/rows.ts';
import { type Collections, type EntryDocument, idOf, keyOf, personId, readEntry } from './collections.ts';
import type { FoundHead, Heads } from './heads.ts';

type Ask<M extends 'entries' | 'history' | 'summaries'> = Parameters<MessageLog[M]>[0];
type Answer<M extends 'entries' | 'history' | 'summaries'> = Awaited<ReturnType<MessageLog[M]>>;

/** Conditions joined in one query. */
const clauses = 200;

/**
 * A log only grows and its entries stay as they are (but for being emptied), so what stands up to a head that was read first
 * is one state, however many queries read it.
 */
export function makeReader(
  { entries, authors }: Collections,
  heads: Heads,
): Pick<MessageLog, 'find' | 'entry' | 'entries' | 'history' | 'summaries' | 'targeting'> {
  async function headOf(conversationId: ConversationId): Promise<Pick<Head, 'seq' | 'firstSeq'>> {
    return (await heads.find([conversationId])).get(conversationId)?.head ?? { seq: 0, firstSeq: 1 };
  }

  /** What matches any of the conditions, however many there are. */
  async function matching(conditions: readonly object[]): Promise<EntryDocument[]> {
    const chunks: Promise<EntryDocument[]>[] = [];
    for (let from = 0; from < conditions.length; from += clauses) {
      chunks.push(entries.find({ $or: conditions.slice(from, from + clauses) }).toArray());
    }
    return (await Promise.all(chunks)).flat();
  }

  /** What targets messages, up to a head of each conversation, in order, by `conversation seq`. */
  async function aftermathOf(
    asks: readonly {
      readonly conversationId: ConversationId;
      readonly seqs: readonly number[];
      readonly head: number;
    }[],
  ): Promise<ReadonlyMap<string, readonly Entry[]>> {
    const conditions = asks
      .filter(({ seqs }) => seqs.length > 0)
      .map(({ conversationId, seqs, head }) => ({
        conversation: idOf(conversationId),
        target: { $in: [...seqs] },
        seq: { $lte: head },
      }));
    const after = new Map<string, Entry[]>();
    for (const document of (await matching(conditions)).sort((a, b) => a.seq - b.seq)) {
      const at = `${document.conversation} ${document.target}`;
      const entry = readEntry(document);
      const those = after.get(at);
      if (those === undefined) after.set(at, [entry]);
      else those.push(entry);
    }
    return after;
  }

  async function readHistory(ask: Ask<'history'>): Promise<Answer<'history'>> {
    const { conversationId, spans, limit, maxBytes } = ask;
    const { seq: head, firstSeq } = await headOf(conversationId);
    const ranges = clip(spans, firstSeq, Math.min(head, ask.before === null ? head : ask.before - 1));
    const conversation = idOf(conversationId);
    const found: EntryDocument[] = [];
    for (const { from, to } of [...ranges].reverse()) {
      const wanted = limit + 1 - found.length;
      if (wanted <= 0) break;
      const filter = { conversation, target: null, seq: { $gte: from, $lte: to } };
      found.push(...(await entries.find(filter, { sort: { seq: -1 }, limit: wanted }).toArray()));
    }
    const after = await aftermathOf([{ conversationId, seqs: found.map(({ seq }) => seq), head }]);
    const page: Message[] = [];
    let bytes = 0;
    for (const document of found) {
      const message = asItIsNow(document, after, spans);
      bytes += messageBytes(message);
      if (page.length >= limit || (bytes > maxBytes && page.length > 0)) break;
      page.push(message);
    }
    return { messages: page.reverse(), more: page.length < found.length, asOf: head };
  }

  async function readEntries(ask: Ask<'entries'>): Promise<Answer<'entries'>> {
    const { conversationId, after, spans, limit, maxBytes } = ask;
    const { seq: head, firstSeq } = await headOf(conversationId);
    const ranges = clip(spans, Math.max(after + 1, firstSeq), head);
    const conversation = idOf(conversationId);
    const found: EntryDocument[] = [];
    for (const { from, to } of ranges) {
      const wanted = limit - found.length;
      if (wanted <= 0) break;
      const filter = { conversation, seq: { $gte: from, $lte: to } };
      found.push(...(await entries.find(filter, { sort: { seq: 1 }, limit: wanted }).toArray()));
    }
    const page: Entry[] = [];
    let bytes = 0;
    for (const document of found) {
      bytes += jsonBytes(document.body);
      if (bytes > maxBytes && page.length > 0) break;
      page.push(readEntry(document));
    }
    return { entries: page, more: (ranges.at(-1)?.to ?? 0) > (page.at(-1)?.seq ?? after), head };
  }

  /** The person's own last entry in each conversation. */
  async function ownSeqs(asks: Ask<'summaries'>, found: ReadonlyMap<ConversationId, FoundHead>): Promise<number[]> {
    const keyed = asks.map(({ conversationId, userId }) => ({
      conversation: idOf(conversationId),
      sender: idOf(userId),
    }));
    const unwritten = asks.flatMap(({ conversationId, userId }) => {
      const from = found.get(conversationId)?.unwrittenFrom ?? null;
      const sender = idOf(userId);
      return from === null ? [] : [{ conversation: idOf(conversationId), seq: { $gte: from }, '_id.sender': sender }];
    });
    const [written, live] = await Promise.all([authors.find({ _id: { $in: keyed } }).toArray(), matching(unwritten)]);
    const own = new Map<string, number>();
    const note = (conversation: unknown, sender: unknown, seq: number) => {
      const at = `${conversation} ${sender}`;
      own.set(at, Math.max(seq, own.get(at) ?? 0));
    };
    for (const { _id, seq } of written) note(_id.conversation, _id.sender, seq);
    for (const { _id, seq, kind } of live) if (counts(kindOf(kind))) note(_id.conversation, _id.sender, seq);
    return asks.map(({ conversationId, userId }) => own.get(`${conversationId} ${userId}`) ?? 0);
  }

  async function summaries(asks: Ask<'summaries'>, now: number): Promise<Answer<'summaries'>> {
    const found = await heads.find([...new Set(asks.map(({ conversationId }) => conversationId))]);
    const own = await ownSeqs(asks, found);
    const places = asks.map((ask, i): Place => {
      const { seq: head = 0, firstSeq = 1 } = found.get(ask.conversationId)?.head ?? {};
      const ownSeq = own[i] ?? 0;
      const passed = Math.max(ask.readSeq, ownSeq, firstSeq - 1);
      const readable = clip(ask.spans, firstSeq, head);
      return { ...ask, head, ownSeq, readable, unread: clip(ask.spans, passed + 1, head) };
    });

    const at = await marksOf(places);
    const roughly = places.map(({ conversationId, unread }) =>
      unread.reduce(
        (sum, { from, to }) => sum + at(conversationId, to).counted - at(conversationId, from - 1).counted,
        0,
      ),
    );
    const withUnread = places.filter((_, i) => (roughly[i] ?? 0) > 0);
    const [gone, mentioned, last] = await Promise.all([
      goneOf(withUnread, now),
      mentionsIn(withUnread, now),
      lastOf(places, at),
    ]);
    return places.map((place, i) => {
      const unread = Math.min(Math.max(0, (roughly[i] ?? 0) - gone(place)), limits.unreadCount);
      const mentions = Math.min(mentioned(place), limits.unreadCount);
      return { last: last(i), unread, mentions, ownSeq: place.ownSeq };
    });
  }

  /** What sums up the log at the ends of every range that is asked about. */
  async function marksOf(places: readonly Place[]): Promise<(id: ConversationId, seq: number) => Marks> {
    const wanted = places.map(({ conversationId, readable, unread }) => {
      const seqs = [...readable.map(({ to }) => to), ...unread.flatMap(({ from, to }) => [from - 1, to])];
      return { conversation: idOf(conversationId), seq: { $in: [...new Set(seqs)].filter((seq) => seq > 0) } };
    });
    const found = await matching(wanted.filter(({ seq }) => seq.$in.length > 0));
    const by = new Map(found.map((entry) => [`${entry.conversation} ${entry.seq}`, entry]));
    return (id, seq) => by.get(`${id} ${seq}`) ?? { counted: 0, lastPlace: 0 };
  }

  /** How many counting entries in the unread ranges of a place are removed, emptied or expired. */
  async function goneOf(places: readonly Place[], now: number): Promise<(place: Place) => number> {
    const ranges = places.flatMap(({ conversationId, unread }) =>
      unread.map(({ from, to }) => ({ conversation: idOf(conversationId), within: { $gte: from, $lte: to } })),
    );
    const [removals, emptied, expired] = await Promise.all([
      matching(ranges.map(({ conversation, within }) => ({ conversation, target: within, kind: removalCode }))),
      matching(ranges.map(({ conversation, within }) => ({ conversation, seq: within, emptied: true }))),
      matching(ranges.map(({ conversation, within }) => ({ conversation, seq: within, expiring: { $lte: now } }))),
    ]);
    const heads = new Map(places.map(({ conversationId, head }) => [conversationId as string, head]));
    const removed = removals.filter(({ conversation, seq }) => seq <= (heads.get(conversation.toString()) ?? 0));
    const targets = await matching(
      removed.map(({ conversation, target }) => ({ conversation, seq: target as number })),
    );
    const counted = new Map(
      [...targets, ...emptied, ...expired]
        .filter(({ kind }) => counts(kindOf(kind)))
        .map(({ conversation, seq }) => [`${conversation} ${seq}`, { conversation: conversation.toString(), seq }]),
    );
    return ({ conversationId, unread }) =>
      [...counted.values()].filter(
        ({ conversation, seq }) =>
          conversation === conversationId && unread.some(({ from, to }) => from <= seq && seq <= to),
      ).length;
  }

  /** The last message in the spans of each place, by its number in the list. */
  async function lastOf(
    places: readonly Place[],
    at: (id: ConversationId, seq: number) => Marks,
  ): Promise<(i: number) => Message | null> {
    const seqs = places.map(({ conversationId, readable }) => {
      const range = readable.findLast(({ from, to }) => at(conversationId, to).lastPlace >= from);
      return range === undefined ? 0 : at(conversationId, range.to).lastPlace;
    });
    const wanted = places.flatMap(({ conversationId }, i) => {
      const seq = seqs[i] ?? 0;
      return seq === 0 ? [] : [{ conversation: idOf(conversationId), seq }];
    });
    const by = new Map((await matching(wanted)).map((entry) => [`${entry.conversation} ${entry.seq}`, entry]));
    const after = await aftermathOf(
      places.map((place, i) => ({ ...place, seqs: (seqs[i] ?? 0) === 0 ? [] : [seqs[i] as number] })),
    );
    return (i) => {
      const { conversationId, spans } = places[i] as Place;
      const document = by.get(`${conversationId} ${seqs[i]}`);
      return document === undefined ? null : asItIsNow(document, after, spans);
    };
  }

  /** How many messages in the unread ranges of a place, neither removed, emptied nor expired, mention its person or everybody. */
  async function mentionsIn(places: readonly Place[], now: number): Promise<(place: Place) => number> {
    const found = await matching(
      places.flatMap(({ conversationId, userId, unread }) =>
        unread.map(({ from, to }) => ({
          conversation: idOf(conversationId),
          mentions: { $in: [idOf(userId), personId(null)] },
          seq: { $gte: from, $lte: to },
        })),
      ),
    );
    const removals = await matching(
      found.map(({ conversation, seq }) => ({ conversation, target: seq, kind: removalCode })),
    );
    const removed = new Set(removals.map(({ conversation, target }) => `${conversation} ${target}`));
    const counting = new Map(
      found
        .filter(
          ({ conversation, seq, body, expiring = Infinity }) =>
            body !== null && expiring > now && !removed.has(`${conversation} ${seq}`),
        )
        .map((document) => [`${document.conversation} ${document.seq}`, document]),
    );
    return ({ conversationId, userId, unread }) =>
      [...counting.values()].filter(
        ({ conversation, seq, mentions = [] }) =>
          conversation.toString() === conversationId &&
          unread.some(({ from, to }) => from <= seq && seq <= to) &&
          mentions.some((id) => id.equals(idOf(userId)) || id.equals(personId(null))),
      ).length;
  }

  async function targeting(ask: Parameters<MessageLog['targeting']>[0]): Promise<readonly Entry[]> {
    const conversation = idOf(ask.conversationId);
    const { seq, firstSeq } = await headOf(ask.conversationId);
    const ranges = clip(ask.spans, Math.max(ask.after + 1, ask.target + 1, firstSeq), seq);
    if (ranges.length === 0) return [];
    const within = ranges.map(({ from, to }) => ({ seq: { $gte: from, $lte: to } }));
    const found = entries.find(
      { conversation, target: ask.target, $or: within },
      { sort: { seq: 1 }, limit: ask.limit },
    );
    return (await found.toArray()).map(readEntry);
  }

  return {
    async find(conversationId, senderId, clientId) {
      const document = await entries.findOne({ _id: keyOf(conversationId, senderId, clientId) });
      return document === null ? null : readEntry(document);
    },
    async entry(conversationId, seq) {
      const { firstSeq } = await headOf(conversationId);
      const document = seq < firstSeq ? null : await entries.findOne({ conversation: idOf(conversationId), seq });
      return document === null ? null : readEntry(document);
    },
    entries: readEntries,
    history: readHistory,
    summaries,
    targeting,
  };
}

interface Place {
  readonly conversationId: ConversationId;
  readonly userId: UserId;
  readonly spans: readonly Span[];
  readonly head: number;
  readonly ownSeq: number;
  readonly readable: readonly Range[];
  readonly unread: readonly Range[];
}

type Marks = Pick<EntryDocument, 'counted' | 'lastPlace'>;

function asItIsNow(
  document: EntryDocument,
  after: ReadonlyMap<string, readonly Entry[]>,
  spans: readonly Span[],
): Message {
  const entry = readEntry(document);
  return messageOf(entry, after.get(`${entry.conversationId} ${entry.seq}`) ?? [], spans);
}
