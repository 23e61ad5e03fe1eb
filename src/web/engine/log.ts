import { batch } from '@preact/signals';
import { withoutContent } from '../../protocol/fold.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Conversation, Entry } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import {
  advance,
  fold,
  isMentioning,
  isUnreadFor,
  type Kept,
  keptOf,
  merge,
  readsMoreOfThePast,
  readTo,
} from './apply.ts';
import type { Expiry } from './expiry.ts';
import type { Journal } from './journal.ts';
import type { State } from './state.ts';
import type { ConversationRow } from './store.ts';
import { stretchAt, withStretch } from './stretches.ts';

/** What listens to a conversation's log, as it is applied here. */
export interface LogListener {
  /** The next entry behind `known` was applied; `kept` is what takes a place in history. */
  applied(entry: Entry, kept: Kept | null, known: number): void;
  /** Behind `known` there is nothing for this person up to `reached`. */
  reached(known: number, reached: number): void;
  /** The stored messages of the conversation went, or entries were passed over because there were none. */
  dropped(): void;
}

/** Messages as they are now, all there are from one seq to another. */
export interface Page {
  readonly messages: readonly Kept[];
  readonly from: number;
  readonly to: number;
}

/** The conversations' logs as far as they are known here: entries are applied in order, once, and stored. */
export interface ConversationLog {
  /**
   * A state that `sync` or another operation answered. A conversation of which no message is stored needs no entries and
   * counts as known up to its head.
   */
  learn(fresh: Conversation): void;
  /** `gap`: entries before it are missing here; nothing was applied. `unknown`: no such conversation here. */
  hear(entry: Entry): 'applied' | 'known' | 'gap' | 'unknown';
  /** Applies what was answered to `conversation.entries { after }`. */
  readOn(conversationId: ConversationId, after: number, page: Output<'conversation.entries'>): void;
  /** Asks for history before a seq (null: at the end) and stores it. */
  readBack(
    conversationId: ConversationId,
    before: number | null,
    ask: () => Promise<Output<'conversation.history'>>,
  ): Promise<Page>;
  /** The person read up to here, on this device or another. */
  read(conversationId: ConversationId, seq: number): void;
  /** A message stored here was read: where it disappears, nothing of it stays. */
  mind(kept: Kept): void;
  /**
   * Counts stored messages as not there: they are too far behind to be brought up to date. What is stored stays, since
   * another tab may be up to date and rely on it.
   */
  drop(conversationId: ConversationId): void;
  /** Deletes the stored messages. */
  erase(conversationId: ConversationId): void;
  listen(conversationId: ConversationId, listener: LogListener): () => void;
  /** Seqs of before mean nothing any more. */
  forget(): void;
}

