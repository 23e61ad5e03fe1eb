import { foldMessage } from '../../protocol/fold.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Entry, Message, Profile } from '../../protocol/models.ts';
import type { Quote, ShownMessage, ShownPoll, ShownReaction } from './engine.ts';
import { appError } from './http.ts';
import type { State } from './state.ts';
import type { ConversationRow, OutboxRow } from './store.ts';
import { bodyOf, isMessage, type Work } from './work.ts';

export interface Reach {
  readonly delivered: number;
  readonly read: number;
}

/** How far others received and read. In notes to self that is everything. */
export function reachOf({ conversation }: ConversationRow, me: UserId | null): Reach {
  if (conversation.peerId === me && conversation.kind === 'direct') return { delivered: Infinity, read: Infinity };
  const others = conversation.marks.filter((mark) => mark.userId !== me);
  const read = Math.max(0, ...others.map((mark) => mark.readSeq));
  return { read, delivered: Math.max(read, ...others.map((mark) => mark.deliveredSeq)) };
}

/** What of one message waits in the outbox. */
export interface Pending {
  /** The latest edit or removal. */
  readonly change: OutboxRow | null;
  /** Reactions and votes, in order. */
  readonly wishes: readonly OutboxRow[];
}
const nothingPending: Pending = { change: null, wishes: [] };

export function pendingOf(rows: readonly OutboxRow[]): ReadonlyMap<number, Pending> {
  const found = new Map<number, Pending>();
  for (const row of rows) {
    if (!('seq' in row.work)) continue;
    const known = found.get(row.work.seq) ?? nothingPending;
    const isChange = row.work.op === 'message.edit' || row.work.op === 'message.remove';
    found.set(row.work.seq, isChange ? { ...known, change: row } : { ...known, wishes: [...known.wishes, row] });
  }
  return found;
}

/** Messages of the outbox that are shown behind the log's end. */
export function waitingOf(rows: readonly OutboxRow[], known: number): OutboxRow[] {
  return rows.filter((row) => isMessage(row.work) && !row.again && !(row.sent && row.sent.seq <= known));
}

/** Seqs that the person removed for themselves, here or on another device. */
export function hiddenOf({ conversation }: ConversationRow, rows: readonly OutboxRow[]): ReadonlySet<number> {
  const waiting = rows.flatMap(({ work }) => (work.op === 'message.hide' ? work.seqs : []));
  return new Set([...conversation.mine.hidden, ...waiting]);
}

export const replyToOf = (message: Message): number | undefined =>
  message.kind === 'message' && !message.emptied ? message.body.replyTo : undefined;
export const replyToIn = (work: Work): number | undefined => (work.op === 'message.send' ? work.replyTo : undefined);

/** A message that another one refers to. */
export type Referred = Message | 'hidden' | 'loading';

/**
 * Makes messages as screens show them. The same message under the same circumstances is the same object, so that what did
 * not change is not drawn again.
 */
export interface Showing {
  message(message: Message, reach: Reach, pending?: Pending, quoted?: Referred | null): ShownMessage;
  waiting(row: OutboxRow, quoted?: Referred | null): ShownMessage;
  quote(seq: number, referred: Referred): Quote;
  /** Forgets all but these. */
  keep(shown: readonly ShownMessage[]): void;
}

