import { isDeepStrictEqual } from 'node:util';
import type { Draft, Head } from '../../ports/message-log.ts';
import { AppError } from '../../protocol/errors.ts';
import { foldMessage } from '../../protocol/fold.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import { type Entry, type Kind, kinds, type Message, type Span } from '../../protocol/models.ts';

/** Numbers stand for kinds in the stores. They are there for good: add, never renumber. */
const kindCodes: Record<Kind, number> = {
  message: 1,
  edit: 2,
  removal: 3,
  created: 4,
  joined: 5,
  left: 6,
  removed: 7,
  role: 8,
  title: 9,
  poll: 10,
  reaction: 11,
  vote: 12,
  poll_closed: 13,
  pin: 14,
  settings: 15,
  preview: 16,
};
const kindsByCode = new Map<number, Kind>(
  (Object.entries(kindCodes) as [Kind, number][]).map(([kind, code]) => [code, kind]),
);

export const kindCode = (kind: Kind): number => kindCodes[kind];
export function kindOf(code: number): Kind {
  const kind = kindsByCode.get(code);
  if (kind === undefined) throw new Error(`entry of unknown kind ${code}`);
  return kind;
}
/** For SQL: what is emptied with the message that it targets, as a list. */
export const wordingCodes = [kindCodes.edit, kindCodes.preview];
export const removalCode = kindCodes.removal;
/** For SQL: the kinds that count, as a list. */
export const countingCodes = Object.entries(kindCodes)
  .filter(([kind]) => kinds[kind as Kind].counts)
  .map(([, code]) => code)
  .join(', ');
export const counts = (kind: Kind): boolean => kinds[kind].counts;
export const movesRules = (kind: Kind): boolean => kinds[kind].rules;

/** An entry as its store reads it. `body` is JSON; null: it was emptied. */
export interface EntryParts {
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly time: number;
  readonly senderId: UserId | null;
  readonly clientId: string;
  readonly kind: number;
  readonly target: number | null;
  readonly body: string | null;
  readonly expiresAt: number | null;
}

export function entryOf(parts: EntryParts): Entry {
  const { conversationId, seq, time, senderId } = parts;
  const kind = kindOf(parts.kind);
  const entry = { conversationId, seq, time, senderId, clientId: parts.clientId as ClientId, kind } as Writable<Entry>;
  entry.body = parts.body === null ? {} : JSON.parse(parts.body);
  if (parts.target !== null) entry.target = parts.target;
  if (parts.body === null) entry.emptied = true;
  if (parts.expiresAt !== null) entry.expiresAt = parts.expiresAt;
  return entry as Entry;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The entry that a draft becomes. */
export function placed(draft: Draft, seq: number, time: number): Entry {
  const { conversationId, senderId, clientId, kind, body } = draft;
  const entry = { conversationId, seq, time, senderId, clientId, kind, body } as Writable<Entry>;
  if (draft.target !== undefined) entry.target = draft.target;
  if (draft.expiresAt !== undefined) entry.expiresAt = draft.expiresAt;
  return entry as Entry;
}

/** Whether a draft says what the entry under its key said, or may no longer be compared because that was emptied. */
export function repeats(draft: Draft, entry: Entry): boolean {
  if (entry.emptied) return true;
  return entry.kind === draft.kind && entry.target === draft.target && isDeepStrictEqual(entry.body, draft.body);
}

/** A message as it is now, for somebody with these spans: a removal counts for everybody. `targeting` is in order. */
export function messageOf(entry: Entry, targeting: readonly Entry[], spans: readonly Span[]): Message {
  return targeting.reduce<Message>(
    (message, each) => (each.kind === 'removal' || isWithin(spans, each.seq) ? foldMessage(message, each) : message),
    entry,
  );
}

function isWithin(spans: readonly Span[], seq: number): boolean {
  return spans.some(({ from, to }) => from <= seq && (to === null || seq <= to));
}

/** Whom a draft mentions; null stands for everybody. Nobody twice. */
export function mentionedBy(draft: Draft): readonly (UserId | null)[] {
  if (draft.kind !== 'message') return [];
  const { mentions = [], mentionsAll } = draft.body;
  return [...new Set([...mentions, ...(mentionsAll === true ? [null] : [])])];
}

/** Room that the JSON of an entry takes at most beside its body: names, ids, numbers, and the comma behind it. */
const jsonFrame = 300;
/** At most so many bytes of JSON. */
export const jsonBytes = (body: string | null): number => jsonFrame + (body === null ? 2 : Buffer.byteLength(body));

/** Of a message with all that became of it. */
export function messageBytes({ body, reactions, ballots, preview }: Message): number {
  const isPlain = reactions === undefined && ballots === undefined && preview === undefined;
  const after = isPlain ? 0 : Buffer.byteLength(JSON.stringify([reactions, ballots, preview]));
  return jsonBytes(JSON.stringify(body)) + after;
}

export const emptyHead = (conversationId: ConversationId): Head => ({
  conversationId,
  seq: 0,
  time: 0,
  firstSeq: 1,
  rulesSeq: 0,
  changedAt: 0,
});

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The seqs from `low` to `high` that are within the spans: ascending, apart, none empty. */
export function clip(spans: readonly Span[], low: number, high: number): Range[] {
  const ranges: { from: number; to: number }[] = [];
  const ascending = spans.length < 2 ? spans : [...spans].sort((a, b) => a.from - b.from);
  for (const span of ascending) {
    const from = Math.max(span.from, low, (ranges.at(-1)?.to ?? 0) + 1);
    const to = Math.min(span.to ?? high, high);
    if (from <= to) ranges.push({ from, to });
  }
  return ranges;
}

/** What opening a log throws that a newer version wrote. It is left as it was. */
export function newerMessages(): AppError {
  const says =
    'A newer version of Messenger wrote these messages. Install that version, or restore a backup made before it.';
  return new AppError('unavailable', 'database_newer', { cause: new Error(says) });
}
