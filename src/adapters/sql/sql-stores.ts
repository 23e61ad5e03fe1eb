import type { Platform } from '../../ports/platform.ts';
import { makeApiTokenStore } from './api-token-store.ts';
import { makeAuditLog } from './audit-log.ts';
import { makeAvatarStore } from './avatar-store.ts';
import { makeConversationStore } from './conversation-store.ts';
import type { Database } from './database.ts';
import { makeDeviceStore } from './device-store.ts';
import { makeGroupLinkStore } from './group-link-store.ts';
import { makeImportStore } from './import-store.ts';
import { makeInviteStore } from './invite-store.ts';
import { makeJobStore } from './job-store.ts';
import { makeNodeStore } from './node-store.ts';
import { makePasskeyStore } from './passkey-store.ts';
import { makePrivacyStore } from './privacy-store.ts';
import { makeReportStore } from './report-store.ts';
import { makeScheduledStore } from './scheduled-store.ts';
import { makeSecondFactorStore } from './second-factor-store.ts';
import { makeSessionStore } from './session-store.ts';
import { makeTicketStore } from './ticket-store.ts';
import { makeUserStore } from './user-store.ts';
import { makeWebhookStore } from './webhook-store.ts';

/** The ports that SQL carries wherever the messages lie. */
type SqlStores = Pick<
  Platform,
  | 'users'
  | 'avatars'
  | 'sessions'
  | 'invites'
  | 'secondFactors'
  | 'passkeys'
  | 'tickets'
  | 'devices'
  | 'apiTokens'
  | 'audit'
  | 'privacy'
  | 'reports'
  | 'webhooks'
  | 'groupLinks'
  | 'conversations'
  | 'imports'
  | 'scheduled'
  | 'jobs'
  | 'nodes'
>;

/** The database is migrated. */
export function openSqlStores(database: Database): SqlStores {
  return {
    users: makeUserStore(database),
    avatars: makeAvatarStore(database),
    sessions: makeSessionStore(database),
    invites: makeInviteStore(database),
    secondFactors: makeSecondFactorStore(database),
    passkeys: makePasskeyStore(database),
    tickets: makeTicketStore(database),
    devices: makeDeviceStore(database),
    apiTokens: makeApiTokenStore(database),
    audit: makeAuditLog(database),
    privacy: makePrivacyStore(database),
    reports: makeReportStore(database),
    webhooks: makeWebhookStore(database),
    groupLinks: makeGroupLinkStore(database),
    conversations: makeConversationStore(database),
    imports: makeImportStore(database),
    scheduled: makeScheduledStore(database),
    jobs: makeJobStore(database),
    nodes: makeNodeStore(database),
  };
}
