import { AppError } from '../../protocol/errors.ts';
import type { Tokens } from '../../protocol/operations.ts';
import type { Http } from './http.ts';
import type { World } from './world.ts';

/**
 * The access token, in memory alone. The refresh token is in a cookie that no script sees.
 */
export interface AccessTokens {
  /**
   * One that holds for a minute yet; refreshed where needed, once for all who ask at the same time. Rejects with
   * `unauthenticated` where the session is over, with `unavailable` where that cannot be told now.
   */
  get(): Promise<string>;
  /** Takes what signing in or registering answered. */
  adopt(tokens: Tokens): void;
  /** The present one was refused. */
  forget(): void;
  /** The person is gone: what is under way is not taken any more. */
  end(): void;
}

const spareMs = 60_000;

export function makeAccessTokens(world: World, http: Http, onTokens: (tokens: Tokens) => void): AccessTokens {
  let token: string | null = null;
  let expiresAt = 0;
  let refreshing: Promise<string> | null = null;
  /** Rises when a person leaves. */
  let person = 0;

  function adopt(tokens: Tokens): string {
    token = tokens.accessToken;
    expiresAt = tokens.expiresAt;
    onTokens(tokens);
    return token;
  }

  /** Tabs take turns, so that each refreshes with the cookie the one before was given. */
  async function refresh(): Promise<string> {
    const mine = person;
    try {
      const tokens = await world.alone('messenger-refresh', () => http.post('auth.refresh', { keepIn: 'cookie' }));
      if (mine !== person) throw new AppError('unauthenticated', 'signed_out');
      return adopt(tokens);
    } catch (error) {
      const over = error instanceof AppError && (error.code === 'unauthenticated' || error.code === 'forbidden');
      throw over ? new AppError('unauthenticated', error.reason, { cause: error }) : error;
    } finally {
      if (mine === person) refreshing = null;
    }
  }

  return {
    async get() {
      if (token !== null && expiresAt - (world.now() + http.skew()) > spareMs) return token;
      refreshing ??= refresh();
      return refreshing;
    },
    adopt,
    forget: () => {
      token = null;
    },
    end() {
      person++;
      token = null;
      refreshing = null;
    },
  };
}
