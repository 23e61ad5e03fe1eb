import type { NodeId } from '../protocol/ids.ts';
import type { Bus, PresenceBoard, RateLimiter } from './bus.ts';
import type { Clock } from './clock.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { AccessTokens, Digests, Passwords } from './crypto.ts';
import type { JobStore, NodeStore } from './job-store.ts';
import type { Log } from './log.ts';
import type { MessageLog } from './message-log.ts';
import type { Random } from './random.ts';
import type { AuditLog, InviteStore, SessionStore, UserStore } from './user-store.ts';

/** What the owner decided, as core needs it. */
export interface Settings {
  readonly instanceName: string;
  readonly version: string;
  readonly registration: 'open' | 'invite' | 'closed';
  readonly accent: string | null;
  /** The address people use, without a slash at its end: `https://chat.example.org`. */
  readonly address: string;
  readonly accessTokenMs: number;
  /** A session unused for this long is over. */
  readonly sessionIdleMs: number;
}

/** The world as core sees it. There is nothing else. */
export interface Platform {
  readonly node: NodeId;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly passwords: Passwords;
  readonly accessTokens: AccessTokens;
  readonly digests: Digests;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly invites: InviteStore;
  readonly audit: AuditLog;
  readonly conversations: ConversationStore;
  readonly messages: MessageLog;
  readonly jobs: JobStore;
  readonly nodes: NodeStore;
  readonly bus: Bus;
  readonly presence: PresenceBoard;
  readonly limiter: RateLimiter;
}
