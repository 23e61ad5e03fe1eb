import type { ClientId, ConversationId, NodeId, UserId } from '../protocol/ids.ts';
import type { Bodies, Entry, Kind, Message, Span } from '../protocol/models.ts';

/** An entry that is to be appended. */
export type Draft = {
  [K in Kind]: {
    readonly conversationId: ConversationId;
    readonly senderId: UserId | null;
    readonly clientId: ClientId;
    readonly kind: K;
    readonly body: Bodies[K];
    /** The seq it changes, on kinds that target. */
    readonly target?: number;
    /** The server's time, ms. The entry's is this, or that of the entry before it where that is later. */
    readonly time: number;
    /** When it disappears, ms. Left out: it stays. Not compared where the key is repeated. */
    readonly expiresAt?: number;
    /**
     * The head's `rulesSeq` by which access was judged; null for entries that nobody needs to be allowed (owed ones).
     */
    readonly rulesSeq: number | null;
  };
}[Kind];

export type Appended =
  | { readonly outcome: 'appended'; readonly entry: Entry }
  /** The log holds this key (conversation, sender, clientId) with the same content, or it was emptied since. */
  | { readonly outcome: 'repeated'; readonly entry: Entry }
  /** The log holds this key with other content. */
  | { readonly outcome: 'conflict' }
  /** Members, roles or settings changed behind the `rulesSeq` it was judged by: judge again. Nothing was stored. */
  | { readonly outcome: 'outdated' };

/** The end of a conversation's log. A conversation without entries has seq 0, time 0, rulesSeq 0, firstSeq 1. */
export interface Head {
  readonly conversationId: ConversationId;
  readonly seq: number;
  /** Of the last entry. */
  readonly time: number;
  /** Retention emptied what stands before it. */
  readonly firstSeq: number;
  /** The last entry that changed members, roles or settings; 0: none. */
  readonly rulesSeq: number;
  /** When this head last changed, by the store's clock. */
  readonly changedAt: number;
}

/**
 * The conversations' logs. Numbers have no gaps, and n is never visible before n − 1. Every method is atomic. Entries
 * answered are in seq order, and none of them stands before the head's `firstSeq`. Throws AppError `unavailable` while the store is out of reach or its disk is full; what was
 * not acknowledged may then be there or not, and the same key tells.
 */
export interface MessageLog {
  /** The instance's epoch: new at every restore and rollback. */
  epoch(): Promise<string>;

  /**
   * Appends for good: resolves after the commit, and survives a power cut. Drafts are stored in the order of the calls.
   * The known key is looked up before anything else, `rulesSeq` included.
   */
  append(draft: Draft): Promise<Appended>;

  /** The entry that a key holds, or null. */
  find(conversationId: ConversationId, senderId: UserId | null, clientId: ClientId): Promise<Entry | null>;

  /** One entry, or null. */
  entry(conversationId: ConversationId, seq: number): Promise<Entry | null>;

  /**
   * Entries behind `after` within the spans: at most `limit`, and at most `maxBytes` of JSON (but always one, if there is
   * one). `more`: the spans hold further ones.
   */
  entries(ask: {
    readonly conversationId: ConversationId;
    readonly after: number;
    readonly spans: readonly Span[];
    readonly limit: number;
    readonly maxBytes: number;
  }): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean; readonly head: number }>;

  /**
   * Messages (entries without a target) as `foldMessage` makes them now, before `before` (null: from the end), within the
   * spans (what targets them from outside changes nothing; what was removed is empty for everybody); bounded
   * as `entries` is. `asOf` is the head the answer was made at, read in the same snapshot.
   */
  history(ask: {
    readonly conversationId: ConversationId;
    readonly before: number | null;
    readonly spans: readonly Span[];
    readonly limit: number;
    readonly maxBytes: number;
  }): Promise<{ readonly messages: readonly Message[]; readonly more: boolean; readonly asOf: number }>;

  /** Heads in the order asked for. */
  heads(conversationIds: readonly ConversationId[]): Promise<readonly Head[]>;

  /**
   * For each: the last message within the spans (as it is now); the person's own last counting entry (0: none), up to which they
   * have read; and how many counting entries of others, not removed, stand above that and above `readSeq` within the spans,
   * exact up to `limits.unreadCount`; and how many of those mention the person, or everybody. What has expired by `now`
   * (ms) counts as removed. In the order asked for.
   */
  summaries(
    asks: readonly {
      readonly conversationId: ConversationId;
      readonly userId: UserId;
      readonly spans: readonly Span[];
      readonly readSeq: number;
    }[],
    now: number,
  ): Promise<
    readonly {
      readonly last: Message | null;
      readonly unread: number;
      readonly mentions: number;
      readonly ownSeq: number;
    }[]
  >;

  /** What targets one entry, in order, within the spans; at most `limit`, those behind `after`. */
  targeting(ask: {
    readonly conversationId: ConversationId;
    readonly target: number;
    readonly spans: readonly Span[];
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly Entry[]>;

  /**
   * Empties an entry with its edits and preview: bodies become `{}`, `emptied` is set; seq, time, key, kind and `expiresAt`
   * stay. Twice does no harm. Called after the entry that says so was appended, or once it has expired.
   */
  erase(conversationId: ConversationId, seq: number): Promise<void>;

  /** Entries that have expired by `now` (ms) and are not emptied yet, at most `limit`, those that expired first before others. */
  expired(
    now: number,
    limit: number,
  ): Promise<readonly { readonly conversationId: ConversationId; readonly seq: number }[]>;

  /**
   * Empties all that stands up to a seq and raises the head's `firstSeq` to the next one, and its `changedAt`: nothing before
   * it is answered any more, though keys are still known. Never goes back, nor beyond the head; twice does no harm.
   */
  retire(conversationId: ConversationId, seq: number): Promise<void>;

  /** Entries of all conversations in the log. */
  count(): Promise<number>;

  /**
   * This node published and owes nothing for its entries up to these seqs. Marks never go back. Called at most once a
   * second, with all that changed.
   */
  markDispatched(
    node: NodeId,
    marks: readonly { readonly conversationId: ConversationId; readonly seq: number }[],
  ): Promise<void>;

  /** The entries that a node stored beyond its marks, in order by conversation and seq, at most `limit`. */
  undispatched(node: NodeId, limit: number): Promise<readonly Entry[]>;

  /** Which node stored an entry, and whether that one's marks passed it; null: there is no such entry. */
  origin(
    conversationId: ConversationId,
    seq: number,
  ): Promise<{ readonly node: NodeId; readonly dispatched: boolean } | null>;

  /** Nodes that ever stored an entry. */
  nodes(): Promise<readonly NodeId[]>;

  health(): Promise<{ readonly ok: boolean; readonly says: string }>;
  close(): Promise<void>;
}
