import { createPrivateKey, createPublicKey, hash, type KeyObject, verify, type webcrypto } from 'node:crypto';
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
  /** From when on it signs, ms UTC. */
  readonly signsFrom: number;
}

/** Access tokens whose keys can be changed while they are in use. */
export interface KeyedAccessTokens extends AccessTokens {
  /** From now on these keys, of which there is at least one. */
  useKeys(keys: readonly SigningKey[]): void;
}

const audience = 'messenger';
const type = 'at+jwt';
/** How far ahead of this node's clock the clock of the node that signed may be, ms. */
const clockSkewMs = 60_000;
const mostRemembered = 50_000;

/**
 * Signs with the newest key whose time has come, and verifies with all. A key is rotated by adding one whose time comes
 * once every node knows it, and taken away when the tokens it signed have expired.
 */
export function makeAccessTokens(how: {
  readonly keys: readonly SigningKey[];
  readonly issuer: string;
  readonly clock: Clock;
}): KeyedAccessTokens {
  const { issuer, clock } = how;
  const remembered = makeMemory(clock);
  let keys = openKeys(how.keys);

  function check(token: string, digest: string): AccessClaims | null {
    const payload = verifiedPayload(token, keys);
    const claims = payload === null ? null : readClaims(payload, issuer, clock.now() + clockSkewMs);
    if (claims === null) return null;
    remembered.add(digest, claims);
    return claims;
  }

  return {
    sign(claims) {
      const { kid, privateKey } = signingKey(keys, clock.now());
      return new SignJWT({ sid: claims.sessionId, gen: claims.generation, role: claims.role, iat_ms: claims.issuedAt })
        .setProtectedHeader({ alg: 'EdDSA', typ: type, kid })
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
      keys: keys.map(({ kid, x }) => ({ kid, kty: 'OKP', crv: 'Ed25519', x, alg: 'EdDSA', use: 'sig' })),
    }),
    useKeys(fresh) {
      keys = openKeys(fresh);
      // What a key verified that is gone now is worth nothing either.
      remembered.clear();
    },
  };
}

interface OpenKey extends Pick<SigningKey, 'kid' | 'x' | 'signsFrom'> {
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: KeyObject;
}

/** In the order in which they sign. */
function openKeys(keys: readonly SigningKey[]): readonly OpenKey[] {
  if (keys.length === 0) throw new Error('access tokens need a signing key');
  return keys
    .map(({ kid, kty, crv, x, d, signsFrom }) => ({
      kid,
      x,
      signsFrom,
      privateKey: createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' }).toCryptoKey('Ed25519', false, ['sign']),
      publicKey: createPublicKey({ key: { kty, crv, x }, format: 'jwk' }),
    }))
    .sort((a, b) => a.signsFrom - b.signsFrom);
}

/** Where no key's time has come (the clock was set back), the first one signs. */
function signingKey(keys: readonly OpenKey[], now: number): OpenKey {
  const key = keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0];
  if (key === undefined) throw new Error('access tokens need a signing key');
  return key;
}

/** A compact JWS (RFC 7515) of three parts, with a signature of 64 bytes (RFC 8037). */
const compact = /^([\w-]+)\.([\w-]+)\.([\w-]{86})$/;

/**
 * What a token says, if its signature is right. Verified at once, in this thread: the pool is for password hashes, and
 * handing over costs more than it saves.
 */
function verifiedPayload(token: string, keys: readonly OpenKey[]): Buffer | null {
  const [, head, body, signature] = compact.exec(token) ?? [];
  if (head === undefined || body === undefined || signature === undefined) return null;
  const named = keyIdOf(token);
  const key = keys.find(({ kid }) => kid === named);
  if (key === undefined) return null;
  const isRight = verify(null, Buffer.from(`${head}.${body}`), key.publicKey, Buffer.from(signature, 'base64url'));
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

/** The claims of a token whose signature is right; null where they are not ours, or begin later than `latest`. */
function readClaims(payload: Buffer, issuer: string, latest: number): AccessClaims | null {
  const claims = parseJson(payload.toString());
  if (typeof claims !== 'object' || claims === null) return null;
  const { iss, aud, sub, sid, gen, role: named, exp, iat_ms, nbf = 0 } = claims as Record<string, unknown>;
  if (iss !== issuer || aud !== audience) return null;
  const user = userId.safeParse(sub);
  const session = sessionId.safeParse(sid);
  const known = role.safeParse(named);
  if (!user.success || !session.success || !known.success) return null;
  if (!isWhole(gen) || !isWhole(exp) || !isWhole(iat_ms) || !isWhole(nbf)) return null;
  if (iat_ms > latest || nbf * 1000 > latest) return null;
  return {
    userId: user.data,
    sessionId: session.data,
    generation: gen,
    role: known.data,
    issuedAt: iat_ms,
    expiresAt: exp * 1000,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
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
    clear: () => known.clear(),
  };
}
