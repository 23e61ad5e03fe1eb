import type { Platform } from '../../ports/platform.ts';
import { makeAuditLog } from './audit-log.ts';
import { makeConversationStore } from './conversation-store.ts';
import type { Database } from './database.ts';
import { makeInviteStore } from './invite-store.ts';
import { makeJobStore } from './job-store.ts';
import { makeNodeStore } from './node-store.ts';
import { makeSessionStore } from './session-store.ts';
import { makeUserStore } from './user-store.ts';

/** Every port that SQL carries wherever the messages lie. The database is migrated. */
export function openSqlStores(
  database: Database,
): Pick<Platform, 'users' | 'sessions' | 'invites' | 'audit' | 'conversations' | 'jobs' | 'nodes'> {
  return {
    users: makeUserStore(database),
    sessions: makeSessionStore(database),
    invites: makeInviteStore(database),
    audit: makeAuditLog(database),
    conversations: makeConversationStore(database),
    jobs: makeJobStore(database),
    nodes: makeNodeStore(database),
  };
}
