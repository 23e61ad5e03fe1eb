import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { WebauthnJson } from '../../src/protocol/models.ts';

/** What a passkey is asked to do, or made to do wrong. */
export interface Asked {
  readonly challenge: string;
  readonly origin: string;
  readonly host: string;
  /** Whether it makes sure who holds it; as it does unless told otherwise. */
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  /** Instead of counting on. */
  readonly signCount?: number;
  readonly type?: string;
}

/** A passkey in software: makes its key, and answers as a browser hands it on (WebAuthn level 3, §5.1 and §6). */
export interface SoftPasskey {
  readonly credentialId: string;
  create(asked: Asked): WebauthnJson;
  get(asked: Asked): WebauthnJson;
}

const flags = { userPresent: 0x01, userVerified: 0x04, credential: 0x40 };

/** `counts` false: as passkeys that are synchronised between devices, whose counter stays 0. */
export function makeSoftPasskey({
  algorithm = 'ES256',
  counts = true,
}: {
  readonly algorithm?: 'ES256' | 'EdDSA';
  readonly counts?: boolean;
} = {}): SoftPasskey {
  const keys = newKeys(algorithm);
  const id = randomBytes(32);
  const credentialId = id.toString('base64url');
  let count = 0;

  function authenticatorData(asked: Asked, credential: Buffer | null): Buffer {
    if (counts) count++;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(asked.signCount ?? count);
    const flag =
      ((asked.userPresent ?? true) ? flags.userPresent : 0) |
      ((asked.userVerified ?? true) ? flags.userVerified : 0) |
      (credential === null ? 0 : flags.credential);
    return Buffer.concat([sha256(asked.host), Buffer.of(flag), counter, credential ?? Buffer.alloc(0)]);
  }

  const answer = (response: Record<string, unknown>): WebauthnJson => ({
    id: credentialId,
    rawId: credentialId,
    type: 'public-key',
    clientExtensionResults: {},
    response,
  });

  return {
    credentialId,
    create(asked) {
      const idLength = Buffer.alloc(2);
      idLength.writeUInt16BE(id.length);
      const credential = Buffer.concat([Buffer.alloc(16), idLength, id, coseKey(keys.publicKey)]);
      const attestation = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(authenticatorData(asked, credential))],
      ]);
      return answer({
        clientDataJSON: clientData({ type: 'webauthn.create', ...asked }),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal', 'hybrid'],
      });
    },
    get(asked) {
      const data = authenticatorData(asked, null);
      const client = clientData({ type: 'webauthn.get', ...asked });
      const signed = Buffer.concat([data, sha256(Buffer.from(client, 'base64url'))]);
      const hash = algorithm === 'ES256' ? 'sha256' : null;
      return answer({
        clientDataJSON: client,
        authenticatorData: data.toString('base64url'),
        signature: sign(hash, signed, keys.privateKey).toString('base64url'),
        userHandle: null,
      });
    },
  };
}

function newKeys(algorithm: 'ES256' | 'EdDSA') {
  return algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
}

function clientData({ type, challenge, origin }: Asked): string {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })).toString('base64url');
}

/** COSE (RFC 9053): key type, algorithm, curve, coordinates. */
function coseKey(key: KeyObject): Buffer {
  const { crv, x = '', y } = key.export({ format: 'jwk' });
  const isEdwards = crv === 'Ed25519';
  return cborMap([
    [cborInt(1), cborInt(isEdwards ? 1 : 2)],
    [cborInt(3), cborInt(isEdwards ? -8 : -7)],
    [cborInt(-1), cborInt(isEdwards ? 6 : 1)],
    [cborInt(-2), cborBytes(Buffer.from(x, 'base64url'))],
    ...(y === undefined ? [] : [[cborInt(-3), cborBytes(Buffer.from(y, 'base64url'))] as const]),
  ]);
}

/** CBOR (RFC 8949), as much as keys and attestations need. */
const cborInt = (value: number) => (value >= 0 ? cborHead(0, value) : cborHead(1, -1 - value));
const cborBytes = (bytes: Buffer) => Buffer.concat([cborHead(2, bytes.length), bytes]);
const cborText = (text: string) => Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)]);
const cborMap = (pairs: readonly (readonly [Buffer, Buffer])[]) =>
  Buffer.concat([cborHead(5, pairs.length), ...pairs.flat()]);

function cborHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.of((major << 5) | value);
  return value < 256 ? Buffer.of((major << 5) | 24, value) : Buffer.of((major << 5) | 25, value >> 8, value & 255);
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
