import type { UUID } from 'mongodb';
import type { Head } from '../../ports/message-log.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { emptyHead } from '../message-log/rows.ts';
import { type Collections, conversationOf, type EntryDocument, type HeadDocument, idOf } from './collections.ts';

/** A conversation's head, and from where on its entries must be looked through for their authors; null: nowhere. */
export interface FoundHead {
  readonly head: Head;
  readonly unwrittenFrom: number | null;
}

export interface Heads {
  /** By conversation; those without entries have an empty one. */
  find(conversationIds: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, FoundHead>>;
  /** The last entry, as it is stored; null: there is none. */
  last(conversation: UUID): Promise<EntryDocument | null>;
  /** Entries of all conversations. */
  count(): Promise<number>;
}

/**
 * Who owes something is asked before the written heads are read: a conversation that nobody owed for then had its head
 * written, or got its first new entry later than that.
 */
export function makeHeads({ entries, heads, owed }: Collections): Heads {
  const last: Heads['last'] = (conversation) =>
    entries.findOne({ conversation }, { sort: { seq: -1 }, projection: { body: 0 } });

  async function find(conversationIds: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, FoundHead>> {
    const ids = conversationIds.map(idOf);
    const unwritten = new Map<ConversationId, number>();
    for (const { conversation, seq } of await owed.find({ conversation: { $in: ids } }).toArray()) {
      const id = conversationOf(conversation);
      unwritten.set(id, Math.min(seq + 1, unwritten.get(id) ?? seq + 1));
    }
    const [written, live] = await Promise.all([
      heads.find({ _id: { $in: ids } }).toArray(),
      Promise.all([...unwritten.keys()].map((id) => last(idOf(id)))),
    ]);
    const found = new Map<ConversationId, FoundHead>(
      conversationIds.map((id) => [id, { head: emptyHead(id), unwrittenFrom: unwritten.get(id) ?? null }]),
    );
    const place = (head: Head) => {
      const { unwrittenFrom = null } = found.get(head.conversationId) ?? {};
      found.set(head.conversationId, { head, unwrittenFrom });
    };
    const retired = new Map(written.map(({ _id, retiredAt = 0 }) => [conversationOf(_id), retiredAt]));
    for (const head of written) place(writtenHead(head));
    for (const entry of live) {
      if (entry === null) continue;
      const id = conversationOf(entry.conversation);
      place(liveHead(entry, found.get(id)?.head, retired.get(id) ?? 0));
    }
    return found;
  }

  return {
    find,
    last,
    async count() {
      const moving = await owed.distinct('conversation');
      const [sum] = await heads
        .aggregate<{ seq: number }>([
          { $match: { _id: { $nin: moving } } },
          { $group: { _id: null, seq: { $sum: '$seq' } } },
        ])
        .toArray();
      const live = await Promise.all(moving.map(last));
      return live.reduce((all, entry) => all + (entry?.seq ?? 0), sum?.seq ?? 0);
    },
  };
}

function writtenHead({ _id, seq, time, firstSeq, rulesSeq, storedAt, retiredAt = 0 }: HeadDocument): Head {
  const changedAt = Math.max(storedAt, retiredAt);
  return { conversationId: conversationOf(_id), seq, time, firstSeq, rulesSeq, changedAt };
}

function liveHead(last: EntryDocument, written: Head | undefined, retiredAt: number): Head {
  const { conversation, seq, time, rulesSeq, storedAt } = last;
  const changedAt = Math.max(storedAt, retiredAt);
  return {
    conversationId: conversationOf(conversation),
    seq,
    time,
    firstSeq: written?.firstSeq ?? 1,
    rulesSeq,
    changedAt,
  };
}
