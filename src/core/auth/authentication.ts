import type { AccessClaims } from '../../ports/crypto.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Person } from '../call.ts';
import { type ApiTokenCheck, isApiToken } from './api-token-check.ts';
import type { Revocations } from './revocations.ts';
import type { SessionUses } from './session-uses.ts';

/** How long beyond its expiry a token still counts, for clocks of nodes that differ a little. */
const leewayMs = 5_000;

/**
 * Who an access token or API token speaks for: at once where it can be told without a look at the store, as always for
 * access tokens. Fails with `unauthenticated` (`token_invalid`, `token_expired`, or `session_closed` where it was revoked),
 * and `unavailable` while this node may not know of revocations.
 */
export type Authenticate = (token: string) => Person | Promise<Person>;

export function makeAuthenticate(
  { accessTokens, clock }: Platform,
  parts: { readonly revocations: Revocations; readonly uses: SessionUses; readonly apiTokens: ApiTokenCheck },
): Authenticate {
  const { revocations, uses, apiTokens } = parts;

  function admit(claims: AccessClaims | null): Person {
    if (claims === null) throw new AppError('unauthenticated', 'token_invalid');
    if (claims.expiresAt + leewayMs <= clock.now()) throw new AppError('unauthenticated', 'token_expired');
    if (!revocations.available()) throw new AppError('unavailable', 'store_away');
    if (revocations.refuses(claims)) throw new AppError('unauthenticated', 'session_closed');
    uses.note(claims);
    const { userId, sessionId, role } = claims;
    return { kind: 'person', userId, sessionId, role, scopes: null };
  }

  return (token) => {
    if (!isApiToken(token)) return admit(accessTokens.verify(token));
    if (!revocations.available()) throw new AppError('unavailable', 'store_away');
    return apiTokens.check(token);
  };
}
