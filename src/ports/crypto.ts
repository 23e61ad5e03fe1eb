import type { SessionId, UserId } from '../protocol/ids.ts';
import type { Role } from '../protocol/roles.ts';

/**
 * Argon2id. At most cores − 1 hashes (at least one) run at once; the rest wait their turn. Throws `too_many_requests` when
 * too many wait already.
 */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** `outdated`: right, but made with other parameters than today's; hash anew and store. */
  verify(hash: string, password: string): Promise<'wrong' | 'right' | 'outdated'>;
  /** As long as `verify` takes, against a hash nobody has the password of: so that unknown names answer no sooner. */
  pretend(password: string): Promise<void>;
}

/** Claims of an access token. `issuedAt` is in milliseconds, beside the standard `iat` in seconds. */
export interface AccessClaims {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** The generation of the refresh token it came with. */
  readonly generation: number;
  readonly role: Role;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Access tokens: JWT, EdDSA (RFC 8037), `typ` at+jwt, with `kid`. */
export interface AccessTokens {
  sign(claims: AccessClaims): Promise<string>;
  /**
   * Null when it is not a token of ours: signature, algorithm, issuer or audience wrong, or key unknown. Expiry is for
   * the caller to judge, by its own clock. A token that was verified before costs a look-up.
   */
  verify(token: string): AccessClaims | null;
  /** The public keys, as a JWK set. */
  jwks(): { readonly keys: readonly object[] };
}

/** Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds). */
export interface Totp {
  /** 160 random bits, base32. */
  newSecret(): string;
  /** `otpauth://totp/…`, for the QR. */
  uri(secret: string, account: string, instanceName: string): string;
  /** The step that the code is of, among the present one and its two neighbours; null: of none of them. */
  stepOf(secret: string, code: string, now: number): number | null;
}

/** Keeps what must be readable again from who only has the database: AES-256-GCM under the instance's own key. */
export interface Seals {
  /** `purpose` belongs to it: sealed for one, it opens for no other. */
  seal(text: string, purpose: string): string;
  /** Null: not sealed by this instance for this purpose. */
  open(sealed: string, purpose: string): string | null;
}

export interface Digests {
  /** SHA-256, base64url: how secrets are stored. */
  hash(secret: string): string;
  /** HMAC-SHA-256 under the instance's own key, base64url. */
  mac(text: string): string;
  /** Constant-time comparison. */
  same(a: string, b: string): boolean;
}
