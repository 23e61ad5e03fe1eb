import type { Database } from 'better-sqlite3';
import type { MessageLog } from '../../ports/message-log.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Entry, Message, Span } from '../../protocol/models.ts';
import { clip, countingCodes, entryOf, jsonBytes, messageBytes, messageOf, removalCode } from '../message-log/rows.ts';
import type { KeptHead, Numbers } from './sqlite-message-log-numbers.ts';
import { seqsPerConversation } from './sqlite-message-log-schema.ts';

type Ask<M extends 'entries' | 'history' | 'targeting'> = Parameters<MessageLog[M]>[0];
type Answer<M extends 'entries' | 'history' | 'summaries'> = Awaited<ReturnType<MessageLog[M]>>;

type Row = [
  id: number,
  time: number,
  sender: number,
  client: string,
  kind: number,
  target: number | null,
  body: string | null,
  expiresAt: number | null,
];
const columns = 'id, time, sender, client, kind, target, body, expires';

/** Seqs of a conversation that somebody has not read, and the time, ms. `first`: the id that its seq 0 would have. */
type Unread = { conversation: number; first: number; from: number; to: number; now: number };

/** All reads are short and by index; each method sees one state of the file, because nothing else runs meanwhile. */
export function makeReader(db: Database, numbers: Numbers) {
  const forwards = db
    .prepare<[number, number, number], Row>(
      `SELECT ${columns} FROM entries WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?`,
    )
    .raw();
  const placesBackwards = db
    .prepare<[number, number, number], Row>(
      `SELECT ${columns} FROM entries WHERE id BETWEEN ? AND ? AND target IS NULL ORDER BY id DESC LIMIT ?`,
    )
    .raw();
  const byId = db.prepare<[number], Row>(`SELECT ${columns} FROM entries WHERE id = ?`).raw();
  const byKey = db
    .prepare<[string, number, number], Row>(
      `SELECT ${columns} FROM entries WHERE client = ? AND sender = ? AND conversation = ?`,
    )
    .raw();
  const targetingFrom = db
    .prepare<[number, number, number], Row>(
      `SELECT ${columns} FROM entries WHERE conversation = ? AND target BETWEEN ? AND ? ORDER BY id`,
    )
    .raw();
  const targeting = db
    .prepare<[number, number, number, number, number], Row>(
      `SELECT ${columns} FROM entries WHERE conversation = ? AND target = ? AND id BETWEEN ? AND ? ORDER BY id LIMIT ?`,
    )
    .raw();
  const countedAt = db.prepare<[number], number>('SELECT counted FROM entries WHERE id = ?').pluck();
  // Mostly there is none, and counting them is the dear part.
  const anyRemoved = db
    .prepare<Unread, number>(
      `SELECT EXISTS (
         SELECT 1 FROM entries WHERE conversation = @conversation AND target BETWEEN @from AND @to AND kind = ${removalCode}
       ) OR EXISTS (
         SELECT 1 FROM entries INDEXED BY entries_emptied
         WHERE body IS NULL AND id BETWEEN @first + @from AND @first + @to
       ) OR EXISTS (
         SELECT 1 FROM entries INDEXED BY entries_expiring
         WHERE expires IS NOT NULL AND body IS NOT NULL AND expires <= @now AND id BETWEEN @first + @from AND @first + @to
       )`,
    )
    .pluck();
  const removedIn = db
    .prepare<Unread, number>(
      `SELECT count(*) FROM (
         SELECT @first + target AS id FROM entries
         WHERE conversation = @conversation AND target BETWEEN @from AND @to AND kind = ${removalCode}
         UNION
         SELECT id FROM entries INDEXED BY entries_emptied
         WHERE body IS NULL AND id BETWEEN @first + @from AND @first + @to
         UNION
         SELECT id FROM entries INDEXED BY entries_expiring
         WHERE expires IS NOT NULL AND body IS NOT NULL AND expires <= @now AND id BETWEEN @first + @from AND @first + @to
       ) gone JOIN entries e ON e.id = CAST(gone.id AS INTEGER) WHERE e.kind IN (${countingCodes})`,
    )
    .pluck();
  // Mostly there are none, and which of them still stand is the dear part.
  const anyMentioned = db
    .prepare<[number, number, number, number], number>(
      'SELECT 1 FROM mentions WHERE conversation = ? AND person IN (?, 0) AND seq BETWEEN ? AND ? LIMIT 1',
    )
    .pluck();
  const mentionsIn = db
    .prepare<Unread & { person: number }, number>(
      `SELECT count(DISTINCT m.seq) FROM mentions m JOIN entries e ON e.id = @first + m.seq
       WHERE m.conversation = @conversation AND m.person IN (@person, 0) AND m.seq BETWEEN @from AND @to
         AND e.body IS NOT NULL AND (e.expires IS NULL OR e.expires > @now) AND NOT EXISTS (
           SELECT 1 FROM entries WHERE conversation = @conversation AND target = m.seq AND kind = ${removalCode}
         )`,
    )
    .pluck();
  const authored = db
    .prepare<[number, number], number>('SELECT seq FROM authors WHERE conversation = ? AND sender = ?')
    .pluck();

  const expiring = db
    .prepare<[number, number], number>(
      `SELECT id FROM entries INDEXED BY entries_expiring
       WHERE expires IS NOT NULL AND body IS NOT NULL AND expires <= ? ORDER BY expires, id LIMIT ?`,
    )
    .pluck();

  const idOf = (head: KeptHead, seq: number) => head.id * seqsPerConversation + seq;

  function read(row: Row, conversationId: ConversationId, firstId: number): Entry {
    const [id, time, sender, clientId, kind, target, body, expiresAt] = row;
    const senderId = numbers.personOf(sender);
    return entryOf({ conversationId, seq: id - firstId, time, senderId, clientId, kind, target, body, expiresAt });
  }

  /** What targets the messages from seq `low` to `high`, in order, by message. */
  function aftermath(head: KeptHead, low: number, high: number): ReadonlyMap<number, readonly Entry[]> {
    const after = new Map<number, Entry[]>();
    for (const row of targetingFrom.iterate(head.id, low, high)) {
      const target = row[5] as number;
      const entry = read(row, head.conversationId, idOf(head, 0));
      const those = after.get(target);
      if (those === undefined) after.set(target, [entry]);
      else those.push(entry);
    }
    return after;
  }

  function entries(ask: Ask<'entries'>): Answer<'entries'> {
    const head = numbers.head(ask.conversationId);
    if (head === null) return { entries: [], more: false, head: 0 };
    const ranges = clip(ask.spans, Math.max(ask.after + 1, head.firstSeq), head.seq);
    const page: Entry[] = [];
    const first = idOf(head, 0);
    let bytes = 0;
    let full = false;
    for (const { from, to } of ranges) {
      // One by one: what the bytes leave out need not be read.
      for (const row of forwards.iterate(first + from, first + to, ask.limit - page.length)) {
        bytes += jsonBytes(row[6]);
        full = bytes > ask.maxBytes && page.length > 0;
        if (full) break;
        page.push(read(row, ask.conversationId, first));
      }
      if (full || page.length >= ask.limit) break;
    }
    const last = page.at(-1)?.seq ?? ask.after;
    return { entries: page, more: (ranges.at(-1)?.to ?? 0) > last, head: head.seq };
  }

  /** Messages as they are now, from the last of the ranges backwards, answered in order. */
  function messages(head: KeptHead, spans: readonly Span[], before: number | null, limit: number, maxBytes: number) {
    const ranges = clip(spans, head.firstSeq, before === null ? head.seq : Math.min(before - 1, head.seq));
    const first = idOf(head, 0);
    const rows: Row[] = [];
    for (const { from, to } of ranges.reverse()) {
      rows.push(...placesBackwards.all(first + from, first + to, limit + 1 - rows.length));
      if (rows.length > limit) break;
    }
    if (rows.length === 0) return { messages: [], more: false };
    const after = aftermath(head, (rows.at(-1) as Row)[0] - first, (rows[0] as Row)[0] - first);
    const page: Message[] = [];
    let bytes = 0;
    for (const row of rows) {
      const message = messageOf(read(row, head.conversationId, first), after.get(row[0] - first) ?? [], spans);
      bytes += messageBytes(message);
      if (page.length >= limit || (bytes > maxBytes && page.length > 0)) break;
      page.push(message);
    }
    return { messages: page.reverse(), more: page.length < rows.length };
  }

  function lastMessage(head: KeptHead, spans: readonly Span[]): Message | null {
    // Nothing stands behind the last entry, so nothing changed it.
    const isRead = head.seq >= head.firstSeq && clip(spans, head.seq, head.seq).length > 0;
    const tip = isRead ? byId.get(idOf(head, head.seq)) : undefined;
    if (tip !== undefined && tip[5] === null) return read(tip, head.conversationId, idOf(head, 0));
    return messages(head, spans, null, 1, 0).messages[0] ?? null;
  }

  function history(ask: Ask<'history'>): Answer<'history'> {
    const head = numbers.head(ask.conversationId);
    if (head === null) return { messages: [], more: false, asOf: 0 };
    return { ...messages(head, ask.spans, ask.before, ask.limit, ask.maxBytes), asOf: head.seq };
  }

  const countedBy = (head: KeptHead, seq: number): number => {
    if (seq <= 0) return 0;
    return seq >= head.seq ? head.counted : (countedAt.get(idOf(head, seq)) ?? 0);
  };

  function removedAmong(unread: Unread): number {
    return anyRemoved.get(unread) === 0 ? 0 : (removedIn.get(unread) ?? 0);
  }

  function mentionsAmong(unread: Unread, person: number): number {
    const isAny = anyMentioned.get(unread.conversation, person, unread.from, unread.to) !== undefined;
    return isAny ? (mentionsIn.get({ ...unread, person }) ?? 0) : 0;
  }

  /** Exact up to `limits.unreadCount`. Mentions count, so where nothing is unread nobody is mentioned. */
  function unread(head: KeptHead, person: number | null, spans: readonly Span[], above: number, now: number) {
    let sum = 0;
    let mentions = 0;
    for (const { from, to } of clip(spans, Math.max(above + 1, head.firstSeq), head.seq)) {
      const counting = countedBy(head, to) - countedBy(head, from - 1);
      if (counting === 0) continue;
      const range = { conversation: head.id, first: idOf(head, 0), from, to, now };
      sum += counting - removedAmong(range);
      mentions += mentionsAmong(range, person ?? 0);
    }
    return { unread: Math.min(sum, limits.unreadCount), mentions: Math.min(mentions, limits.unreadCount) };
  }

  function summary(ask: Parameters<MessageLog['summaries']>[0][number], now: number): Answer<'summaries'>[number] {
    const head = numbers.head(ask.conversationId);
    if (head === null) return { last: null, unread: 0, mentions: 0, ownSeq: 0 };
    const person = numbers.person(ask.userId);
    const ownSeq = person === null ? 0 : (authored.get(head.id, person) ?? 0);
    return {
      last: lastMessage(head, ask.spans),
      ...unread(head, person, ask.spans, Math.max(ask.readSeq, ownSeq), now),
      ownSeq,
    };
  }

  function readTargeting(ask: Ask<'targeting'>): readonly Entry[] {
    const head = numbers.head(ask.conversationId);
    if (head === null) return [];
    const first = idOf(head, 0);
    const found: Entry[] = [];
    for (const { from, to } of clip(ask.spans, Math.max(ask.after + 1, ask.target + 1, head.firstSeq), head.seq)) {
      const rows = targeting.all(head.id, ask.target, first + from, first + to, ask.limit - found.length);
      found.push(...rows.map((row) => read(row, ask.conversationId, first)));
      if (found.length >= ask.limit) break;
    }
    return found;
  }

  return {
    read,
    keyHolder(head: KeptHead, sender: number, clientId: string): Entry | null {
      const row = byKey.get(clientId, sender, head.id);
      return row === undefined ? null : read(row, head.conversationId, idOf(head, 0));
    },
    entry(conversationId: ConversationId, seq: number): Entry | null {
      const head = numbers.head(conversationId);
      const row = head === null || seq < head.firstSeq || seq > head.seq ? undefined : byId.get(idOf(head, seq));
      return row === undefined || head === null ? null : read(row, conversationId, idOf(head, 0));
    },
    entries,
    history,
    targeting: readTargeting,
    summaries: (asks: Parameters<MessageLog['summaries']>[0], now: number) => asks.map((ask) => summary(ask, now)),
    expired: (now: number, limit: number) =>
      expiring.all(now, limit).map((id) => ({
        conversationId: numbers.conversationOf(Math.floor(id / seqsPerConversation)),
        seq: id % seqsPerConversation,
      })),
  };
}

export type Reader = ReturnType<typeof makeReader>;
