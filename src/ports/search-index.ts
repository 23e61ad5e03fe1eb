import type { ConversationId, NodeId, UserId } from '../protocol/ids.ts';
import type { Span } from '../protocol/models.ts';

/**
 * The words of one text, as the index keeps them: letters, marks and digits, no longer than 64 UTF-16 units each, joined by
 * single spaces.
 */
export interface IndexedWords {
  /** The first stem of each word, in the order of the text. */
  readonly stems: string;
  /** The words themselves and further stems, where they are none of `stems`. In any order, none twice. */
  readonly more: string;
  readonly hasLink: boolean;
}

export interface IndexedMessage extends IndexedWords {
  readonly seq: number;
  readonly time: number;
  readonly senderId: UserId | null;
}

/** What entries from behind `from` up to `to` change in the index. No message stands in two of the lists. */
export interface IndexChange {
  readonly conversationId: ConversationId;
  readonly from: number;
  readonly to: number;
  /** They take the place of what stands there. */
  readonly added: readonly IndexedMessage[];
  /** Other words for messages that are there; those that are not stay away. */
  readonly edited: readonly (IndexedWords & { readonly seq: number })[];
  readonly dropped: readonly number[];
}

/** What a message must hold. */
export type SearchTerm =
  /** A word with one of these stems, or, where `begins` is given, one that begins so. */
  | { readonly kind: 'word'; readonly stems: readonly string[]; readonly begins: string | null }
  /** Words with these stems, one behind the other. */
  | { readonly kind: 'phrase'; readonly stems: readonly string[] };

export interface SearchAsk {
  /** All of them. None: `senderId` or `hasLink` is given. */
  readonly terms: readonly SearchTerm[];
  readonly within: readonly { readonly conversationId: ConversationId; readonly spans: readonly Span[] }[];
  readonly senderId: UserId | null;
  readonly hasLink: boolean;
  /** Messages' times, ms, both included. */
  readonly since: number | null;
  readonly until: number | null;
  /** A place of an earlier answer: go on behind it. */
  readonly behind: string | null;
  readonly limit: number;
}

export interface Found {
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly place: string;
}

/**
 * Where messages are by their words: made from the logs and nothing that must survive, since it can be made anew. It names
 * what may match, perhaps a little more; who asks looks at the messages themselves. Every method is atomic. Throws
 * AppError `unavailable` while it is out of reach or its disk is full.
 */
export interface SearchIndex {
  /**
   * Empties it unless it was made under this name; true: it did. Called before anything else. Where somebody else prepared
   * it under another name since, `claim` claims nothing.
   */
  prepare(made: string): Promise<boolean>;
  /** Empties it. */
  clear(): Promise<void>;

  /** Up to which seq each conversation's entries are in it, in the order asked for; 0: none. */
  marks(conversationIds: readonly ConversationId[]): Promise<readonly number[]>;
  /** The sum of all marks. */
  count(): Promise<number>;
  /**
   * Whether `node` alone may store of these conversations for the next `ms`: `mine`, unless the mark is at `seq` already or
   * another node holds it. In the order asked for.
   */
  claim(
    node: NodeId,
    wants: readonly { readonly conversationId: ConversationId; readonly seq: number }[],
    ms: number,
  ): Promise<readonly { readonly conversationId: ConversationId; readonly mark: number; readonly mine: boolean }[]>;
  /**
   * Takes changes in and raises the marks, one change a conversation, and gives the claims back. What `node` does not hold
   * (any longer), or does not go on from the mark, is left out. Answers the marks as they are then, in the order given.
   */
  store(node: NodeId, changes: readonly IndexChange[]): Promise<readonly number[]>;
  /** A message is gone, whatever the mark. Twice does no harm. */
  drop(conversationId: ConversationId, seq: number): Promise<void>;
  /** Nothing of this conversation is in it, and its mark is 0. */
  forget(conversationId: ConversationId): Promise<void>;

  /**
   * What matches within the spans, the newest first. `next`: where it stopped looking, perhaps before it found as many as
   * asked for; null: there is nothing older. Throws AppError `invalid cursor_invalid` for a place that is none.
   */
  find(ask: SearchAsk): Promise<{ readonly found: readonly Found[]; readonly next: string | null }>;

  health(): Promise<{ readonly ok: boolean; readonly says: string }>;
  close(): Promise<void>;
}