export function makeShowing(
  state: Pick<State, 'owner' | 'profiles' | 'blocked'>,
  /** Where several write, what one of them who is blocked wrote is folded. */
  isGroup: () => boolean,
): Showing {
  let known = new Map<string, { readonly from: readonly unknown[]; readonly shown: ShownMessage }>();
  const quotes = new Map<number, { readonly from: readonly unknown[]; readonly quote: Quote }>();

  const profileOf = (userId: UserId | null) => (userId === null ? null : state.profiles.get(userId).value);
  const myId = () => state.owner.value?.userId ?? null;
  const blocked = () => state.blocked.value;
  const isFolded = (userId: UserId | null) => userId !== null && blocked().has(userId) && isGroup();

  function same(key: string, from: readonly unknown[], make: () => ShownMessage): ShownMessage {
    const before = known.get(key);
    if (before && areSame(before.from, from)) return before.shown;
    const shown = make();
    known.set(key, { from, shown });
    return shown;
  }

  function quote(seq: number, referred: Referred): Quote {
    const message = typeof referred === 'string' ? null : referred;
    const sender = message && profileOf(message.senderId);
    const isBlocked = isFolded(message?.senderId ?? null);
    const from = [referred, sender, myId(), isBlocked];
    const before = quotes.get(seq);
    if (before && areSame(before.from, from)) return before.quote;
    const made = { ...quoteOf(seq, referred, sender, myId()), blocked: isBlocked };
    quotes.set(seq, { from, quote: made });
    return made;
  }

  const quoteTo = (replyTo: number | undefined, quoted: Referred | null): Quote | null =>
    replyTo === undefined || quoted === null ? null : quote(replyTo, quoted);

  return {
    message(message, reach, pending = nothingPending, quoted = null) {
      const me = myId();
      const sender = profileOf(message.senderId);
      const { change, wishes } = pending;
      const state = stateOf(message, me, reach, change);
      const its = quoteTo(replyToOf(message), quoted);
      const mentions = mentionedBy(message).map(profileOf);
      const folded = isFolded(message.senderId);
      const eyes = { me, blocks: blocked(), folded };
      const from = [message, me, sender, state, change, its, folded, eyes.blocks, ...wishes, ...mentions];
      return same(message.clientId, from, () => ({
        ...storedMessage(withWishes(message, me, wishes), eyes, sender, change),
        state: change?.work.op === 'message.remove' && !change.error ? null : state,
        quote: its,
        mentions: mentions.flatMap((one) => one ?? []),
      }));
    },
    waiting(row, quoted = null) {
      const sender = profileOf(myId());
      const its = quoteTo(replyToIn(row.work), quoted);
      return same(row.key, [row, sender, its], () => ({ ...waitingMessage(row, sender), quote: its }));
    },
    quote,
    keep(shown) {
      if (known.size <= 2 * shown.length + 50) return;
      const keys = new Set(shown.map((one) => one.key));
      known = new Map([...known].filter(([key]) => keys.has(key)));
    },
  };
}

const areSame = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((one, i) => one === b[i]);

function stateOf(
  { kind, seq, senderId, emptied }: Message,
  me: UserId | null,
  { delivered, read }: Reach,
  change: OutboxRow | null,
): ShownMessage['state'] {
  if ((kind !== 'message' && kind !== 'poll') || senderId !== me || emptied) return null;
  if (change) return change.error ? 'failed' : 'waiting';
  if (seq <= read) return 'read';
  return seq <= delivered ? 'delivered' : 'sent';
}

/** The message as it will be when what waits is stored. */
function withWishes(message: Message, me: UserId | null, wishes: readonly OutboxRow[]): Message {
  if (me === null) return message;
  const { conversationId, time, clientId } = message;
  const base = { conversationId, time, clientId, senderId: me, seq: message.seq, target: message.seq };
  return wishes.reduce((now, { work }) => {
    if (work.op === 'message.react') {
      const { emoji, on } = work;
      return foldMessage(now, { ...base, kind: 'reaction', body: { changes: [{ userId: me, emoji, on }] } } as Entry);
    }
    if (work.op !== 'poll.vote') return now;
    return foldMessage(now, {
      ...base,
      kind: 'vote',
      body: { votes: [{ userId: me, options: [...work.options] }] },
    } as Entry);
  }, message);
}

const mentionedBy = (message: Message): readonly UserId[] =>
  message.kind === 'message' && !message.emptied ? (message.body.mentions ?? []) : [];

/** What nothing is known of yet. */
export const plain = {
  edited: false,
  removed: false,
  blocked: false,
  quote: null,
  forwarded: null,
  mentions: [],
  mentionsAll: false,
  mentionsMe: false,
  reactions: [],
  poll: null,
  preview: null,
  error: null,
} as const;

type Stored = Omit<ShownMessage, 'state' | 'quote' | 'mentions'>;

