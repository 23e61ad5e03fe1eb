import type { ClientId, ConversationId, UserId } from '../protocol/ids.ts';
import type { Bodies, Draft, GroupSettings, Keeping, Kind, MemberRole, Profile, Span } from '../protocol/models.ts';

export interface ConversationRecord {
  readonly conversationId: ConversationId;
  readonly kind: 'direct' | 'group';
  readonly title: string;
  readonly createdAt: number;
  /** Raised by one with every change of members, roles or settings; each has its owed entry. */
  readonly version: number;
  readonly memberCount: number;
  readonly settings: GroupSettings;
  /** Seqs, the last pinned first. */
  readonly pins: readonly number[];
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
  /** The entry that let them in, the last time that is settled; 1 in direct conversations, 0: not settled yet. */
  readonly joinedSeq: number;
  /** An owner or admin removed them, and nobody added them since. */
  readonly barred: boolean;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  readonly keeping: Keeping;
  /** When anything of this row but the marks changed, or of the conversation's record, by the store's clock. */
  readonly changedAt: number;
}

/** That somebody is in a conversation, or was. */
export interface MembershipRecord extends Pick<MemberRecord, 'conversationId' | 'member' | 'spans'> {
  /** Of the conversation: it grows with each change of who is in and of what they may. */
  readonly version: number;
}

/** With what only that person's own state carries: it may be large. */
export interface PersonalRecord extends MemberRecord {
  readonly draft: Draft | null;
  /** In order. */
  readonly hidden: readonly number[];
}

/** How far somebody came. */
export interface MemberProgress extends PersonalRecord, Omit<Profile, 'userId'> {
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
  readonly pushedSeq: number;
}

/** What is not named stays. */
export type KeepingChange = { readonly [K in keyof Keeping]?: Keeping[K] | undefined };

/** A change of members, roles or settings. The caller judged it by the version it names. */
export type Change =
  | { readonly type: 'add'; readonly userIds: readonly UserId[] }
  | { readonly type: 'remove'; readonly userId: UserId }
  /** `heir` becomes owner. */
  | { readonly type: 'leave'; readonly userId: UserId; readonly heir: UserId | null }
  /** Naming an owner makes the present owner an admin. */
  | { readonly type: 'role'; readonly userId: UserId; readonly role: MemberRole }
  | { readonly type: 'title'; readonly title: string }
  /** Those who joined before keep what they may read. */
  | { readonly type: 'settings'; readonly settings: GroupSettings }
  /** The entry that it owes targets `seq`. */
  | { readonly type: 'pin'; readonly seq: number; readonly on: boolean };

type OwedKind = Extract<Kind, 'created' | 'joined' | 'left' | 'removed' | 'role' | 'title' | 'settings' | 'pin'>;

/** An entry that a change owes to the log. Its `clientId` is the change's id. */
export interface OwedEntry {
  readonly conversationId: ConversationId;
  readonly version: number;
  readonly clientId: ClientId;
  readonly senderId: UserId;
  /** Of a pin: the message. */
  readonly target: number | null;
  readonly entry: { [K in OwedKind]: { readonly kind: K; readonly body: Bodies[K] } }[OwedKind];
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
    readonly settings: GroupSettings;
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
   * The owed entry of this version stands in the log at `seq`: spans of those who joined open there (at 1 for `created`, and
   * where the settings showed the past when they were added), of those who left close there, and nothing is owed for it any more. It takes effect once all older ones are settled
   * too, so that the order of the calls does not matter. Twice does no harm.
   */
  settle(conversationId: ConversationId, version: number, seq: number): Promise<void>;

  /** The same rows in the same order as `rows`, with the little that tells who is in and what changed: a third of its cost. */
  memberships(userId: UserId, after: ConversationId | null, limit: number): Promise<readonly MembershipRecord[]>;

  /**
   * Every row of a person, members or not any more, by conversation id, behind `after`. `marksChangedAt` is when anybody's
   * marks in the conversation last moved.
   */
  rows(
    userId: UserId,
    after: ConversationId | null,
    limit: number,
  ): Promise<
    readonly (PersonalRecord & { readonly conversation: ConversationRecord; readonly marksChangedAt: number })[]
  >;
  row(conversationId: ConversationId, userId: UserId): Promise<PersonalRecord | null>;
  /** The other person of each direct conversation (the person themselves for notes to self). */
  peers(userId: UserId, conversationIds: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, UserId>>;
  /** The direct conversations of a person with each of these, where there is one. */
  directsWith(userId: UserId, others: readonly UserId[]): Promise<ReadonlyMap<UserId, ConversationId>>;
  /** Members by name, with marks, behind `after`. With a query: those with a word in their names that begins as it does. */
  members(
    conversationId: ConversationId,
    after: string,
    limit: number,
    query?: string,
  ): Promise<readonly (MemberRecord & Omit<Profile, 'userId'>)[]>;

  /**
   * Raises marks, all in one write; lower ones change nothing. Answers those that moved; `delivered`: not only `readSeq` did.
   */
  raiseMarks(
    marks: readonly {
      readonly conversationId: ConversationId;
      readonly userId: UserId;
      readonly deliveredSeq: number;
      readonly readSeq: number;
    }[],
  ): Promise<
    readonly { readonly conversationId: ConversationId; readonly userId: UserId; readonly delivered: boolean }[]
  >;
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

  /**
   * Everybody who is or was in, by id, behind `after`: how far they came, when each mark last moved (null: never, or before
   * this was noted), and up to where they were told by push.
   */
  progress(conversationId: ConversationId, after: UserId | null, limit: number): Promise<readonly MemberProgress[]>;
  /** Up to here nobody is to be told by push any more; 0: nothing was decided yet. */
  pushedSeq(conversationId: ConversationId): Promise<number>;
  /** Raises up to where members, or (`everybody`, unless null) all were told; lower ones change nothing. */
  raisePushed(
    conversationId: ConversationId,
    told: {
      readonly everybody: number | null;
      readonly members: readonly { readonly userId: UserId; readonly seq: number }[];
    },
  ): Promise<void>;

  /** A message was removed: its pin goes with it, owing nothing, and `changedAt` rises where there was one. */
  unpin(conversationId: ConversationId, seq: number): Promise<void>;

  /** Changes how a member keeps the conversation; raises `changedAt`. False: they have no row in it. */
  keep(conversationId: ConversationId, userId: UserId, change: KeepingChange): Promise<boolean>;
  /** Stamped by the store's clock. Null forgets it. False: they have no row in it. */
  setDraft(
    conversationId: ConversationId,
    userId: UserId,
    draft: { readonly text: string; readonly replyTo: number | null } | null,
  ): Promise<boolean>;
  /** Adds to what a member hid. `too_many`: there would be more than `most`, and nothing changes. */
  hide(
    conversationId: ConversationId,
    userId: UserId,
    seqs: readonly number[],
    most: number,
  ): Promise<'hidden' | 'too_many' | 'no_row'>;

  /** Raises `changedAt`: something of these conversations changed that only their logs say. */
  touch(conversationIds: readonly ConversationId[]): Promise<void>;

  /** All conversations by id, behind `after`, with what their settings say of how long entries are kept. */
  keeps(
    after: ConversationId | null,
    limit: number,
  ): Promise<readonly { readonly conversationId: ConversationId; readonly keepFor: number | null }[]>;

  /** Ids of all conversations, in order, behind `after`. */
  ids(after: ConversationId | null, limit: number): Promise<readonly ConversationId[]>;
  count(): Promise<number>;
}
