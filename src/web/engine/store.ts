import type { WireError } from '../../protocol/errors.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import type { Account, Conversation, Privacy, Profile } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import type { Kept } from './apply.ts';
import type { Stretch } from './stretches.ts';
import type { Work } from './work.ts';

/** What this device keeps of a conversation. */
export interface ConversationRow {
  readonly conversation: Conversation;
  /** Every entry up to this one is reflected by what is stored: messages and the conversation itself. */
  readonly known: number;
  readonly stretches: readonly Stretch[];
  /** How far this device received and the person read, as they shall be told… */
  readonly marks: DeviceMarks;
  /** …and as the server accepted them from this device. */
  readonly told: DeviceMarks;
}
export interface DeviceMarks {
  readonly delivered: number;
  readonly read: number;
}

/** Something written here that the log does not hold yet. */
export interface OutboxRow {
  readonly key: ClientId;
  readonly conversationId: ConversationId;
  /** Rows of one conversation are sent by it, lowest first. */
  readonly order: number;
  /** By this device's clock. */
  readonly time: number;
  readonly work: Work;
  /** Sent again after the instance was restored; nobody needs to see it wait. */
  readonly again: boolean;
  /** The server stored it; its entry has not been read here yet. The seq is 0 where the answer does not tell it. */
  readonly sent: { readonly seq: number; readonly time: number } | null;
  /** Refused for good, until the person tries again. */
  readonly error: WireError | null;
}

/** What the person began to write. */
export interface Draft {
  readonly conversationId: ConversationId;
  readonly text: string;
  readonly replyTo: number | null;
  /** When it was last changed, by the server's clock as far as this device knows it. */
  readonly at: number;
  /** The server has not been told of it. */
  readonly owed: boolean;
}

/** Facts of which there is one each. */
export interface Facts {
  /** Whose data this is, and of which epoch. Nothing is written where it differs from what the writer believes. */
  owner: Owner;
  me: Account;
  about: Output<'instance.about'>;
  cursor: string;
  privacy: Privacy;
  /** Whom I block, as the server knows it. */
  blocks: readonly UserId[];
  /** Whom I want to block or no longer block, which the server has not been told. */
  blockWishes: readonly (readonly [UserId, boolean])[];
}
export interface Owner {
  readonly userId: UserId;
  readonly epoch: string | null;
}

export interface Tables {
  facts: Facts[keyof Facts];
  conversations: ConversationRow;
  profiles: Profile;
  messages: Kept;
  outbox: OutboxRow;
  drafts: Draft;
}
export type Table = keyof Tables;
export const tables: readonly Table[] = ['facts', 'conversations', 'profiles', 'messages', 'outbox', 'drafts'];
export type Key = string | readonly [ConversationId, number];

export type Put = {
  [T in Table]: { readonly table: T; readonly key: Key; readonly value: Tables[T] | undefined };
}[Table];

/** Written whole or not at all: first `clear`, then `drop`, then `puts`. */
export interface Batch {
  readonly clear: readonly Table[];
  /** Conversations whose messages go. */
  readonly drop: readonly ConversationId[];
  /** `undefined` deletes. */
  readonly puts: readonly Put[];
}

/** What is there at the start, read at once. */
export interface Loaded {
  readonly facts: Partial<Facts>;
  readonly conversations: readonly ConversationRow[];
  readonly profiles: readonly Profile[];
  readonly outbox: readonly OutboxRow[];
  readonly drafts: readonly Draft[];
}

/** This device's own storage. Every method rejects where storage is broken or full. */
export interface LocalStore {
  load(): Promise<Loaded>;
  get<T extends Table>(table: T, key: Key): Promise<Tables[T] | undefined>;
  outbox(): Promise<readonly OutboxRow[]>;
  /** Stored messages from `from` to `to`, in order: at most `limit`, counted from one end. */
  messages(ask: MessagesAsk): Promise<readonly Kept[]>;
  /** All stored messages that somebody sent since a time. */
  sentSince(userId: UserId, time: number): Promise<readonly Kept[]>;
  /** Judged by the stored owner: see `allowedBy`. */
  write(batch: Batch, by: Writer): Promise<void>;
  close(): void;
}
export interface MessagesAsk {
  readonly conversationId: ConversationId;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly end: 'oldest' | 'newest';
}

/** Who writes: as whom until now, and as whom from now on. */
export interface Writer {
  readonly from: Owner | null | 'any';
  readonly to: Owner | null;
}

/**
 * What of a batch may be written over what is stored. Another tab that went ahead to the same owner has cleared already,
 * and must not lose what it wrote since; one that went elsewhere owns the store now.
 */
export function allowedBy(stored: Owner | null | undefined, { from, to }: Writer): 'all' | 'puts' | 'nothing' {
  if (from === 'any' || sameOwner(stored, from)) return 'all';
  return sameOwner(stored, to) ? 'puts' : 'nothing';
}

const sameOwner = (a: Owner | null | undefined, b: Owner | null | undefined): boolean =>
  a?.userId === b?.userId && a?.epoch === b?.epoch;
