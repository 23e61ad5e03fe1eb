import type { Platform } from '../../ports/platform.ts';
import type { SessionRecord, UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Tokens } from '../../protocol/operations.ts';
import type { Call, Handlers } from '../call.ts';
import type { Audit } from './audit.ts';
import type { Letters } from './letters.ts';
import { readRefreshToken } from './refresh-token.ts';
import type { IssueTokens } from './session-opening.ts';
import { type CloseSession, isIdle } from './sessions.ts';

/** How long the previous token still answers its successor after that was used, for tabs that refresh at once. */
const parallelTabsMs = 60_000;

/**
 * Refresh tokens rotate: each refresh moves the session to its next generation. The rules, by the generation that a
 * genuine token names:
 * - the present one, or a newer one (the store was restored from a backup), moves the session on;
 * - the one before it answers the same successor again: its first answer may have been lost, or two tabs asked at once;
 * - that one too long after its successor was used, and any older one, was copied: the session is closed.
 */
export function makeRefresh(
  platform: Platform,
  parts: {
    readonly issueTokens: IssueTokens;
    readonly closeSession: CloseSession;
    readonly letters: Letters;
    readonly audit: Audit;
  },
): Pick<Handlers, 'auth.refresh'> {
  const { sessions, users, digests, clock, settings } = platform;

  async function openSessionOf(sessionId: SessionId, call: Call): Promise<SessionRecord> {
    const session = await sessions.find(sessionId);
    if (session === null) throw refused('session_closed');
    if (session.closedAt !== null) throw refusedBecause(session);
    if (isIdle(session, clock.now(), settings)) {
      await parts.closeSession(sessionId, 'idle');
      await parts.audit(call, { action: 'session.closed', subjectId: sessionId, details: { reason: 'idle' } });
      throw refused('session_closed');
    }
    return session;
  }

  /** The session at the generation that the token of `generation` may have. */
  async function moveOn(
    session: SessionRecord,
    generation: number,
    user: UserRecord,
    call: Call,
  ): Promise<SessionRecord> {
    const { sessionId } = session;
    if (generation >= session.generation) {
      const next = generation + 1;
      const moved = await sessions.advance(sessionId, session.generation, next, call.address ?? session.address);
      if (moved === null) throw refused('session_closed');
      if (moved.closedAt !== null) throw refusedBecause(moved);
      // Another request was quicker: judge by what it made of the session.
      return moved.generation === next ? moved : moveOn(moved, generation, user, call);
    }
    if (generation === session.generation - 1 && (await answersAgain(session))) return session;
    await closeForReuse(session, user, call);
    throw refused('session_reused');
  }

  /** A change of the person that came meanwhile left a revocation that is older than these tokens, and misses them. */
  async function issueTo(user: UserRecord, session: SessionRecord): Promise<Tokens> {
    const tokens = await parts.issueTokens(user, session);
    const now = await users.find(user.userId);
    if (now === null || now.state !== 'active') throw refused('session_closed');
    return now.role === user.role ? tokens : issueTo(now, session);
  }

  async function closeForReuse({ sessionId, device }: SessionRecord, user: UserRecord, call: Call): Promise<void> {
    await parts.closeSession(sessionId, 'reuse');
    await parts.audit(call, {
      action: 'session.reused',
      actorId: user.userId,
      subjectId: sessionId,
      details: { device },
    });
    await parts.letters.write(user, { kind: 'session_reused', name: user.displayName, device, at: clock.now() });
  }

  async function answersAgain({ confirmedAt }: SessionRecord): Promise<boolean> {
    return confirmedAt === null || (await sessions.now()) <= confirmedAt + parallelTabsMs;
  }

  return {
    async 'auth.refresh'(input, call) {
      const token = readRefreshToken(digests, input.refreshToken ?? '');
      if (token === null) throw refused('refresh_token_invalid');
      const session = await openSessionOf(token.sessionId, call);
      const user = await users.find(session.userId);
      if (user === null || user.state !== 'active') throw refused('session_closed');
      return issueTo(user, await moveOn(session, token.generation, user, call));
    },
  };
}

/** Whoever has the session's newest token hears, too, that an older one was copied. */
function refusedBecause({ closedBecause }: SessionRecord): AppError {
  return refused(closedBecause === 'reuse' ? 'session_reused' : 'session_closed');
}

function refused(reason: string): AppError {
  return new AppError('unauthenticated', reason);
}
