import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type JsonWebKeyInput,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import { createVerifier } from 'fast-jwt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAccessTokens } from '../../src/adapters/system/access-tokens.ts';
import { closeCodes } from '../../src/protocol/errors.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, makeAuthWorld } from '../support/auth.ts';
import { makeHandClock } from '../support/clock.ts';
import { newSigningKey } from '../support/platform.ts';
import { connectRaw } from './raw-client.ts';
import { type Answer, askRaw } from './raw-http.ts';
import { startTinyGateway, type TinyGateway } from './tiny-gateway.ts';

/** RFC 8037, appendix A.1 to A.4: the key, its thumbprint, and a signature by it. */
const rfc8037 = {
  key: {
    kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    signsFrom: 0,
  },
  signed:
    'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.' +
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
} as const;
const { key } = rfc8037;
const ours = createPrivateKey({ key: { ...key }, format: 'jwk' } as JsonWebKeyInput);
const issuer = 'messenger';
const minute = 60_000;

const clock = makeHandClock();
const accessTokens = makeAccessTokens({ keys: [key], issuer, clock });
let world: AuthWorld;
let tiny: TinyGateway;
let genuine: Tokens;

beforeAll(async () => {
  world = await makeAuthWorld({ clock, accessTokens });
  const { authenticate, handlers } = world.auth;
  tiny = await startTinyGateway({ authenticate, handlers, jwks: () => accessTokens.jwks() });
  genuine = await world.register('anna');
});
afterAll(async () => {
  await tiny.gateway.stop();
  await world.close();
});

type Claims = Readonly<Record<string, unknown>>;
const encode = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const decode = (part = ''): Claims => JSON.parse(Buffer.from(part, 'base64url').toString());
const header = { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid };
const claims = (): Claims => decode(genuine.accessToken.split('.')[1]);
const seconds = (ms: number) => Math.floor(ms / 1000);

type Sign = (input: string) => Buffer;
const by =
  (signingKey: KeyObject, digest: string | null = null): Sign =>
  (input) =>
    signBytes(digest, Buffer.from(input), signingKey);
const hmac =
  (secret: string | Buffer): Sign =>
  (input) =>
    createHmac('sha256', secret).update(input).digest();

/** As anybody can make one by hand. Without anything said it is as good as ours. */
function make(
  more: { readonly header?: object; readonly claims?: object | string; readonly sign?: Sign } = {},
): string {
  const body = typeof more.claims === 'string' ? more.claims : { ...claims(), ...more.claims };
  const input = `${encode({ ...header, ...more.header })}.${encode(body)}`;
  return `${input}.${(more.sign ?? by(ours))(input).toString('base64url')}`;
}

const listSessions = (headers: Record<string, string | string[]>, query = ''): Promise<Answer> =>
  askRaw(tiny.port, 'POST', `/api/session.list${query}`, { 'content-type': 'application/json', ...headers }, '{}');
const bearer = (token: string) => listSessions({ authorization: `Bearer ${token}` });
const jwks = async () =>
  (await (await fetch(`${tiny.url}/.well-known/jwks.json`)).json()) as { keys: (JsonWebKey & { kid: string })[] };

/** Checks as a stranger's program would: with the served keys and another library than ours. */
async function verifyElsewhere(token: string): Promise<Claims> {
  const { keys } = await jwks();
  const verify = createVerifier({
    key: async ({ header: { kid } }: { header: { kid?: string } }) => {
      const jwk = keys.find((each) => each.kid === kid);
      if (jwk === undefined) throw new Error(`no key ${kid}`);
      return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string;
    },
    algorithms: ['EdDSA'],
    allowedIss: issuer,
    allowedAud: 'messenger',
    requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp', 'sid'],
    clockTimestamp: clock.now(),
  });
  return (await verify(token)) as Claims;
}

describe('an access token', () => {
  test('is verified by another library with the served keys', async () => {
    expect(await verifyElsewhere(genuine.accessToken)).toMatchObject({
      sub: genuine.userId,
      sid: genuine.sessionId,
      role: 'member',
      exp: seconds(genuine.expiresAt),
    });
    expect(decode(genuine.accessToken.split('.')[0])).toEqual(header);
    await expect(verifyElsewhere(`${genuine.accessToken.slice(0, -4)}AAAA`)).rejects.toThrow();
  });

  test('is signed with keys that are served without their private parts', async () => {
    expect(await jwks()).toEqual({
      keys: [{ kid: key.kid, kty: 'OKP', crv: 'Ed25519', x: key.x, alg: 'EdDSA', use: 'sig' }],
    });
  });

  test('outlives the key that signed it: old and new ones are served and verify', async () => {
    const next = { ...newSigningKey('next'), signsFrom: clock.now() };
    accessTokens.useKeys([key, next]);
    const fresh = await world.signIn('anna');
    expect(decode(fresh.accessToken.split('.')[0])).toMatchObject({ kid: 'next' });
    for (const token of [genuine.accessToken, fresh.accessToken]) {
      expect((await bearer(token)).status).toBe(200);
      expect(await verifyElsewhere(token)).toMatchObject({ sub: genuine.userId });
    }
    accessTokens.useKeys([key]);
    expect(await bearer(fresh.accessToken)).toMatchObject({
      status: 401,
      json: { error: { reason: 'token_invalid' } },
    });
  });

  test('made by hand with our key is one of ours: what is refused below is refused for what was changed', async () => {
    expect(by(ours)(rfc8037.signed.slice(0, rfc8037.signed.lastIndexOf('.'))).toString('base64url')).toBe(
      rfc8037.signed.slice(rfc8037.signed.lastIndexOf('.') + 1),
    );
    expect((await bearer(make())).status).toBe(200);
  });
});

