import type { ConversationId, SessionId, UserId } from '../protocol/ids.ts';

/** That somebody is to be told on these devices. It carries no text: whoever sends reads what stands there by then. */
export interface PushDecision {
  readonly conversationId: ConversationId;
  readonly userId: UserId;
  readonly sessionIds: readonly SessionId[];
  /** The latest entry of which they are told. */
  readonly seq: number;
  /** How many entries they are told of with it. */
  readonly count: number;
  /** One of them mentions the person by name. */
  readonly mention: boolean;
}

/** Reaches devices that are not connected. */
export interface Push {
  /** Which devices of these people have a push address; people without one are left out. */
  addressed(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly SessionId[]>>;
  /**
   * Takes the decisions over for good. The same may come again: the latest `seq` of a conversation stands for those before it.
   * Rejects where they could not all be taken; then all come again.
   */
  notify(decisions: readonly PushDecision[]): Promise<void>;
}
