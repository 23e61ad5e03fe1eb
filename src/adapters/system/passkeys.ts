import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import type { PasskeyRecord } from '../../ports/credential-store.ts';
import type { PasskeyVerifier } from '../../ports/passkeys.ts';

/** COSE: EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257];
/** WebAuthn allows ids of 1,023 bytes, here in base64url. */
const credentialIdForm = /^[\w-]{1,1364}$/;
const transportForm = /^[a-z-]{1,20}$/;
const mostTransports = 10;
/** How long a browser waits for the person, ms. */
const patience = 5 * 60_000;

export function makePasskeyVerifier(): PasskeyVerifier {
  return {
    async registrationOptions({ host, instanceName, user, known }) {
      const options = await generateRegistrationOptions({
        rpName: instanceName,
        rpID: host,
        userID: new TextEncoder().encode(user.userId),
        userName: user.name,
        userDisplayName: user.displayName,
        attestationType: 'none',
        excludeCredentials: known.map(describe),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
        supportedAlgorithmIDs: algorithms,
        timeout: patience,
      });
      return { challenge: options.challenge, options: { ...options } };
    },

    verifyRegistration(response, { host, origin, challenge }) {
      return unlessBad(async () => {
        const answer = response as unknown as RegistrationResponseJSON;
        if (claimsAMaker(answer)) return null;
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response: answer,
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: host,
          requireUserVerification: false,
          supportedAlgorithmIDs: algorithms,
        });
        if (!verified || !credentialIdForm.test(registrationInfo.credential.id)) return null;
        const { id, publicKey, counter, transports } = registrationInfo.credential;
        return {
          credentialId: id,
          publicKey: Buffer.from(publicKey).toString('base64url'),
          signCount: counter,
          transports: (transports ?? []).filter(isTransport).slice(0, mostTransports),
        };
      });
    },

    async signInOptions({ host, known }) {
      const options = await generateAuthenticationOptions({
        rpID: host,
        ...(known === null ? {} : { allowCredentials: known.map(describe) }),
        userVerification: known === null ? 'required' : 'preferred',
        timeout: patience,
      });
      return { challenge: options.challenge, options: { ...options } };
    },

    credentialOf: ({ id }) => (typeof id === 'string' && credentialIdForm.test(id) ? id : null),

    verifySignIn(response, { credentialId, publicKey }, { host, origin, challenge }) {
      return unlessBad(async () => {
        if (response.id !== credentialId) return null;
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: response as unknown as AuthenticationResponseJSON,
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: host,
          // The store judges the counter: it alone can do so at once with keeping it.
          credential: { id: credentialId, publicKey: Buffer.from(publicKey, 'base64url'), counter: 0 },
          requireUserVerification: false,
        });
        if (!verified) return null;
        return { signCount: authenticationInfo.newCounter, userVerified: authenticationInfo.userVerified };
      });
    },
  };
}

function describe({ credentialId, transports }: Pick<PasskeyRecord, 'credentialId' | 'transports'>) {
  return { id: credentialId, transports: [...transports] };
}

/** Whatever the client says of them is only handed back to it. */
function isTransport(name: unknown): name is string {
  return typeof name === 'string' && transportForm.test(name);
}

/**
 * A statement about who made the key, with certificates. It was not asked for; and checking one would have this server
 * fetch lists of revoked certificates from wherever the statement says.
 */
function claimsAMaker({ response }: RegistrationResponseJSON): boolean {
  const statement = decodeAttestationObject(Buffer.from(response.attestationObject, 'base64url'));
  const format = statement.get('fmt');
  return format !== 'none' && !(format === 'packed' && statement.get('attStmt').get('x5c') === undefined);
}

/** The library throws for whatever is not as it should be. */
async function unlessBad<T>(verify: () => Promise<T | null>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}