/** Who looks, whom they block, and whether that one wrote it. */
interface Eyes {
  readonly me: UserId | null;
  readonly blocks: ReadonlySet<UserId>;
  readonly folded: boolean;
}

function storedMessage(message: Message, eyes: Eyes, sender: Profile | null, change: OutboxRow | null): Stored {
  const { me, folded } = eyes;
  const removed = message.emptied === true || (change?.work.op === 'message.remove' && !change.error);
  const base = {
    ...plain,
    key: message.clientId,
    seq: message.seq,
    message,
    text: '',
    mine: message.senderId === me,
    sender,
    time: message.time,
    removed,
    error: change?.error ? appError(change.error) : null,
  };
  if (removed) return base;
  const reactions = reactionsOf(message, eyes);
  const said = { ...base, blocked: folded, reactions };
  if (message.kind === 'poll') return { ...said, text: message.body.question, poll: pollOf(message, me) };
  if (message.kind !== 'message') return base;
  const edited = change?.work.op === 'message.edit' ? change.work.text : null;
  const { text = '', forwarded, mentions = [], mentionsAll = false } = message.body;
  return {
    ...said,
    text: edited ?? text,
    edited: edited !== null || message.editedAt !== undefined,
    forwarded: forwarded?.displayName ?? null,
    preview: edited === null || edited.includes(message.preview?.url ?? '') ? (message.preview ?? null) : null,
    mentionsAll,
    mentionsMe: !folded && (mentionsAll || (me !== null && mentions.includes(me))),
  };
}

/** Those of people I block are left out, so far as they are named. */
function reactionsOf({ reactions = [] }: Message, { me, blocks }: Eyes): readonly ShownReaction[] {
  return reactions.flatMap(({ emoji, count, userIds }) => {
    const others = blocks.size === 0 ? 0 : userIds.filter((userId) => blocks.has(userId)).length;
    return count > others ? [{ emoji, count: count - others, mine: me !== null && userIds.includes(me) }] : [];
  });
}

function pollOf({ body, ballots = [], closed }: Extract<Message, { kind: 'poll' }>, me: UserId | null): ShownPoll {
  const { question, options, several } = body;
  return {
    question,
    several,
    closed: closed === true,
    voters: ballots.length,
    voted: ballots.some(({ userId }) => userId === me),
    options: options.map((text, index) => {
      const userIds = ballots.filter((ballot) => ballot.options.includes(index)).map(({ userId }) => userId);
      return { text, userIds, mine: me !== null && userIds.includes(me) };
    }),
  };
}

function quoteOf(seq: number, referred: Referred, sender: Profile | null, me: UserId | null): Omit<Quote, 'blocked'> {
  const nobody = { seq, sender: null, mine: false, kind: 'message', text: '' } as const;
  if (typeof referred === 'string') return { ...nobody, is: referred };
  if (referred.emptied) return { ...nobody, is: 'removed' };
  const base = { seq, is: 'there', sender, mine: referred.senderId === me } as const;
  if (referred.kind === 'message') return { ...base, kind: 'message', text: referred.body.text };
  if (referred.kind === 'poll') return { ...base, kind: 'poll', text: referred.body.question };
  return { ...base, kind: 'other', text: '' };
}

const waitingState = ({ sent, error }: OutboxRow): ShownMessage['state'] =>
  error ? 'failed' : sent ? 'sent' : 'waiting';

function waitingMessage(row: OutboxRow, sender: Profile | null): ShownMessage {
  const base: ShownMessage = {
    ...plain,
    key: row.key,
    seq: row.sent?.seq ?? null,
    message: null,
    text: '',
    mine: true,
    sender,
    time: row.sent?.time ?? row.time,
    state: waitingState(row),
    error: row.error ? appError(row.error) : null,
  };
  if (!isMessage(row.work)) return base;
  const { kind, body } = bodyOf(row.work);
  if (kind === 'message') return { ...base, text: body.text, forwarded: body.forwarded?.displayName ?? null };
  const options = body.options.map((text) => ({ text, userIds: [], mine: false }));
  return { ...base, text: body.question, poll: { ...body, options, closed: false, voters: 0, voted: false } };
}
