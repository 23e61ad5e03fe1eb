import type { Platform, Settings } from '../../ports/platform.ts';
import type { SessionRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SessionId, UserId } from '../../protocol/ids.ts';
import type { Session } from '../../protocol/models.ts';
import { type Call, type Handlers, person } from '../call.ts';
import { addressHint } from './address.ts';
import type { Audit } from './audit.ts';
import { refuseRankAbove } from './ranks.ts';
import type { LookUpUser } from './user-look-up.ts';

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

/** Closes all of a person's sessions but one, and has every node hear of it at once. Answers how many. */
export type CloseSessions = (userId: UserId, reason: string, but: SessionId | null) => Promise<number>;

export function makeCloseSessions({ sessions, bus }: Platform): CloseSessions {
  return async (userId, reason, but) => {
    const closed = await sessions.closeAll(userId, reason, but);
    bus.publish('nodes', { type: 'revoked' });
    return closed;
  };
}

/** A person's sessions that are not over, as people see them, newest use first. */
export type ListSessions = (userId: UserId, call: Call) => Promise<Session[]>;

export function makeListSessions({ sessions, clock, settings }: Platform): ListSessions {
  return async (userId, call) => {
    const now = clock.now();
    const open = await sessions.list(userId);
    return open.filter((session) => !isIdle(session, now, settings)).map((session) => describe(session, call));
  };
}

function describe({ sessionId, device, createdAt, lastSeenAt, address }: SessionRecord, { caller }: Call): Session {
  const current = caller.kind === 'person' && caller.sessionId === sessionId;
  return { sessionId, device, createdAt, lastSeenAt, addressHint: addressHint(address), current };
}

export function makeSessions(
  platform: Platform,
  parts: {
    readonly closeSession: CloseSession;
    readonly closeSessions: CloseSessions;
    readonly listSessions: ListSessions;
    readonly lookUpUser: LookUpUser;
    readonly audit: Audit;
  },
): Pick<
  Handlers,
  'session.list' | 'session.rename' | 'session.close' | 'session.closeOthers' | 'user.closeSessions' | 'auth.signOut'
> {
  const { sessions } = platform;

  async function mine(sessionId: SessionId, call: Call): Promise<SessionRecord> {
    const session = await sessions.find(sessionId);
    if (session === null || session.userId !== person(call).userId) throw new AppError('not_found', 'no_such_session');
    return session;
  }

  async function close(sessionId: SessionId, call: Call): Promise<void> {
    await parts.closeSession(sessionId, 'closed');
    await parts.audit(call, { action: 'session.closed', subjectId: sessionId });
  }

  return {
    async 'session.list'(_input, call) {
      return { sessions: await parts.listSessions(person(call).userId, call) };
    },

    async 'session.rename'({ sessionId, device }, call) {
      const session = await mine(sessionId, call);
      if (session.closedAt !== null) throw new AppError('not_found', 'no_such_session');
      await sessions.rename(sessionId, device);
      await parts.audit(call, { action: 'session.renamed', subjectId: sessionId, details: { device } });
      return {};
    },

    async 'session.close'({ sessionId }, call) {
      const session = await mine(sessionId, call);
      if (session.closedAt === null) await close(sessionId, call);
      return {};
    },

    async 'session.closeOthers'(_input, call) {
      const { userId, sessionId } = person(call);
      const closed = await parts.closeSessions(userId, 'closed', sessionId);
      await parts.audit(call, { action: 'session.others_closed', subjectId: userId, details: { closed } });
      return { closed };
    },

    async 'user.closeSessions'({ user: said }, call) {
      const { userId, role } = await parts.lookUpUser(said);
      refuseRankAbove(call, role);
      const closed = await parts.closeSessions(userId, 'closed', null);
      await parts.audit(call, { action: 'session.all_closed', subjectId: userId, details: { closed } });
      return { closed };
    },

    async 'auth.signOut'(_input, call) {
      await close(person(call).sessionId, call);
      return {};
    },
  };
}
