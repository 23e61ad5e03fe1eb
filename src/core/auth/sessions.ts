import type { Platform, Settings } from '../../ports/platform.ts';
import type { SessionRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Session } from '../../protocol/models.ts';
import { type Call, type Handlers, person } from '../call.ts';
import { addressHint } from './address.ts';
import type { Audit } from './audit.ts';

/** Unused for so long that it is over. */
export function isIdle(session: SessionRecord, now: number, { sessionIdleMs }: Settings): boolean {
  return session.lastSeenAt + sessionIdleMs <= now;
}

/** Closes a session and has every node hear of it at once. */
export type CloseSession = (sessionId: SessionId, reason: string) => Promise<void>;

export function makeCloseSession({ sessions, bus }: Platform): CloseSession {
  return async (sessionId, reason) => {
    await sessions.close(sessionId, reason);
    bus.publish('nodes', { type: 'revoked' });
  };
}

/** A session as its owner sees it. */
export function describeSession(session: SessionRecord, call: Call): Session {
  const { sessionId, device, createdAt, lastSeenAt, address } = session;
  const current = call.caller.kind === 'person' && call.caller.sessionId === sessionId;
  return { sessionId, device, createdAt, lastSeenAt, addressHint: addressHint(address), current };
}

export function makeSessions(
  platform: Platform,
  parts: { readonly closeSession: CloseSession; readonly audit: Audit },
): Pick<Handlers, 'session.list' | 'session.close' | 'auth.signOut'> {
  const { sessions, clock, settings } = platform;

  async function close(sessionId: SessionId, call: Call): Promise<void> {
    await parts.closeSession(sessionId, 'closed');
    await parts.audit(call, { action: 'session.closed', subjectId: sessionId });
  }

  return {
    async 'session.list'(_input, call) {
      const open = await sessions.list(person(call).userId);
      const now = clock.now();
      return {
        sessions: open
          .filter((session) => !isIdle(session, now, settings))
          .map((session) => describeSession(session, call)),
      };
    },

    async 'session.close'({ sessionId }, call) {
      const session = await sessions.find(sessionId);
      if (session === null || session.userId !== person(call).userId) {
        throw new AppError('not_found', 'no_such_session');
      }
      if (session.closedAt === null) await close(sessionId, call);
      return {};
    },

    async 'auth.signOut'(_input, call) {
      await close(person(call).sessionId, call);
      return {};
    },
  };
}
