import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SessionId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { AccountState } from '../../protocol/models.ts';
import type { Tokens } from '../../protocol/operations.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Call } from '../call.ts';
import { addressHint } from './address.ts';
import type { Audit } from './audit.ts';
import type { AskingDevice, Devices } from './devices.ts';
import type { Letters } from './letters.ts';
import { writeRefreshToken } from './refresh-token.ts';
import { ticketExpired } from './sign-in-tickets.ts';

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

/** What somebody showed last before they got in. */
export type SignInWay = 'registration' | 'password' | 'totp' | 'recovery_code' | 'passkey' | 'enrolment';

/**
 * Opens a session for somebody who has shown all that is asked of them. Fails with `forbidden` (`account_waiting`,
 * `account_disabled`), and with `unauthenticated` (`ticket_expired`) where what they showed counts no longer.
 */
export type OpenSession = (
  user: UserRecord,
  device: AskingDevice & { readonly trustDevice?: boolean },
  call: Call,
  way: SignInWay,
) => Promise<Tokens>;

export function makeOpenSession(
  platform: Platform,
  parts: {
    readonly issueTokens: IssueTokens;
    readonly devices: Devices;
    readonly letters: Letters;
    readonly audit: Audit;
  },
): OpenSession {
  const { sessions, users, random, clock, settings } = platform;

  /**
   * A new password or role, or being kept out, that came while somebody was on the way in did not see their session, or left
   * a revocation older than its tokens: none may outlive it.
   */
  async function stillCounts({ userId, role, passwordChangedAt, state }: UserRecord): Promise<boolean> {
    const now = await users.find(userId);
    const isSame = now?.role === role && now.passwordChangedAt === passwordChangedAt;
    return isSame && now.state === state;
  }

  return async (user, { device, deviceToken: shown, trustDevice = false }, call, way) => {
    refuseInactive(user.state);
    const { userId, displayName } = user;
    const address = call.address ?? '';
    const sessionId = random.id() as SessionId;
    const session = await sessions.open({ sessionId, userId, device, address, most: limits.sessions });
    const tokens = await parts.issueTokens(user, session);
    if (!(await stillCounts(user))) {
      await sessions.close(sessionId, 'overtaken');
      throw ticketExpired();
    }
    await parts.audit(call, {
      action: 'session.opened',
      actorId: userId,
      subjectId: sessionId,
      details: { device, way, ...(trustDevice ? { trusted: true } : {}) },
    });
    const { deviceToken, unusual } = await parts.devices.signedIn(userId, shown, trustDevice);
    if (unusual) {
      await parts.letters.write(user, {
        kind: 'new_device',
        name: displayName,
        device,
        addressHint: addressHint(address),
        at: clock.now(),
        link: `${settings.address}/settings/sessions`,
      });
    }
    return { ...tokens, deviceToken };
  };
}

/** Said only to who has shown that the account is theirs. */
export function refuseInactive(state: AccountState): void {
  if (state === 'waiting') throw new AppError('forbidden', 'account_waiting');
  if (state !== 'active') throw new AppError('forbidden', 'account_disabled');
}
