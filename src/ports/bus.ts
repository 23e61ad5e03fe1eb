import type { ConversationId, NodeId, SessionId, UserId } from '../protocol/ids.ts';
import type { Entry, Profile } from '../protocol/models.ts';

/** What nodes tell each other, now. It may be lost and may repeat itself; the stores are the truth. */
export type BusMessage =
  | { readonly type: 'entry'; readonly entry: Entry }
  | {
      readonly type: 'receipts';
      readonly conversationId: ConversationId;
      /** `justRead`: `deliveredSeq` was there before, so that there is nothing new for who does not see what was read. */
      readonly marks: readonly {
        userId: UserId;
        deliveredSeq: number;
        readSeq: number;
        time: number;
        justRead?: boolean;
      }[];
    }
  | { readonly type: 'profiles'; readonly profiles: readonly Profile[] }
  | {
      readonly type: 'typing';
      readonly conversationId: ConversationId;
      readonly userId: UserId;
      readonly typing: boolean;
    }
  | { readonly type: 'presence'; readonly userId: UserId; readonly online: boolean; readonly lastSeenAt: number | null }
  /** Something of this person changed that only `sync` carries. */
  | { readonly type: 'changed'; readonly userId: UserId }
  /** What two people decided about each other changed, or what one decided about themselves. */
  | { readonly type: 'privacy'; readonly userIds: readonly UserId[] }
  /** Sessions were closed or people changed: look at the store now instead of in half a second. */
  | { readonly type: 'revoked' }
  /** Jobs were added. */
  | { readonly type: 'jobs' };

/**
 * `conversation:<id>`, `user:<id>`, `presence:<id>` (whoever watches that person), or `nodes` (every node).
 */
export type Topic =
  | `conversation:${ConversationId}`
  | `user:${UserId}`
  | `session:${SessionId}`
  | `presence:${UserId}`
  | 'nodes';

export type BusListener = (message: BusMessage, topic: Topic) => void;

/**
 * Messages of one publisher on one topic are heard in the order they were published, by the publisher too. Listeners run
 * on a later turn than `publish`, and must not throw.
 */
export interface Bus {
  /** Never throws and never waits. While the bus is cut off the message is lost, and a gap follows. */
  publish(topic: Topic, message: BusMessage): void;
  /** Several listeners may hear one topic. The answer ends this one. */
  subscribe(topic: Topic, listener: BusListener): () => void;
  /** Called after messages may have been missed (a reconnect, a skipped number, three seconds of silence). */
  onGap(listener: () => void): () => void;
  /**
   * Asks whichever node serves `service` (by name, e.g. `delivery@main`). Rejects with AppError `unavailable` when nobody
   * answers within `timeoutMs`, and with the AppError that the server threw.
   */
  call(service: string, request: unknown, timeoutMs?: number): Promise<unknown>;
  serve(service: string, handler: (request: unknown) => Promise<unknown>): () => void;
  /** False while it is cut off; `says` for people. */
  health(): { readonly ok: boolean; readonly says: string };
  close(): Promise<void>;
}

/** Who has live connections, on which node: with a time to live, so that a dead node's people go offline by themselves. */
export interface PresenceBoard {
  /** This person now has (or no longer has) a live connection at this node. Repeating it does no harm. */
  set(node: NodeId, userId: UserId, live: boolean): Promise<void>;
  /** Those of the given people who are live at any node. */
  live(userIds: readonly UserId[]): Promise<ReadonlySet<UserId>>;
  /** Says that the node lives. Without it for 30 s, what it set counts no longer. Called every 10 s. */
  beat(node: NodeId): Promise<void>;
}

/** Counters for throttling: shared between nodes, and nothing that must survive. */
export interface RateLimiter {
  /**
   * Takes one of `points` that refill evenly over `perMs`. `retryAfterMs` is 0 when it was there, else the time until one
   * is. While the counters are out of reach it admits (a cut-off cache must not sign people out).
   */
  take(key: string, points: number, perMs: number): Promise<{ readonly retryAfterMs: number }>;
  /** Puts one back that was taken under the same bound: what it was taken for went well. Never above `points`. */
  giveBack(key: string, points: number, perMs: number): Promise<void>;
}
