import { describe, expect, it } from 'vitest';
import { makePasskeyVerifier } from '../../src/adapters/system/passkeys.ts';
import type { WebauthnJson } from '../../src/protocol/models.ts';
import { type Asked, makeSoftPasskey } from '../support/authenticator.ts';

const verifier = makePasskeyVerifier();
const place = { host: 'chat.example.org', origin: 'https://chat.example.org' };
const user = { userId: '019a0000-0000-7000-8000-000000000001', name: 'alice', displayName: 'Алиса' };

const registration = () => verifier.registrationOptions({ ...place, instanceName: 'Chat', user, known: [] });
const signIn = () => verifier.signInOptions({ ...place, known: null });

/** A passkey that was registered here. */
async function registered(how: Parameters<typeof makeSoftPasskey>[0] = {}) {
  const passkey = makeSoftPasskey(how);
  const { challenge } = await registration();
  const kept = await verifier.verifyRegistration(passkey.create({ ...place, challenge }), { ...place, challenge });
  if (kept === null) throw new Error('not registered');
  return { passkey, kept };
}

/** What a sign-in is verified as, with what was asked changed. */
async function answered(change: Partial<Asked> = {}, alter: (response: WebauthnJson) => WebauthnJson = (as) => as) {
  const { passkey, kept } = await registered();
  const { challenge } = await signIn();
  const response = alter(passkey.get({ ...place, challenge, ...change }));
  return verifier.verifySignIn(response, kept, { ...place, challenge });
}

/** The response with bytes of one of its parts changed. */
const withPart = (part: string, change: (bytes: Buffer) => Buffer) => (answer: WebauthnJson) => {
  const response = answer.response as Record<string, string>;
  const changed = change(Buffer.from(response[part] ?? '', 'base64url')).toString('base64url');
  return { ...answer, response: { ...response, [part]: changed } };
};
const flipAt = (at: number) => (bytes: Buffer) => {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
};

const nonsense: readonly WebauthnJson[] = [
  {},
  { id: 'x' },
  { id: 7, rawId: 7, type: 'public-key', response: null },
  { id: 'x', rawId: 'x', type: 'public-key', response: {} },
  { id: 'x', rawId: 'x', type: 'public-key', response: { clientDataJSON: '!', attestationObject: '!', signature: [] } },
  { id: 'x', rawId: 'x', type: 'public-key', response: { clientDataJSON: 'bnVsbA', attestationObject: 'oA' } },
];

describe('making a passkey', () => {
  it('asks for one of this host and person, without saying who made the device', async () => {
    const known = [{ credentialId: 'abc', transports: ['usb'] }];
    const { challenge, options } = await verifier.registrationOptions({ ...place, instanceName: 'Chat', user, known });
    expect(options).toMatchObject({
      challenge,
      rp: { id: place.host, name: 'Chat' },
      user: { name: 'alice', displayName: 'Алиса', id: Buffer.from(user.userId).toString('base64url') },
      attestation: 'none',
      excludeCredentials: [{ id: 'abc', transports: ['usb'] }],
    });
    expect(Buffer.from(challenge, 'base64url').length).toBeGreaterThanOrEqual(16);
    expect((await registration()).challenge).not.toBe(challenge);
  });

  it.each(['ES256', 'EdDSA'] as const)('keeps what %s made', async (algorithm) => {
    const { passkey, kept } = await registered({ algorithm });
    expect(kept).toMatchObject({
      credentialId: passkey.credentialId,
      signCount: 1,
      transports: ['internal', 'hybrid'],
    });
  });

  it('takes a security key that only makes sure somebody is there', async () => {
    const { challenge } = await registration();
    const made = makeSoftPasskey().create({ ...place, challenge, userVerified: false });
    expect(await verifier.verifyRegistration(made, { ...place, challenge })).not.toBeNull();
  });

  it.each<[string, Partial<Asked>]>([
    ['another challenge', { challenge: 'AAAA' }],
    ['a page of somebody else', { origin: 'https://chat.example.com' }],
    ['plain http', { origin: 'http://chat.example.org' }],
    ['another port', { origin: 'https://chat.example.org:8443' }],
    ['another host', { host: 'example.org' }],
    ['nobody there', { userPresent: false }],
    ['a sign-in', { type: 'webauthn.get' }],
  ])('refuses %s', async (_what, change) => {
    const { challenge } = await registration();
    const made = makeSoftPasskey().create({ ...place, challenge, ...change });
    expect(await verifier.verifyRegistration(made, { ...place, challenge })).toBeNull();
  });

  it('refuses a statement of who made the device, and fetches nothing that it names', async () => {
    const { challenge } = await registration();
    const made = makeSoftPasskey().create({ ...place, challenge });
    // fmt "none" becomes a format with certificates; both have four letters.
    const claiming = withPart('attestationObject', (bytes) => {
      const at = bytes.indexOf('none');
      return Buffer.concat([bytes.subarray(0, at), Buffer.from('appl'), bytes.subarray(at + 4)]);
    })(made);
    expect(await verifier.verifyRegistration(claiming, { ...place, challenge })).toBeNull();
  });

  it('keeps only names of transports, and not many', async () => {
    const { challenge } = await registration();
    const made = makeSoftPasskey().create({ ...place, challenge });
    const transports = ['usb', '<b>', 7, null, 'x'.repeat(1_000), ...Array.from({ length: 50 }, () => 'ble')];
    const response = { ...(made.response as object), transports };
    const kept = await verifier.verifyRegistration({ ...made, response }, { ...place, challenge });
    expect(kept?.transports).toEqual(['usb', ...Array.from({ length: 9 }, () => 'ble')]);
  });

  it('is null for nonsense', async () => {
    for (const response of nonsense) {
      expect(await verifier.verifyRegistration(response, { ...place, challenge: 'AAAA' })).toBeNull();
    }
  });
});

