import type { NodeId } from '../protocol/ids.ts';
import type { Language } from '../protocol/models.ts';
import type { AuditLog } from './audit-log.ts';
import type { AvatarStore } from './avatar-store.ts';
import type { Bus, PresenceBoard, RateLimiter } from './bus.ts';
import type { Clock } from './clock.ts';
import type { ConversationStore } from './conversation-store.ts';
import type { ApiTokenStore, DeviceStore, PasskeyStore, SecondFactorStore, TicketStore } from './credential-store.ts';
import type { AccessTokens, Digests, Passwords, Seals, Totp } from './crypto.ts';
import type { GroupLinkStore } from './group-link-store.ts';
import type { Host } from './host.ts';
import type { ImportStore } from './import-store.ts';
import type { JobStore, NodeStore } from './job-store.ts';
import type { LinkReader } from './link-reader.ts';
import type { Log } from './log.ts';
import type { Mailer } from './mailer.ts';
import type { MessageLog } from './message-log.ts';
import type { PasskeyVerifier } from './passkeys.ts';
import type { PrivacyStore } from './privacy-store.ts';
import type { Push } from './push.ts';
import type { Random } from './random.ts';
import type { ReportStore } from './report-store.ts';
import type { ScheduledStore } from './scheduled-store.ts';
import type { SearchIndex } from './search-index.ts';
import type { Stemmer } from './stemmer.ts';
import type { InviteStore, SessionStore, UserStore } from './user-store.ts';
import type { WebhookSender, WebhookStore } from './webhooks.ts';

/** What the owner decided, as core needs it. */
export interface Settings {
  readonly instanceName: string;
  readonly version: string;
  readonly registration: 'open' | 'invite' | 'approval' | 'closed';
  readonly accent: string | null;
  /** The address people use, without a slash at its end: `https://chat.example.org`. */
  readonly address: string;
  readonly accessTokenMs: number;
  /** A session unused for this long is over. */
  readonly sessionIdleMs: number;
  /** Who must have a second factor. */
  readonly twoFactor: 'optional' | 'required' | 'required-for-admins';
  /** How long a trusted device is asked for no second factor. */
  readonly trustedDeviceMs: number;
  /** How long the audit log is kept. */
  readonly auditMs: number;
  /** How long messages are kept where their conversation says nothing shorter; null: for good. */
  readonly keepMs: number | null;
  /** The server looks up links that people send. */
  readonly linkPreviews: boolean;
  /** Of the instance: for mails to people who chose none. */
  readonly language: Language;
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
  readonly seals: Seals;
  readonly totp: Totp;
  readonly passkeyVerifier: PasskeyVerifier;
  readonly mailer: Mailer;
  readonly host: Host;
  readonly users: UserStore;
  readonly avatars: AvatarStore;
  readonly sessions: SessionStore;
  readonly invites: InviteStore;
  readonly secondFactors: SecondFactorStore;
  readonly passkeys: PasskeyStore;
  readonly tickets: TicketStore;
  readonly devices: DeviceStore;
  readonly apiTokens: ApiTokenStore;
  readonly audit: AuditLog;
  readonly privacy: PrivacyStore;
  readonly reports: ReportStore;
  readonly webhooks: WebhookStore;
  readonly webhookSender: WebhookSender;
  readonly groupLinks: GroupLinkStore;
  readonly conversations: ConversationStore;
  readonly imports: ImportStore;
  readonly messages: MessageLog;
  readonly search: SearchIndex;
  readonly stemmer: Stemmer;
  readonly links: LinkReader;
  readonly scheduled: ScheduledStore;
  readonly jobs: JobStore;
  readonly nodes: NodeStore;
  readonly bus: Bus;
  readonly presence: PresenceBoard;
  readonly push: Push;
  readonly limiter: RateLimiter;
}
