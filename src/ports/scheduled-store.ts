import type { ClientId, ConversationId, UserId } from '../protocol/ids.ts';

export interface ScheduledRecord {
  readonly userId: UserId;
  readonly conversationId: ConversationId;
  /** With the person, its key: here, and in the log once it is sent. */
  readonly clientId: ClientId;
  readonly text: string;
  readonly replyTo: number | null;
  /** Whether what its links lead to may be looked up. */
  readonly preview: boolean;
  /** When it is due, ms. */
  readonly sendAt: number;
  /** Why it was not sent when it was due; null: it is waiting. */
  readonly refused: string | null;
}

type Key = Pick<ScheduledRecord, 'userId' | 'clientId'>;

/**
 * Messages that wait to be sent later. Once one is begun nobody changes it until it is sent or refused. Every method is
 * atomic; null is "not found".
 */
export interface ScheduledStore {
  /** `known`: the key is there already, and nothing was stored. `too_many`: the person has `most`, and nothing was stored. */
  add(record: Omit<ScheduledRecord, 'refused'>, most: number): Promise<'added' | 'known' | 'too_many'>;
  find(key: Key): Promise<ScheduledRecord | null>;
  /** Of one person, by `clientId`, behind `after`; of all conversations where none is named. */
  list(ask: {
    readonly userId: UserId;
    readonly conversationId: ConversationId | null;
    readonly after: ClientId | null;
    readonly limit: number;
  }): Promise<readonly ScheduledRecord[]>;
  /** It is no longer refused then. `begun`: it is being sent, and nothing changes. */
  change(
    key: Key,
    change: { readonly text?: string | undefined; readonly sendAt?: number | undefined },
  ): Promise<ScheduledRecord | 'begun' | null>;
  /** Whoever begins one sends it, or goes on where an earlier run ended. */
  begin(key: Key): Promise<ScheduledRecord | null>;
  /** One that was begun may not be sent. */
  refuse(key: Key, reason: string): Promise<void>;
  /** It was sent. Twice does no harm. */
  finish(key: Key): Promise<void>;
  /** `begun`: it is being sent, and stays. Twice does no harm. */
  cancel(key: Key): Promise<'cancelled' | 'begun'>;
  /** All of a person, begun or not. */
  forget(userId: UserId): Promise<void>;
  /** Those that are due by `now` (ms) and neither sent nor refused, the longest due first. */
  due(now: number, limit: number): Promise<readonly Key[]>;
}
