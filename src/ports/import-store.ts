import type { ConversationId, UserId } from '../protocol/ids.ts';
import type { GroupSettings } from '../protocol/models.ts';
import type { ImportSource } from '../protocol/transfer-operations.ts';
import type { PersonalRecord } from './conversation-store.ts';

/** A conversation that came, or comes, from elsewhere. */
export interface ImportRecord {
  readonly source: ImportSource;
  /** What it is called there. */
  readonly key: string;
  readonly conversationId: ConversationId;
  readonly kind: 'direct' | 'group';
  /** Null: not yet. */
  readonly finishedAt: number | null;
}

/** Which conversations were imported, and how they come to be. Every method is atomic; null is "not found". */
export interface ImportStore {
  find(conversationId: ConversationId): Promise<ImportRecord | null>;
  findByKey(source: ImportSource, key: string): Promise<ImportRecord | null>;
  /** Notes it, and answers it; the same source and key again answer the first. */
  begin(record: Omit<ImportRecord, 'finishedAt'>): Promise<ImportRecord>;
  /**
   * Makes the conversation, without members, and owing no entry. `there`: it is made already. `pair_taken`: the two have a
   * direct conversation; nothing is made.
   */
  addConversation(conversation: {
    readonly conversationId: ConversationId;
    readonly title: string;
    readonly createdAt: number;
    readonly settings: GroupSettings;
    readonly pins: readonly number[];
    /** Null: a group. */
    readonly pair: readonly [UserId, UserId] | null;
  }): Promise<'made' | 'there' | 'pair_taken'>;
  /** Rows as they are given; who has one already keeps it. */
  addMembers(
    conversationId: ConversationId,
    members: readonly Omit<PersonalRecord, 'conversationId' | 'changedAt'>[],
  ): Promise<void>;
  /** Counts its members, and notes that it is complete. Twice does no harm. */
  finish(conversationId: ConversationId): Promise<void>;
}
