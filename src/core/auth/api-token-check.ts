import type { Platform } from '../../ports/platform.ts';
import type { Revocation } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ApiTokenId, SessionId, UserId } from '../../protocol/ids.ts';
import type { ApiToken } from '../../protocol/models.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Person } from '../call.ts';
import { makeGathering } from './gathering.ts';
import type { Revocations } from './revocations.ts';

const prefix = 'msgr_';
/** A token is looked up again after this long, whatever was heard meanwhile. */
const longestMemoryMs = 60_000;
const mostRemembered = 10_000;

/** By its form. The prefix lets people and scanners of leaked secrets tell what it is. */
export const isApiToken = (token: string): boolean => token.startsWith(prefix);
export const writeApiToken = (secret: string): string => prefix + secret;

/** An API token is ended as sessions are, and so goes by its id as if it were one. */
export const asSession = (apiTokenId: ApiTokenId): SessionId => apiTokenId as string as SessionId;

/** Whom API tokens speak for. */
export interface ApiTokenCheck {
  /**
   * At once where it was looked up less than a minute ago and nothing was heard that concerns it. Fails with
   * `unauthenticated` and `token_invalid`, `token_expired`, or `session_closed` where it was revoked or its owner is out.
   */
  check(token: string): Person | Promise<Person>;
  /** Called when a token expires that was in use here, so that its sockets close. Listeners must not throw. */
  onExpired(listener: (revocation: Revocation) => void): () => void;
  /** Stores what is gathered, and forgets everything. */
  stop(): Promise<void>;
}

interface Known {
  readonly apiToken: ApiToken;
  readonly role: Role;
  readonly lookedAt: number;
}

export function makeApiTokenCheck(platform: Platform, revocations: Revocations): ApiTokenCheck {
  const { apiTokens, users, digests, clock } = platform;
  const known = new Map<string, Known>();
  const endings = new Map<ApiTokenId, () => void>();
  const listeners = new Set<(revocation: Revocation) => void>();
  const uses = makeGathering<ApiTokenId, { readonly apiTokenId: ApiTokenId; readonly at: number }>(platform, {
    keyOf: ({ apiTokenId }) => apiTokenId,
    news: () => null,
    store: (gathered) => apiTokens.used(gathered),
    failed: 'uses of API tokens not stored',
  });
  let heard = 0;
  revocations.onRevoked((revocation) => {
    heard++;
    for (const [hash, { apiToken }] of known) {
      if (!concerns(revocation, apiToken)) continue;
      known.delete(hash);
      forgetEnd(apiToken.apiTokenId);
    }
  });

  async function lookUp(hash: string): Promise<Person> {
    const [lookedAt, before] = [clock.now(), heard];
    const apiToken = await apiTokens.findByHash(hash);
    if (apiToken === null) throw refused('token_invalid');
    const owner = await users.find(apiToken.userId);
    // What was heard meanwhile may be about it, and be newer than what was read.
    if (heard !== before) return lookUp(hash);
    if (apiToken.revokedAt !== null || owner === null || owner.state !== 'active') throw refused('session_closed');
    const found = { apiToken, role: owner.role, lookedAt };
    const admitted = admit(found);
    remember(hash, found);
    return admitted;
  }

  function admit({ apiToken, role }: Known): Person {
    const { apiTokenId, userId, scopes, expiresAt } = apiToken;
    const at = clock.now();
    if (expiresAt !== null && expiresAt <= at) throw refused('token_expired');
    uses.note({ apiTokenId, at });
    return { kind: 'person', userId, sessionId: asSession(apiTokenId), role, scopes };
  }

  function remember(hash: string, found: Known): void {
    known.delete(hash);
    known.set(hash, found);
    for (const [oldest] of known) {
      if (known.size <= mostRemembered) break;
      known.delete(oldest);
    }
    awaitEnd(found.apiToken);
  }

  function awaitEnd({ apiTokenId, expiresAt }: ApiToken): void {
    if (expiresAt === null || endings.has(apiTokenId)) return;
    const tell = () => {
      endings.delete(apiTokenId);
      const revocation = { at: expiresAt, sessionId: asSession(apiTokenId), userId: null, reason: 'expired' };
      for (const listener of listeners) listener(revocation);
    };
    endings.set(apiTokenId, clock.after(expiresAt - clock.now(), tell));
  }

  function forgetEnd(apiTokenId: ApiTokenId): void {
    endings.get(apiTokenId)?.();
    endings.delete(apiTokenId);
  }

  return {
    check(token) {
      const hash = digests.hash(token);
      const found = known.get(hash);
      const isFresh = found !== undefined && clock.now() < found.lookedAt + longestMemoryMs;
      return isFresh ? admit(found) : lookUp(hash);
    },
    onExpired(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    async stop() {
      for (const takeBack of endings.values()) takeBack();
      endings.clear();
      known.clear();
      await uses.flush();
    },
  };
}

function concerns({ sessionId, userId }: Revocation, apiToken: { apiTokenId: ApiTokenId; userId: UserId }): boolean {
  return sessionId === null ? userId === apiToken.userId : sessionId === asSession(apiToken.apiTokenId);
}

function refused(reason: string): AppError {
  return new AppError('unauthenticated', reason);
}
