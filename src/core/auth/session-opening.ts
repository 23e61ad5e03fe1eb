import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import type { SessionId, UserId } from '../../protocol/ids.ts';
import type { Tokens } from '../../protocol/operations.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Call } from '../call.ts';
import type { Audit } from './audit.ts';
import { writeRefreshToken } from './refresh-token.ts';

/** Tokens for a session at a generation. The refresh token is the same each time; the access token lives from now. */
export type IssueTokens = (
  user: { readonly userId: UserId; readonly role: Role },
  session: { readonly sessionId: SessionId; readonly generation: number },
) => Promise<Tokens>;

export function makeIssueTokens({ clock, settings, accessTokens, digests }: Platform): IssueTokens {
  return async ({ userId, role }, { sessionId, generation }) => {
    const issuedAt = clock.now();
    const expiresAt = issuedAt + settings.accessTokenMs;
    const accessToken = await accessTokens.sign({ userId, sessionId, generation, role, issuedAt, expiresAt });
    const refreshToken = writeRefreshToken(digests, { sessionId, generation });
    return { status: 'signed_in', userId, sessionId, accessToken, expiresAt, refreshToken };
  };
}

/** Opens a session for somebody who has shown that they may have one. */
export type OpenSession = (user: Pick<UserRecord, 'userId' | 'role'>, device: string, call: Call) => Promise<Tokens>;

export function makeOpenSession(platform: Platform, issue: IssueTokens, audit: Audit): OpenSession {
  const { sessions, random } = platform;
  return async (user, device, call) => {
    const { userId } = user;
    const session = await sessions.open({
      sessionId: random.id() as SessionId,
      userId,
      device,
      address: call.address ?? '',
    });
    await audit(call, {
      action: 'session.opened',
      actorId: userId,
      subjectId: session.sessionId,
      details: { device },
    });
    return issue(user, session);
  };
}
