import type { ClientId, ConversationId, UserId } from '../protocol/ids.ts';
import type { Bodies, Kind, MemberRole, Span } from '../protocol/models.ts';

export interface ConversationRecord {
  readonly conversationId: ConversationId;
  readonly kind: 'direct' | 'group';
  readonly title: string;
  readonly createdAt: number;
  /** Raised by one with every change of members, roles or settings; each has its owed entry. */
  readonly version: number;
  readonly memberCount: number;
}

export interface MemberRecord {
  readonly conversationId: ConversationId;
  readonly userId: UserId;
  readonly role: MemberRole;
  /** In now, or about to be let in. False: left or removed; the row stays for what they may still read. */
  readonly member: boolean;
  /**
   * What they may read. A joining person has none (or no open one) until the owed entry is settled; a leaving one keeps an
   * open span until then, and `member` is false already.
   */
  readonly spans: readonly Span[];
  readonly deliveredSeq: number;
  readonly readSeq: number;
  /** When anything of this row but the marks changed, or of the conversation's record, by the store's clock. */
  readonly changedAt: number;
}

/** A change of members, roles or settings. The caller judged it by the version it names. */
export type Change =
  | { readonly type: 'add'; readonly userIds: readonly UserId[] }
  | { readonly type: 'remove'; readonly userId: UserId }
  /** `heir` becomes owner. */
  | { readonly type: 'leave'; readonly userId: UserId; readonly heir: UserId | null }
  /** Naming an owner makes the present owner an admin. */
  | { readonly type: 'role'; readonly userId: UserId; readonly role: MemberRole }
  | { readonly type: 'title'; readonly title: string };

/** An entry that a change owes to the log. Its `clientId` is the change's id. */
export interface OwedEntry {
  readonly conversationId: ConversationId;
  readonly version: number;
  readonly clientId: ClientId;
  readonly senderId: UserId;
  readonly entry: {
    [K in 'created' | 'joined' | 'left' | 'removed' | 'role' | 'title']: { readonly kind: K; readonly body: Bodies[K] };
  }[Extract<Kind, 'created' | 'joined' | 'left' | 'removed' | 'role' | 'title'>];
}

/** Conversations, their members and marks. Every method is atomic; null is "not found". */
export interface ConversationStore {
  /**
   * The direct conversation of two people (or of one with themselves), found or made: there is one per pair. Its members'
   * spans are open from 1; it owes no entry.
   */
  openDirect(
    conversationId: ConversationId,
    a: UserId,
    b: UserId,
  ): Promise<{ readonly conversation: ConversationRecord; readonly made: boolean }>;
  /** The direct conversation of two people, if there is one. */
  findDirect(a: UserId, b: UserId): Promise<ConversationRecord | null>;

  /**
   * Makes a group with its owner and members at version 1, owing `created` under `clientId`. The same creator and
   * clientId again answer the first one. Everybody in it from the start reads from 1, once that entry is settled.
   */
  create(group: {
    readonly conversationId: ConversationId;
    readonly clientId: ClientId;
    readonly title: string;
    readonly ownerId: UserId;
    readonly userIds: readonly UserId[];
  }): Promise<{ readonly conversation: ConversationRecord; readonly made: boolean }>;

  find(conversationId: ConversationId): Promise<ConversationRecord | null>;

  /** The conversation with all its rows of people who are or were in, in one snapshot. */
  load(
    conversationId: ConversationId,
  ): Promise<{ readonly conversation: ConversationRecord; readonly members: readonly MemberRecord[] } | null>;

  /**
   * Makes the change if the version is still `version`, and stores the entry it owes. Null: the version moved on (judge
   * again). Adding who is a member, and removing who is none, changes nothing for them.
   */
  change(
    conversationId: ConversationId,
    version: number,
    change: Change,
    owed: { readonly clientId: ClientId; readonly senderId: UserId },
  ): Promise<OwedEntry | null>;

  /** What a conversation owes, oldest version first. */
  owed(conversationId: ConversationId): Promise<readonly OwedEntry[]>;
  /** Conversations that have owed something since before `before` (ms), oldest first. */
  owing(before: number, limit: number): Promise<readonly ConversationId[]>;
  /**
   * The owed entry of this version stands in the log at `seq`: spans of those who joined open there (at 1 for `created`),
   * of those who left close there, and nothing is owed for it any more. It takes effect once all older ones are settled
   * too, so that the order of the calls does not matter. Twice does no harm.
   */
  settle(conversationId: ConversationId, version: number, seq: number): Promise<void>;

  /**
   * Every row of a person, members or not any more, by conversation id, behind `after`. `marksChangedAt` is when anybody's
   * marks in the conversation last moved.
   */
  rows(
    userId: UserId,
    after: ConversationId | null,
    limit: number,
  ): Promise<
    readonly (MemberRecord & { readonly conversation: ConversationRecord; readonly marksChangedAt: number })[]
  >;
  row(conversationId: ConversationId, userId: UserId): Promise<MemberRecord | null>;
  /** The other person of each direct conversation (the person themselves for notes to self). */
  peers(userId: UserId, conversationIds: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, UserId>>;
  /** Members by name, with marks, behind `after`. */
  members(
    conversationId: ConversationId,
    after: string,
    limit: number,
  ): Promise<
    readonly (MemberRecord & { readonly name: string; readonly displayName: string; readonly gone: boolean })[]
  >;

  /**
   * Raises marks, all in one write; lower ones change nothing. Answers those that moved.
   */
  raiseMarks(
    marks: readonly {
      readonly conversationId: ConversationId;
      readonly userId: UserId;
      readonly deliveredSeq: number;
      readonly readSeq: number;
    }[],
  ): Promise<readonly { readonly conversationId: ConversationId; readonly userId: UserId }[]>;
  /** Marks of all present members of these conversations, leaving out those with more than `maxMembers`. */
  marks(
    conversationIds: readonly ConversationId[],
    maxMembers: number,
  ): Promise<
    ReadonlyMap<
      ConversationId,
      readonly { readonly userId: UserId; readonly deliveredSeq: number; readonly readSeq: number }[]
    >
  >;

  count(): Promise<number>;
}
