import { foldMessage } from '../../protocol/fold.ts';
import type { ClientId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Conversation, Entry, EntryOf, Kind, kinds, Marks, Message, Span } from '../../protocol/models.ts';

/** A message as it is after every entry up to `asOf`. */
export interface Kept {
  readonly message: Message;
  readonly asOf: number;
}

/** Checked against the protocol's table, whose value the client does not carry. */
const counting: { readonly [K in Kind]: (typeof kinds)[K]['counts'] } = {
  message: true,
  poll: true,
  edit: false,
  removal: false,
  reaction: false,
  vote: false,
  poll_closed: false,
  preview: false,
  pin: false,
  created: false,
  joined: false,
  left: false,
  removed: false,
  role: false,
  title: false,
  settings: false,
};

/** It makes the conversation unread for `me`. Kinds from a later version do not. */
export function isUnreadFor(me: UserId | null, entry: Entry): boolean {
  return counting[entry.kind] === true && entry.senderId !== me && !entry.emptied;
}

/** It is unread and says my name, or everybody's. */
export function isMentioning(me: UserId | null, entry: Entry): boolean {
  if (entry.kind !== 'message' || !isUnreadFor(me, entry)) return false;
  return entry.body.mentionsAll === true || (me !== null && entry.body.mentions?.includes(me) === true);
}

/** An entry with a place in history, of whatever kind, as it is when it is new. Null: it changes another one. */
export function keptOf(entry: Entry): Kept | null {
  return entry.target === undefined ? { message: entry, asOf: entry.seq } : null;
}

/**
 * The message with one more entry that targets it. Entries it already reflects, and kinds that are not known, leave it the
 * very same object.
 */
export function fold(kept: Kept, entry: Entry): Kept {
  const { message, asOf } = kept;
  if (entry.seq <= asOf || entry.target !== message.seq || message.emptied) return kept;
  const folded = foldMessage(message, entry);
  return folded === message ? kept : { message: folded, asOf: entry.seq };
}

/** The conversation after one more entry, the next after its head. Marks and the spans of a newcomer come by `sync`. */
export function advance(conversation: Conversation, entry: Entry, me: UserId | null): Conversation {
  if (entry.seq <= conversation.head.seq) return conversation;
  const mine = { ...conversation.mine };
  const next = {
    ...conversation,
    head: { ...conversation.head, seq: entry.seq, time: entry.time },
    last: lastAfter(conversation, entry),
    mine,
  };
  if (entry.senderId === me && counting[entry.kind] === true) {
    mine.readSeq = entry.seq;
    mine.unread = 0;
    mine.mentions = 0;
  } else if (isUnreadFor(me, entry)) {
    mine.unread = Math.min(mine.unread + 1, limits.unreadCount);
    if (isMentioning(me, entry)) mine.mentions = Math.min(mine.mentions + 1, mine.unread);
  }
  if (entry.emptied) return next;
  if (entry.kind === 'title') next.title = entry.body.title;
  else if (entry.kind === 'settings') next.settings = settingsIn(entry);
  else if (entry.kind === 'pin') next.pins = pinsAfter(conversation.pins, entry);
  else if (entry.kind === 'joined') next.memberCount += entry.body.userIds.length;
  else if (entry.kind === 'left' || entry.kind === 'removed') {
    next.memberCount = Math.max(0, next.memberCount - 1);
    next.marks = next.marks.filter((mark) => mark.userId !== entry.body.userId);
    if (entry.body.userId === me) {
      mine.member = false;
      mine.spans = mine.spans.map((span) => (span.to === null ? { ...span, to: entry.seq } : span));
    }
  } else if (entry.kind === 'role' && entry.body.userId === me) mine.role = entry.body.role;
  return next;
}

function settingsIn({ body: { changed: _changed, ...settings } }: EntryOf<'settings'>): Conversation['settings'] {
  return settings;
}

function pinsAfter(pins: readonly number[], { target, body }: EntryOf<'pin'>): number[] {
  const others = pins.filter((seq) => seq !== target);
  return target !== undefined && body.on ? [target, ...others] : others;
}