const publicPem = () => createPublicKey(ours).export({ type: 'spki', format: 'pem' }) as string;
const other = generateKeyPairSync('ed25519').privateKey;
const signatureOf = (token: string) => Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');

/** The same signature in another spelling: S + L instead of S (RFC 8032, §8.4). */
function malleable(token: string): string {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const bytes = signatureOf(token);
  let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
  for (let i = 32; i < 64; i++, s >>= 8n) bytes[i] = Number(s & 0xffn);
  return `${token.slice(0, token.lastIndexOf('.'))}.${bytes.toString('base64url')}`;
}

const refused: readonly (readonly [string, () => string, string])[] = [
  [
    'without algorithm or signature',
    () => make({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) }),
    'token_invalid',
  ],
  ['without algorithm, spelt otherwise', () => make({ header: { alg: 'nOnE' } }), 'token_invalid'],
  ['with alg none and a right signature', () => make({ header: { alg: 'none' } }), 'token_invalid'],
  [
    'signed by HMAC with our public key (PEM)',
    () => make({ header: { alg: 'HS256' }, sign: hmac(publicPem()) }),
    'token_invalid',
  ],
  [
    'signed by HMAC with our public key (bytes)',
    () => make({ header: { alg: 'HS256' }, sign: hmac(Buffer.from(key.x, 'base64url')) }),
    'token_invalid',
  ],
  ['signed by HMAC under our algorithm’s name', () => make({ sign: hmac(publicPem()) }), 'token_invalid'],
  ['on another curve (Ed448)', () => make({ sign: by(generateKeyPairSync('ed448').privateKey) }), 'token_invalid'],
  [
    'by another algorithm (ES256)',
    () =>
      make({
        header: { alg: 'ES256' },
        sign: (input) =>
          signBytes('sha256', Buffer.from(input), {
            key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
            dsaEncoding: 'ieee-p1363',
          }),
      }),
    'token_invalid',
  ],
  ['of another Ed25519 key under the id of ours', () => make({ sign: by(other) }), 'token_invalid'],
  ['that names a key nobody has', () => make({ header: { kid: 'nobody' } }), 'token_invalid'],
  ['that names no key', () => make({ header: { kid: undefined } }), 'token_invalid'],
  ['that names a key by what is no text', () => make({ header: { kid: [key.kid] } }), 'token_invalid'],
  [
    'that brings its own key',
    () => make({ header: { kid: 'own', jwk: createPublicKey(other).export({ format: 'jwk' }) }, sign: by(other) }),
    'token_invalid',
  ],
  [
    'that says where its key is',
    () => make({ header: { kid: 'own', jku: 'https://evil.example/jwks.json' } }),
    'token_invalid',
  ],
  ['of another type', () => make({ header: { typ: 'JWT' } }), 'token_invalid'],
  ['of no type', () => make({ header: { typ: undefined } }), 'token_invalid'],
  ['that asks for extensions nobody has', () => make({ header: { crit: ['exp'] } }), 'token_invalid'],
  ['of another issuer', () => make({ claims: { iss: 'https://evil.example' } }), 'token_invalid'],
  ['without issuer', () => make({ claims: { iss: undefined } }), 'token_invalid'],
  ['for another audience', () => make({ claims: { aud: 'another' } }), 'token_invalid'],
  ['without audience', () => make({ claims: { aud: undefined } }), 'token_invalid'],
  ['that expired', () => make({ claims: { exp: seconds(clock.now()) - 5 } }), 'token_expired'],
  ['that expired long ago', () => make({ claims: { exp: 1 } }), 'token_expired'],
  ['without expiry', () => make({ claims: { exp: undefined } }), 'token_invalid'],
  ['whose expiry is no number', () => make({ claims: { exp: '9999999999' } }), 'token_invalid'],
  ['issued more than a minute from now', () => make({ claims: { iat_ms: clock.now() + minute + 1 } }), 'token_invalid'],
  [
    'not valid before more than a minute from now',
    () => make({ claims: { nbf: seconds(clock.now()) + 61 } }),
    'token_invalid',
  ],
  ['whose "not before" is no number', () => make({ claims: { nbf: 'tomorrow' } }), 'token_invalid'],
  ['for nobody', () => make({ claims: { sub: undefined } }), 'token_invalid'],
  ['of a role that there is not', () => make({ claims: { role: 'emperor' } }), 'token_invalid'],
  ['whose claims are a list', () => make({ claims: '[]' }), 'token_invalid'],
  ['whose claims are no JSON', () => make({ claims: '{"sub":' }), 'token_invalid'],
  ['that is no access token: the example of RFC 8037, by our key', () => rfc8037.signed, 'token_invalid'],
  ['cut short', () => genuine.accessToken.slice(0, -1), 'token_invalid'],
  ['without its signature', () => genuine.accessToken.split('.').slice(0, 2).join('.'), 'token_invalid'],
  ['with an empty signature', () => `${genuine.accessToken.split('.').slice(0, 2).join('.')}.`, 'token_invalid'],
  ['with a fourth part', () => `${genuine.accessToken}.e30`, 'token_invalid'],
  [
    'whose claims were changed',
    () => {
      const [head, , signature] = genuine.accessToken.split('.');
      return `${head}.${encode({ ...claims(), role: 'owner' })}.${signature}`;
    },
    'token_invalid',
  ],
  [
    'whose header was changed',
    () => [encode({ ...header, x: 1 }), ...genuine.accessToken.split('.').slice(1)].join('.'),
    'token_invalid',
  ],
  ['whose signature is spelt otherwise', () => malleable(genuine.accessToken), 'token_invalid'],
  ['that is nothing at all', () => '.', 'token_invalid'],
];

