import type { AuditLog } from '../../ports/user-store.ts';
import type { Database } from './database.ts';

export function makeAuditLog({ query, dialect }: Database): AuditLog {
  return {
    async add({ action, actorId, subjectId, address, details }) {
      await query
        .insertInto('audit_events')
        .values({
          at: dialect.now(),
          action,
          actor_id: actorId,
          subject_id: subjectId,
          address,
          details: JSON.stringify(details),
        })
        .execute();
    },
  };
}