export function makeConversationLog(
  state: State,
  journal: Journal,
  expiry: Pick<Expiry, 'isOver' | 'whenOver'>,
  onEntry: (entry: Entry) => void,
): ConversationLog {
  const listeners = new Map<ConversationId, Set<LogListener>>();
  /** Entries that changed others while history was being asked for. */
  const changes = new Map<ConversationId, { asks: number; entries: Entry[] }>();
  /** Up to where entries were passed over, since nothing that they could change was stored. */
  const passedOver = new Map<ConversationId, number>();
  let folding: Promise<unknown> = Promise.resolve();

  const me = () => state.owner.peek()?.userId ?? null;
  const rowOf = (id: ConversationId): ConversationRow | null => state.rows.get(id).peek();
  const tell = (id: ConversationId, what: (listener: LogListener) => void) => listeners.get(id)?.forEach(what);
  const store = (kept: Kept) => {
    journal.put('messages', [kept.message.conversationId, kept.message.seq], kept);
    mind(kept);
  };

  function mind({ message: { conversationId, seq, expiresAt, emptied } }: Kept) {
    if (expiresAt === undefined || emptied) return;
    expiry.whenOver(expiresAt, `${conversationId} ${seq}`, () => void forgetContent(conversationId, seq));
  }

  /** It had its time: nothing of it stays here either. */
  async function forgetContent(conversationId: ConversationId, seq: number): Promise<void> {
    const kept = await journal.get('messages', [conversationId, seq]).catch(() => undefined);
    if (!kept || kept.message.emptied) return;
    journal.put('messages', [conversationId, seq], { ...kept, message: withoutContent(kept.message) });
    if (isUnreadFor(me(), kept.message)) recount(conversationId);
  }

  function apply(before: ConversationRow, entry: Entry) {
    const kept = keptOf(entry);
    const { conversationId, seq } = entry;
    const row = spanning(before, seq - 1);
    if (kept && !stretchAt(row.stretches, seq)) store(kept);
    state.setRow({
      ...row,
      known: seq,
      conversation: advance(row.conversation, entry, me()),
      stretches: withStretch(row.stretches, { from: seq, to: seq }),
    });
    if (!kept) change(entry);
    onEntry(entry);
    tell(conversationId, (listener) => listener.applied(entry, kept, before.known));
  }

  /** Changes a stored message, after those changes that came before. */
  function change(entry: Entry) {
    changes.get(entry.conversationId)?.entries.push(entry);
    folding = folding.then(() => foldStored(entry)).catch(() => {});
    journal.hold(folding);
  }

  async function foldStored(entry: Entry) {
    const { conversationId, target } = entry;
    if (target === undefined) return;
    const kept = await journal.get('messages', [conversationId, target]);
    const next = kept && fold(kept, entry);
    if (!next || next === kept) return;
    store(next);
    if (next.message.emptied && isUnreadFor(me(), kept.message)) recount(conversationId);
  }

  function passOver({ known, conversation }: ConversationRow, head: number): number {
    if (head <= known) return known;
    passedOver.set(conversation.conversationId, head);
    return head;
  }

  function drop(conversationId: ConversationId) {
    const row = rowOf(conversationId);
    if (!row) return;
    state.setRow({ ...row, stretches: [], known: passOver(row, row.conversation.head.seq) });
    tell(conversationId, (listener) => listener.dropped());
  }

  /** Counts the unread messages anew where all of them are stored here. */
  function recount(conversationId: ConversationId) {
    const asked = rowOf(conversationId);
    if (!asked) return;
    const { head, mine } = asked.conversation;
    if (
      mine.readSeq >= head.seq ||
      stretchAt(asked.stretches, mine.readSeq + 1) !== stretchAt(asked.stretches, head.seq)
    )
      return;
    if (!stretchAt(asked.stretches, head.seq)) return;
    const ask = {
      conversationId,
      from: mine.readSeq + 1,
      to: head.seq,
      limit: 2 * limits.unreadCount,
      end: 'newest',
    } as const;
    journal.messages(ask).then(
      (found) => {
        const row = rowOf(conversationId);
        if (!row) return;
        const { conversation } = row;
        if (conversation.head.seq !== head.seq || conversation.mine.readSeq !== mine.readSeq)
          return recount(conversationId);
        const now = conversation.mine;
        const there = found.filter(({ message }) => !expiry.isOver(message.expiresAt));
        const all = there.filter(({ message }) => isUnreadFor(me(), message)).length;
        const unread = Math.min(limits.unreadCount, all);
        const mentions = Math.min(unread, there.filter(({ message }) => isMentioning(me(), message)).length);
        if (unread !== now.unread || mentions !== now.mentions)
          state.setRow({ ...row, conversation: { ...conversation, mine: { ...now, unread, mentions } } });
      },
      () => {},
    );
  }

  return {
    learn(fresh) {
      const row = rowOf(fresh.conversationId);
      if (!row) {
        const marks = { delivered: fresh.mine.deliveredSeq, read: fresh.mine.readSeq };
        state.setRow({ conversation: fresh, known: fresh.head.seq, stretches: [], marks, told: marks });
        return;
      }
      const conversation = merge(row.conversation, fresh);
      const told = { ...row.told, read: Math.max(row.told.read, fresh.mine.readSeq) };
      const isFull = !readsMoreOfThePast(row.conversation, conversation);
      // An answer that is still on its way was made for the spans of before.
      if (!isFull) passedOver.set(fresh.conversationId, conversation.head.seq);
      const { firstSeq } = conversation.head;
      const stretches = isFull ? keptBehind(row.stretches, firstSeq) : [];
      for (const { from, to } of row.stretches)
        for (let seq = from; seq <= to && seq < firstSeq; seq++)
          journal.put('messages', [fresh.conversationId, seq], undefined);
      const known = stretches.length === 0 ? passOver(row, conversation.head.seq) : row.known;
      state.setRow({ ...row, conversation, known, told, stretches });
      if (known > row.known || !isFull) tell(fresh.conversationId, (listener) => listener.dropped());
      if (conversation.mine.readSeq > fresh.mine.readSeq) recount(fresh.conversationId);
    },

    hear(entry) {
      const row = rowOf(entry.conversationId);
      if (!row) return 'unknown';
      if (entry.seq <= row.known) return 'known';
      if (entry.seq > row.known + 1) return 'gap';
      batch(() => apply(row, entry));
      return 'applied';
    },

    readOn(conversationId, after, { entries, more, head }) {
      batch(() => {
        let reached = after;
        for (const entry of entries) {
          const row = rowOf(conversationId);
          if (row && entry.seq > row.known && row.known >= reached) apply(row, entry);
          reached = entry.seq;
        }
        const row = rowOf(conversationId);
        if (!row || more || row.known < reached || head <= row.known) return;
        state.setRow(spanning(row, head));
        tell(conversationId, (listener) => listener.reached(row.known, head));
      });
    },

    async readBack(conversationId, before, ask) {
      const underWay = changes.get(conversationId) ?? { asks: 0, entries: [] };
      changes.set(conversationId, underWay);
      underWay.asks++;
      try {
        let answer = await ask();
        while (answer.asOf < (passedOver.get(conversationId) ?? 0)) answer = await ask();
        const { messages, asOf, more } = answer;
        const kept = messages.map((message): Kept => underWay.entries.reduce(fold, { message, asOf }));
        const first = rowOf(conversationId)?.conversation.head.firstSeq ?? 1;
        const from = more ? (messages[0]?.seq ?? first) : first;
        const to = before === null ? asOf : Math.min(before - 1, asOf);
        const row = rowOf(conversationId);
        if (row) {
          for (const one of kept) store(one);
          state.setRow({ ...row, stretches: withStretch(row.stretches, { from, to }) });
        }
        return { messages: kept, from, to };
      } finally {
        underWay.asks--;
        if (underWay.asks === 0) changes.delete(conversationId);
      }
    },

    read(conversationId, seq) {
      const row = rowOf(conversationId);
      if (!row || seq <= row.conversation.mine.readSeq) return;
      const { conversation } = row;
      state.setRow({
        ...row,
        conversation: { ...conversation, mine: { ...conversation.mine, ...readTo(conversation, seq) } },
      });
      recount(conversationId);
    },

    mind,
    drop,
    erase(conversationId) {
      journal.drop(conversationId);
      drop(conversationId);
    },

    forget: () => passedOver.clear(),

    listen(conversationId, listener) {
      const known = listeners.get(conversationId) ?? new Set();
      listeners.set(conversationId, known.add(listener));
      return () => known.delete(listener);
    },
  };
}

/** What stands before a seq is gone by its age. */
function keptBehind(stretches: ConversationRow['stretches'], firstSeq: number): ConversationRow['stretches'] {
  return stretches.flatMap(({ from, to }) => (to < firstSeq ? [] : [{ from: Math.max(from, firstSeq), to }]));
}

/** Known up to a seq although no entries came: what lies between is not this person's to read. */
function spanning(row: ConversationRow, known: number): ConversationRow {
  if (known <= row.known) return row;
  const isLive = stretchAt(row.stretches, row.known) !== undefined;
  const stretches = isLive ? withStretch(row.stretches, { from: row.known + 1, to: known }) : row.stretches;
  return { ...row, known, stretches };
}
