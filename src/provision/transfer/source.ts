import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { GroupSettings } from '../../protocol/models.ts';
import type { InputToSend, OperationName, Output } from '../../protocol/operations.ts';
import type { ImportedEntry, ImportedMember, ImportSource } from '../../protocol/transfer-operations.ts';

/** Asks the instance. Rejects with AppError. */
export type Ask = <N extends OperationName>(op: N, input: InputToSend<N>) => Promise<Output<N>>;

export type ImportedPerson = InputToSend<'import.people'>['people'][number];

/** Somebody in what is imported. Ids are those of the source, until it is known who they are here. */
export interface SourcePerson extends Omit<ImportedPerson, 'as'> {
  readonly userId: UserId;
  /** What a list of people calls them: a name there, or a number. */
  readonly key: string;
  /** The account that they are here, where that is known. */
  readonly as?: string;
  readonly blocks?: readonly UserId[];
}

/** What formats that say less of themselves need to be told; null: it is found out. */
export interface SourceHow {
  /** The account of whoever made the export. */
  readonly as: string | null;
  readonly title: string | null;
  readonly timeZone: string | null;
  readonly dateOrder: 'dmy' | 'mdy' | 'ymd' | null;
}

/** What a conversation turns out to be, once all its entries were read. */
export interface ConversationEnd {
  readonly title: string;
  readonly createdAt: number;
  readonly firstSeq: number;
  readonly settings: GroupSettings;
  readonly pins: readonly number[];
  readonly members: readonly ImportedMember[];
}

export interface SourceConversation {
  /** What it is called in the source: the same each time. */
  readonly key: string;
  readonly conversationId: ConversationId;
  readonly title: string;
  /** Whose direct conversation it is; null: a group. */
  readonly pair: readonly [UserId, UserId] | null;
  /** The same entries each time, the first numbered 1. They may be read once, and before the next conversation is. */
  entries(): AsyncGenerator<ImportedEntry>;
  /** Once the entries were read. */
  end(): ConversationEnd;
}

/** What is imported, read as often as asked for, in bounded memory. */
export interface Source {
  readonly kind: ImportSource;
  /** Of people and groups, as base64. */
  pictures?(): AsyncIterable<string>;
  people(): AsyncIterable<SourcePerson>;
  conversations(): AsyncIterable<SourceConversation>;
  /** What is not carried over, counted by reason, of what was read so far in the present pass. */
  readonly leftOut: LeftOut;
  readonly dates?: DatesReport;
}

/** How dates were read, where the format does not say how they are written. */
export interface DatesReport {
  readonly order: 'dmy' | 'mdy' | 'ymd';
  readonly sure: boolean;
}

/** Counts what is left out. */
export interface LeftOut {
  add(reason: LeftOutReason, count?: number): void;
  clear(): void;
  counts(): Readonly<Partial<Record<LeftOutReason, number>>>;
}

export type LeftOutReason =
  | 'avatar'
  | 'call'
  | 'custom_emoji'
  | 'deleted_message'
  | 'edit_time'
  | 'email_taken'
  | 'email'
  | 'empty'
  | 'formatting'
  | 'group_picture'
  | 'media'
  | 'poll_votes'
  | 'reaction_names'
  | 'reply_elsewhere'
  | 'role'
  | 'service'
  | 'topic';

export function makeLeftOut(): LeftOut {
  const counts: Partial<Record<LeftOutReason, number>> = {};
  return {
    add: (reason, count = 1) => {
      if (count > 0) counts[reason] = (counts[reason] ?? 0) + count;
    },
    clear: () => {
      for (const reason of Object.keys(counts)) delete counts[reason as LeftOutReason];
    },
    counts: () => ({ ...counts }),
  };
}
