import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { isUnreadFor } from './apply.ts';
import type { ConversationLog, Page } from './log.ts';
import type { Requests } from './requests.ts';
import type { State } from './state.ts';

/** Reads from the server what is missing here. Everything may be called at any time; what is under way is joined. */
export interface Reader {
  /** Entries of this conversation are missing here, at least up to a seq. */
  readOn(conversationId: ConversationId, upTo: number): Promise<void>;
  /** Brings all conversations up to their heads: those in use first. Resolves when what was behind has been read. */
  catchUp(): Promise<void>;
  history(conversationId: ConversationId, before: number | null, limit: number): Promise<Page>;
  /** History before a seq, at least down to `from`. */
  historyFrom(conversationId: ConversationId, from: number, before: number, limit: number): Promise<Page>;
  /** Seqs of before mean nothing any more. */
  forget(): void;
}

/** Messages read from the end of a conversation of which nothing is stored. */
export const firstPage = 50;
/** So many of the latest conversations are there when the network is not. */
const keptReady = 30;
const atOnce = 6;

export function makeReader(parts: {
  readonly state: State;
  readonly log: ConversationLog;
  readonly requests: Requests;
  readonly isOpen: (conversationId: ConversationId) => boolean;
  /** This device has everything up to here. */
  readonly onDelivered: (conversationId: ConversationId, seq: number) => void;
}): Reader {
  const { state, log, requests, isOpen, onDelivered } = parts;
  const reading = new Map<ConversationId, Promise<void>>();
  const pages = new Map<string, Promise<Page>>();
  /** Heard of while others were being read: an answer may be older than what was heard meanwhile. */
  const wanted = new Map<ConversationId, number>();

  function once(id: ConversationId, read: (id: ConversationId) => Promise<void>): Promise<void> {
    let known = reading.get(id);
    if (!known) {
      known = read(id).finally(() => reading.delete(id));
      reading.set(id, known);
    }
    return known;
  }

  async function readOn(conversationId: ConversationId): Promise<void> {
    for (;;) {
      const after = state.rows.get(conversationId).peek()?.known;
      if (after === undefined) return;
      const page = await requests.insist('conversation.entries', { conversationId, after, limit: limits.pageItems });
      if (page.head - after > limits.staleEntries && page.more) {
        log.drop(conversationId);
        return readEnd(conversationId);
      }
      log.readOn(conversationId, after, page);
      const known = state.rows.get(conversationId).peek()?.known ?? 0;
      if (!page.more && (known >= (wanted.get(conversationId) ?? 0) || known <= after)) return;
    }
  }

  async function readEnd(conversationId: ConversationId): Promise<void> {
    const { messages, to } = await history(conversationId, null, firstPage);
    const me = state.owner.peek()?.userId ?? null;
    if (messages.some(({ message }) => isUnreadFor(me, message))) onDelivered(conversationId, to);
    const row = state.rows.get(conversationId).peek();
    if (row && row.known < to) await readOn(conversationId);
  }

  function history(conversationId: ConversationId, before: number | null, limit: number): Promise<Page> {
    const name = `${conversationId} ${before} ${limit}`;
    const asked =
      pages.get(name) ??
      log
        .readBack(conversationId, before, () =>
          requests.insist('conversation.history', { conversationId, before, limit }),
        )
        .finally(() => pages.delete(name));
    pages.set(name, asked);
    return asked;
  }

  /** Pages are bounded in bytes as well, so that one of long messages may not reach down far enough. */
  async function historyFrom(
    conversationId: ConversationId,
    from: number,
    before: number,
    limit: number,
  ): Promise<Page> {
    let page = await history(conversationId, before, limit);
    while (page.from > from) {
      const older = await history(conversationId, page.from, limit);
      page = { messages: [...older.messages, ...page.messages], from: older.from, to: page.to };
    }
    return page;
  }

  /** What has to be read of it, or null. */
  function lackOf(conversationId: ConversationId, isRecent: boolean) {
    const row = state.rows.get(conversationId).peek();
    if (!row) return null;
    const { head, mine } = row.conversation;
    if (row.stretches.length > 0) {
      if (head.seq - row.known > limits.staleEntries) {
        log.drop(conversationId);
        return readEnd;
      }
      return head.seq > row.known ? readOn : null;
    }
    const isWanted = isRecent || isOpen(conversationId) || head.seq > Math.max(mine.deliveredSeq, row.marks.delivered);
    return isWanted && head.seq > 0 && mine.spans.length > 0 ? readEnd : null;
  }

  return {
    readOn(id, upTo) {
      wanted.set(id, Math.max(upTo, wanted.get(id) ?? 0));
      return once(id, readOn);
    },
    forget: () => wanted.clear(),
    history,
    historyFrom,
    async catchUp() {
      const latest = [...state.rows.entries()]
        .flatMap(([, row]) => row.peek() ?? [])
        .sort((a, b) => b.conversation.head.time - a.conversation.head.time)
        .map((row) => row.conversation.conversationId);
      const work = latest.flatMap((id, place) => {
        const lack = lackOf(id, place < keptReady);
        return lack ? [{ id, lack, isFirst: isOpen(id) }] : [];
      });
      work.sort((a, b) => Number(b.isFirst) - Number(a.isFirst));
      const next = async (): Promise<void> => {
        for (let one = work.shift(); one; one = work.shift()) await once(one.id, one.lack).catch(() => {});
      };
      await Promise.all(Array.from({ length: atOnce }, next));
    },
  };
}
