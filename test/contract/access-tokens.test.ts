import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { makeAccessTokens, type SigningKey } from '../../src/adapters/system/access-tokens.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import type { AccessClaims } from '../../src/ports/crypto.ts';
import type { SessionId, UserId } from '../../src/protocol/ids.ts';
import { makeHandClock } from '../support/clock.ts';

const minute = 60_000;
const issuer = 'https://chat.example.org';
const random = systemRandom();

function newKey(kid: string, signsFrom = 0): { jwk: SigningKey; privateKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x, d } = privateKey.export({ format: 'jwk' });
  return { jwk: { kid, kty: 'OKP', crv: 'Ed25519', x: x ?? '', d: d ?? '', signsFrom }, privateKey };
}

function setUp() {
  const clock = makeHandClock();
  const key = newKey('first');
  const tokens = makeAccessTokens({ keys: [key.jwk], issuer, clock });
  const claims: AccessClaims = {
    userId: random.id() as UserId,
    sessionId: random.id() as SessionId,
    generation: 3,
    role: 'member',
    issuedAt: clock.now() + 123,
    expiresAt: clock.now() + 10 * minute,
  };
  /** A token of the right form, but for what is changed. */
  const forge = (change: {
    claims?: Record<string, unknown>;
    header?: Record<string, string>;
    key?: KeyObject | Uint8Array;
  }) =>
    new SignJWT({
      iss: issuer,
      aud: 'messenger',
      sub: claims.userId,
      sid: claims.sessionId,
      gen: 3,
      role: 'member',
      iat: Math.floor(claims.issuedAt / 1000),
      iat_ms: claims.issuedAt,
      exp: Math.floor(claims.expiresAt / 1000),
      ...change.claims,
    })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'first', ...change.header })
      .sign(change.key ?? key.privateKey);
  return { clock, key, tokens, claims, forge };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('access tokens', () => {
  it('come back as they were signed, the time of issue to the millisecond', async () => {
    const { tokens, claims } = setUp();
    expect(tokens.verify(await tokens.sign(claims))).toEqual(claims);
  });

  it('are remembered once they were verified', async () => {
    const { tokens, claims } = setUp();
    const token = await tokens.sign(claims);
    const first = tokens.verify(token);
    expect(first).toEqual(claims);
    expect(tokens.verify(token)).toBe(first);
  });

  it('are JWTs that an independent reader verifies against the published keys', async () => {
    const { tokens, claims, clock } = setUp();
    const { payload, protectedHeader } = await jwtVerify(
      await tokens.sign(claims),
      createLocalJWKSet(tokens.jwks() as Parameters<typeof createLocalJWKSet>[0]),
      { issuer, audience: 'messenger', typ: 'at+jwt', algorithms: ['EdDSA'], currentDate: new Date(clock.now()) },
    );
    expect(protectedHeader.kid).toBe('first');
    expect(payload).toMatchObject({ sub: claims.userId, sid: claims.sessionId, role: 'member' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
  });

  it('publish no private part of a key', () => {
    const { tokens, key } = setUp();
    expect(JSON.stringify(tokens.jwks())).not.toContain(key.jwk.d);
  });

  it('leave expiry to the caller, and are not remembered beyond it', async () => {
    const { tokens, claims, clock } = setUp();
    const token = await tokens.sign(claims);
    clock.advance(11 * minute);
    expect(tokens.verify(token)).toEqual(claims);
    expect(tokens.verify(token)).not.toBe(tokens.verify(token));
  });

  it('may come from a node whose clock is a little ahead', async () => {
    const { tokens, claims, clock } = setUp();
    const ahead = { ...claims, issuedAt: clock.now() + 50_000 };
    expect(tokens.verify(await tokens.sign(ahead))).toEqual(ahead);
  });

  describe('while keys are rotated', () => {
    const kidOf = (token: string) => decodeProtectedHeader(token).kid;

    it('are signed by the newest key whose time has come, whatever the order of the keys', async () => {
      const { clock, key, claims } = setUp();
      const second = newKey('second', clock.now() + minute);
      const third = newKey('third', clock.now() + 2 * minute);
      const tokens = makeAccessTokens({ keys: [third.jwk, key.jwk, second.jwk], issuer, clock });
      expect(kidOf(await tokens.sign(claims))).toBe('first');
      clock.advance(minute);
      expect(kidOf(await tokens.sign(claims))).toBe('second');
      clock.advance(minute);
      expect(kidOf(await tokens.sign(claims))).toBe('third');
    });

    it('are signed by the oldest key where no key’s time has come', async () => {
      const { clock, claims } = setUp();
      const keys = [newKey('later', clock.now() + 2 * minute).jwk, newKey('sooner', clock.now() + minute).jwk];
      expect(kidOf(await makeAccessTokens({ keys, issuer, clock }).sign(claims))).toBe('sooner');
    });

    it('stay good when a new key takes over in use, and on a node that has not read it yet only old ones count', async () => {
      const { tokens, claims, key, clock } = setUp();
      const [old, second] = [await tokens.sign(claims), newKey('second', clock.now())];
      const slow = makeAccessTokens({ keys: [key.jwk], issuer, clock });
      tokens.useKeys([key.jwk, second.jwk]);
      const fresh = await tokens.sign(claims);
      expect(kidOf(fresh)).toBe('second');
      expect(tokens.verify(old)).toEqual(claims);
      expect(tokens.verify(fresh)).toEqual(claims);
      expect(slow.verify(old)).toEqual(claims);
      expect(slow.verify(fresh)).toBeNull();
    });

    it('are verified by an independent reader with the served keys, before, while and after', async () => {
      const { tokens, claims, key, clock } = setUp();
      const verified = (token: string) =>
        jwtVerify(token, createLocalJWKSet(tokens.jwks() as Parameters<typeof createLocalJWKSet>[0]), {
          issuer,
          audience: 'messenger',
          currentDate: new Date(clock.now()),
        });
      const second = newKey('second', clock.now() + minute);
      const before = await tokens.sign(claims);
      tokens.useKeys([key.jwk, second.jwk]);
      const during = await tokens.sign(claims);
      clock.advance(minute);
      const after = await tokens.sign({ ...claims, issuedAt: clock.now() });
      for (const token of [before, during, after]) expect((await verified(token)).payload.sub).toBe(claims.userId);
      tokens.useKeys([second.jwk]);
      await expect(verified(before)).rejects.toThrow();
      expect((await verified(after)).payload.sub).toBe(claims.userId);
    });

    it('are worth nothing once their key is gone, remembered or not', async () => {
      const { tokens, claims } = setUp();
      const token = await tokens.sign(claims);
      expect(tokens.verify(token)).toEqual(claims);
      tokens.useKeys([newKey('second').jwk]);
      expect(tokens.verify(token)).toBeNull();
    });

    it('keep their keys where the new ones are unusable', async () => {
      const { tokens, claims, key } = setUp();
      expect(() => tokens.useKeys([])).toThrow();
      expect(() => tokens.useKeys([{ ...key.jwk, d: 'nonsense' }])).toThrow();
      expect(tokens.verify(await tokens.sign(claims))).toEqual(claims);
    });
  });

  describe('are refused', () => {
    it('the control is not', async () => {
      const { tokens, forge, claims } = setUp();
      expect(tokens.verify(await forge({}))).toEqual(claims);
    });

    it('without a signature (alg none)', async () => {
      const { tokens, forge } = setUp();
      const [, body] = (await forge({})).split('.');
      for (const alg of ['none', 'None', 'NONE', '']) {
        const header = encode({ alg, typ: 'at+jwt', kid: 'first' });
        expect(tokens.verify(`${header}.${body}.`)).toBeNull();
      }
    });

    it('signed with the public key as an HMAC secret', async () => {
      const { tokens, forge, key } = setUp();
      const [, body] = (await forge({})).split('.');
      const header = encode({ alg: 'HS256', typ: 'at+jwt', kid: 'first' });
      for (const secret of [Buffer.from(key.jwk.x, 'base64url'), Buffer.from(key.jwk.x)]) {
        const mac = createHmac('sha256', secret).update(`${header}.${body}`).digest('base64url');
        expect(tokens.verify(`${header}.${body}.${mac}`)).toBeNull();
      }
    });

    it('signed by another key under our key id, or carrying its own key', async () => {
      const { tokens, forge } = setUp();
      const other = newKey('first');
      expect(tokens.verify(await forge({ key: other.privateKey }))).toBeNull();
      const { kty, crv, x } = other.jwk;
      const header = { jwk: { kty, crv, x } } as unknown as Record<string, string>;
      expect(tokens.verify(await forge({ key: other.privateKey, header }))).toBeNull();
    });

    it.each([
      ['an unknown key', { header: { kid: 'unknown' } }],
      ['another type', { header: { typ: 'JWT' } }],
      ['another issuer', { claims: { iss: 'https://evil.example' } }],
      ['another audience', { claims: { aud: 'other' } }],
      ['several audiences', { claims: { aud: ['messenger', 'other'] } }],
      ['no issuer', { claims: { iss: undefined } }],
      ['no expiry', { claims: { exp: undefined } }],
      ['an expiry that is no number', { claims: { exp: '9999999999' as unknown } }],
      ['no time of issue', { claims: { iat_ms: undefined } }],
      ['no session', { claims: { sid: undefined } }],
      ['a session that is no id', { claims: { sid: '../../etc/passwd' } }],
      ['no user', { claims: { sub: undefined } }],
      ['an unknown role', { claims: { role: 'god' } }],
      ['no generation', { claims: { gen: 1.5 } }],
    ] as const)('with %s', async (_, change) => {
      const { tokens, forge } = setUp();
      expect(tokens.verify(await forge(change))).toBeNull();
    });

    it('issued in the future', async () => {
      const { tokens, claims, clock } = setUp();
      expect(tokens.verify(await tokens.sign({ ...claims, issuedAt: clock.now() + 61_000 }))).toBeNull();
    });

    it('altered by one character anywhere', async () => {
      const { tokens, claims } = setUp();
      const token = await tokens.sign(claims);
      for (let at = 0; at < token.length - 1; at += 7) {
        const altered = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
        expect(tokens.verify(altered)).toBeNull();
      }
    });

    it.each(['', '.', '..', '...', 'garbage', 'a.b.c', `${'x'.repeat(10_000)}.y.z`, 'ключ.ключ.ключ', '\u0000'])(
      'as garbage: %j',
      async (garbage) => {
        const { tokens } = setUp();
        expect(tokens.verify(garbage)).toBeNull();
      },
    );
  });
});