describe('signing in with a passkey', () => {
  it('names the passkeys of somebody who is known, and asks whoever it is to show who they are', async () => {
    const known = [{ credentialId: 'abc', transports: ['internal'] }];
    const { options } = await verifier.signInOptions({ ...place, known });
    expect(options).toMatchObject({ rpId: place.host, allowCredentials: [{ id: 'abc', transports: ['internal'] }] });
    const { options: anybody, challenge } = await signIn();
    expect(anybody).toMatchObject({ rpId: place.host, challenge, userVerification: 'required' });
    expect(anybody.allowCredentials).toBeUndefined();
  });

  it.each(['ES256', 'EdDSA'] as const)('is proven by %s, which counts on', async (algorithm) => {
    const { passkey, kept } = await registered({ algorithm });
    for (const signCount of [2, 3]) {
      const { challenge } = await signIn();
      const response = passkey.get({ ...place, challenge });
      expect(verifier.credentialOf(response)).toBe(kept.credentialId);
      const proof = await verifier.verifySignIn(response, kept, { ...place, challenge });
      expect(proof).toEqual({ signCount, userVerified: true });
    }
  });

  it('says where the device did not make sure who holds it', async () => {
    expect(await answered({ userVerified: false })).toEqual({ signCount: 2, userVerified: false });
  });

  it('says the counter as it is, though it went back', async () => {
    expect(await answered({ signCount: 0 })).toMatchObject({ signCount: 0 });
  });

  it.each<[string, Partial<Asked>]>([
    ['another challenge', { challenge: 'AAAA' }],
    ['a page of somebody else', { origin: 'https://chat.example.org.evil.example' }],
    ['plain http', { origin: 'http://chat.example.org' }],
    ['another host', { host: 'example.org' }],
    ['nobody there', { userPresent: false }],
    ['a registration', { type: 'webauthn.create' }],
  ])('refuses %s', async (_what, change) => {
    expect(await answered(change)).toBeNull();
  });

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['signature', flipAt(20), 'signature'],
    ['flags', flipAt(32), 'authenticatorData'],
    ['counter', flipAt(36), 'authenticatorData'],
    ['host', flipAt(0), 'authenticatorData'],
    ['page', flipAt(10), 'clientDataJSON'],
    ['length', (bytes) => bytes.subarray(1), 'signature'],
    ['whole signature', () => Buffer.alloc(0), 'signature'],
  ])('refuses a changed %s', async (_what, change, part) => {
    expect(await answered({}, withPart(part, change))).toBeNull();
  });

  it('refuses what another passkey signed', async () => {
    const { kept } = await registered();
    const { passkey: other } = await registered();
    const { challenge } = await signIn();
    const response = other.get({ ...place, challenge });
    expect(await verifier.verifySignIn(response, kept, { ...place, challenge })).toBeNull();
    const disguised = { ...response, id: kept.credentialId, rawId: kept.credentialId };
    expect(await verifier.verifySignIn(disguised, kept, { ...place, challenge })).toBeNull();
  });

  it('is null for nonsense', async () => {
    const { kept } = await registered();
    for (const response of nonsense) {
      const named = { ...response, id: kept.credentialId, rawId: kept.credentialId };
      expect(await verifier.verifySignIn(named, kept, { ...place, challenge: 'AAAA' })).toBeNull();
    }
    for (const id of [undefined, 7, '', 'a b', 'x'.repeat(2_000), {}]) {
      expect(verifier.credentialOf({ id })).toBeNull();
    }
  });
});
