import type { NewAuditEvent } from '../../ports/audit-log.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Call } from '../call.ts';

/** Writes what somebody did to the audit log. Every action stands in docs/audit.md. */
export type Audit = (call: Call, event: Pick<NewAuditEvent, 'action'> & Partial<NewAuditEvent>) => Promise<void>;

/** What it records has happened already: where the audit log is out of reach, the event goes to the server's log instead. */
export function makeAudit({ audit, log }: Platform): Audit {
  return async (call, event) => {
    const full: NewAuditEvent = {
      actorId: call.caller.kind === 'person' ? call.caller.userId : null,
      subjectId: null,
      address: call.address,
      ...event,
      details: { ...waysOf(call), ...event.details },
    };
    await audit.add(full).catch((error: unknown) => log.error({ err: error, event: full }, 'audit event not stored'));
  };
}

/** What did it, where that was no signed-in device. */
function waysOf({ caller }: Call): NewAuditEvent['details'] {
  if (caller.kind === 'local') return { via: 'local' };
  return caller.kind === 'person' && caller.scopes !== null ? { via: 'api_token', apiTokenId: caller.sessionId } : {};
}