function lastAfter(conversation: Conversation, entry: Entry): Message | null {
  if (entry.target === undefined) return entry;
  const last = lastOf(conversation);
  return last && fold({ message: last, asOf: conversation.head.seq }, entry).message;
}

/** The last message of a conversation. Nobody may ask for its key: the server leaves it out there. */
export function lastOf({ conversationId, last }: Conversation): Message | null {
  return last && ({ clientId: '' as ClientId, ...last, conversationId } as Message);
}

/**
 * Two states of one conversation, in whichever order they came: the later log, the highest marks. Where the person read on
 * here since, `unread` is at most what may be left. How they keep it is in no log: the state that came last says it.
 */
export function merge(old: Conversation, fresh: Conversation): Conversation {
  const [newer, older] = fresh.head.seq >= old.head.seq ? [fresh, old] : [old, fresh];
  return {
    ...newer,
    mine: {
      ...newer.mine,
      ...readTo(newer, older.mine.readSeq),
      ...keepingOf(fresh),
      hidden: old.mine.hidden.length > fresh.mine.hidden.length ? old.mine.hidden : fresh.mine.hidden,
      deliveredSeq: Math.max(old.mine.deliveredSeq, fresh.mine.deliveredSeq),
    },
    marks: newer.marks.map((mark) => {
      const before = older.marks.find((one) => one.userId === mark.userId);
      return before && newer === fresh ? raised(mark, unlessHidden(before, mark)) : raised(mark, before);
    }),
  };
}

/** Marks never go back, but to nothing: then how far they read is hidden by now. */
function unlessHidden(before: Marks, { readSeq }: Marks): Marks {
  return readSeq === 0 ? { ...before, readSeq } : before;
}

/**
 * They came back to a group that shows its past: what a device holds of it has holes. Spans that only ended, or were added
 * behind the others, leave none.
 */
export function readsMoreOfThePast(old: Conversation, now: Conversation): boolean {
  const isKept = ({ from, to }: Span) =>
    now.mine.spans.some((span) => span.from === from && (to === null || span.to === to));
  return !old.mine.spans.every(isKept);
}

/** What stands at a seq is mine to read. */
export const isReadable = ({ mine, head }: Conversation, seq: number): boolean =>
  seq >= head.firstSeq && mine.spans.some(({ from, to }) => from <= seq && seq <= (to ?? head.seq));

function keepingOf({ mine: { pinned, archived, mutedUntil, markedUnread, draft } }: Conversation) {
  return { pinned, archived, mutedUntil, markedUnread, draft };
}

/** My mark at least at `seq`, and the most that can be unread then. */
export function readTo(
  { head, mine }: Conversation,
  seq: number,
): { readSeq: number; unread: number; mentions: number } {
  if (seq <= mine.readSeq) return { readSeq: mine.readSeq, unread: mine.unread, mentions: mine.mentions };
  const unread = Math.min(mine.unread, Math.max(0, head.seq - seq));
  return { readSeq: seq, unread, mentions: Math.min(mine.mentions, unread) };
}

/** The marks of others, some of them moved. */
export function withMarks(marks: readonly Marks[], moved: readonly Marks[]): Marks[] {
  const known = marks.map((mark) =>
    raised(
      mark,
      moved.find((one) => one.userId === mark.userId),
    ),
  );
  const fresh = moved.filter((mark) => !marks.some((one) => one.userId === mark.userId));
  return [...known, ...fresh.map(({ userId, deliveredSeq, readSeq }) => ({ userId, deliveredSeq, readSeq }))];
}

function raised(mark: Marks, by: Marks | undefined): Marks {
  if (!by || (by.deliveredSeq <= mark.deliveredSeq && by.readSeq <= mark.readSeq)) return mark;
  return {
    userId: mark.userId,
    deliveredSeq: Math.max(mark.deliveredSeq, by.deliveredSeq),
    readSeq: Math.max(mark.readSeq, by.readSeq),
  };
}