describe.each(refused)('a token %s', (_, token, reason) => {
  const error = { code: 'unauthenticated', reason };

  test('is answered 401', async () => {
    const answer = await bearer(token());
    expect(answer).toMatchObject({ status: 401, json: { ok: false, error } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test('opens no socket', async () => {
    const client = await connectRaw(tiny.url);
    expect(await client.ask('connection.open', { accessToken: token() })).toMatchObject({ ok: false, error });
    expect(await client.closed).toBe(closeCodes.unauthenticated);
  });
});

describe('clocks may differ', () => {
  test.each([
    ['issued a minute from now', () => make({ claims: { iat_ms: clock.now() + minute } })],
    ['not valid before a minute from now', () => make({ claims: { nbf: seconds(clock.now()) + 60 } })],
    ['expired for less than five seconds', () => make({ claims: { exp: seconds(clock.now()) - 4 } })],
  ])('by so much: a token %s counts', async (_, token) => {
    expect((await bearer(token())).status).toBe(200);
  });
});

describe('a token that comes otherwise than it should', () => {
  test('in the address counts for nothing', async () => {
    const answer = await listSessions({}, `?access_token=${genuine.accessToken}&token=${genuine.accessToken}`);
    expect(answer).toMatchObject({ status: 401, json: { error: { reason: 'no_token' } } });
  });

  test('in a cookie counts for nothing', async () => {
    const cookie = `messenger=${genuine.accessToken}; access_token=${genuine.accessToken}`;
    expect(await listSessions({ cookie })).toMatchObject({ status: 401, json: { error: { reason: 'no_token' } } });
  });

  test.each([
    ['two of them', () => `Bearer ${genuine.accessToken}, Bearer ${genuine.accessToken}`],
    ['two in one', () => `Bearer ${genuine.accessToken} ${genuine.accessToken}`],
    ['a token beyond 4,096 characters', () => `Bearer ${make({ claims: { more: 'x'.repeat(4_096) } })}`],
    ['another scheme', () => `Token ${genuine.accessToken}`],
    ['no scheme', () => genuine.accessToken],
    ['none behind the scheme', () => 'Bearer '],
  ])('is refused: %s', async (_, authorization) => {
    const answer = await listSessions({ authorization: authorization() });
    expect(answer).toMatchObject({ status: 401, json: { error: { reason: 'not_a_bearer_token' } } });
  });

  test('is refused in two headers of one request', async () => {
    const twice = [genuine.accessToken, genuine.accessToken].map((token) => `Bearer ${token}`);
    expect(await listSessions({ authorization: twice })).toMatchObject({
      status: 401,
      json: { error: { reason: 'not_a_bearer_token' } },
    });
  });

  test('beyond 4,096 characters opens no socket', async () => {
    const client = await connectRaw(tiny.url);
    const accessToken = make({ claims: { more: 'x'.repeat(4_096) } });
    expect(await client.ask('connection.open', { accessToken })).toMatchObject({
      error: { code: 'invalid', fields: [{ path: 'accessToken' }] },
    });
    expect(await client.closed).toBe(closeCodes.unauthenticated);
  });

  test('in the address of a socket opens none', async () => {
    const client = await connectRaw(tiny.url, `?access_token=${genuine.accessToken}`);
    expect(await client.ask('session.list', {})).toMatchObject({ error: { reason: 'open_the_connection_first' } });
    expect(await client.closed).toBe(closeCodes.unauthenticated);
  });
});
