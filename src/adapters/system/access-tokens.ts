import { createPrivateKey, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { decodeProtectedHeader, SignJWT } from 'jose';
import type { Clock } from '../../ports/clock.ts';
import type { AccessClaims, AccessTokens } from '../../ports/crypto.ts';
import { sessionId, userId } from '../../protocol/ids.ts';
import { role } from '../../protocol/models.ts';

/** An Ed25519 private key as JWK (RFC 8037). */
export interface SigningKey {
  readonly kid: string;
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
}

const audience = 'messenger';
const type = 'at+jwt';
/** How far ahead of this node's clock the clock of the node that signed may be, ms. */
const clockSkewMs = 60_000;
const mostRemembered = 50_000;

/**
 * Signs with the first key and verifies with all: a key is rotated by putting a new one before it, and taken away when the
 * tokens it signed have expired.
 */
export function makeAccessTokens(how: {
  readonly keys: readonly SigningKey[];
  readonly issuer: string;
  readonly clock: Clock;
}): AccessTokens {
  const { issuer, clock } = how;
  const [signing] = how.keys;
  if (signing === undefined) throw new Error('access tokens need a signing key');
  const privateKey = createPrivateKey({ key: { ...signing }, format: 'jwk' }).toCryptoKey('Ed25519', false, ['sign']);
  const publicKeys = new Map(how.keys.map((key) => [key.kid, publicKey(key)]));
  const remembered = makeMemory(clock);

  function check(token: string, digest: string): AccessClaims | null {
    const payload = verifiedPayload(token, publicKeys);
    const claims = payload === null ? null : readClaims(payload, issuer);
    if (claims === null || claims.issuedAt > clock.now() + clockSkewMs) return null;
    remembered.add(digest, claims);
    return claims;
  }

  return {
    sign(claims) {
      return new SignJWT({ sid: claims.sessionId, gen: claims.generation, role: claims.role, iat_ms: claims.issuedAt })
        .setProtectedHeader({ alg: 'EdDSA', typ: type, kid: signing.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(claims.userId)
        .setIssuedAt(Math.floor(claims.issuedAt / 1000))
        .setExpirationTime(Math.floor(claims.expiresAt / 1000))
        .sign(privateKey);
    },
    verify(token) {
      const digest = hash('sha256', token, 'base64url');
      return remembered.get(digest) ?? check(token, digest);
    },
    jwks: () => ({
      keys: how.keys.map(({ kid, kty, crv, x }) => ({ kid, kty, crv, x, alg: 'EdDSA', use: 'sig' })),
    }),
  };
}

function publicKey({ kty, crv, x }: SigningKey): KeyObject {
  return createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
}

/** A compact JWS (RFC 7515) of three parts, with a signature of 64 bytes (RFC 8037). */
const compact = /^([\w-]+)\.([\w-]+)\.([\w-]{86})$/;

/**
 * What a token says, if its signature is right. Verified at once, in this thread: the pool is for password hashes, and
 * handing over costs more than it saves.
 */
function verifiedPayload(token: string, publicKeys: ReadonlyMap<string, KeyObject>): Buffer | null {
  const [, head, body, signature] = compact.exec(token) ?? [];
  if (head === undefined || body === undefined || signature === undefined) return null;
  const key = publicKeys.get(keyIdOf(token) ?? '');
  if (key === undefined) return null;
  const isRight = verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  return isRight ? Buffer.from(body, 'base64url') : null;
}

/** The key that a token of our kind names; null for any other kind of token. */
function keyIdOf(token: string): string | null {
  try {
    const { alg, typ, kid, crit } = decodeProtectedHeader(token);
    return alg === 'EdDSA' && typ === type && crit === undefined && kid !== undefined ? kid : null;
  } catch {
    return null;
  }
}

/** The claims of a token whose signature is right; null where they are not ours. */
function readClaims(payload: Buffer, issuer: string): AccessClaims | null {
  const claims: unknown = JSON.parse(payload.toString());
  if (typeof claims !== 'object' || claims === null) return null;
  const { iss, aud, sub, sid, gen, role: named, exp, iat_ms } = claims as Record<string, unknown>;
  if (iss !== issuer || aud !== audience) return null;
  const user = userId.safeParse(sub);
  const session = sessionId.safeParse(sid);
  const known = role.safeParse(named);
  if (!user.success || !session.success || !known.success) return null;
  if (!isWhole(gen) || !isWhole(exp) || !isWhole(iat_ms)) return null;
  return {
    userId: user.data,
    sessionId: session.data,
    generation: gen,
    role: known.data,
    issuedAt: iat_ms,
    expiresAt: exp * 1000,
  };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** Tokens that were verified, by their hash, until they expire; with too many of them the oldest are forgotten. */
function makeMemory(clock: Clock) {
  const known = new Map<string, AccessClaims>();

  /** Tokens live equally long, so the first of the map expire first. */
  const forget = () => {
    for (const [digest, claims] of known) {
      if (claims.expiresAt > clock.now() && known.size <= mostRemembered) return;
      known.delete(digest);
    }
  };

  return {
    get: (digest: string) => known.get(digest),
    add(digest: string, claims: AccessClaims) {
      known.set(digest, claims);
      forget();
    },
  };
}
