import { AppError } from '../../protocol/errors.ts';
import type { WebauthnJson } from '../../protocol/models.ts';

/**
 * The browser's passkeys (WebAuthn), as JSON in and out. Both reject with AppError: `forbidden passkey_dismissed` where
 * the person, or time, ended it; `conflict passkey_exists`; `forbidden passkey_failed` for all else.
 */
export interface Passkeys {
  /** With `autofill` the passkeys are offered where the browser fills in names, until `signal` ends it. */
  get(options: WebauthnJson, how?: { readonly autofill: boolean; readonly signal: AbortSignal }): Promise<WebauthnJson>;
  create(options: WebauthnJson): Promise<WebauthnJson>;
  canAutofill(): Promise<boolean>;
}

/** Passkeys belong to a name: browsers refuse them at a bare address, on https too. */
export const isBareAddress = (host: string): boolean => /^[\d.]+$|^\[/.test(host);

export function browserPasskeys(): Passkeys | null {
  if (!isSecureContext || !('PublicKeyCredential' in globalThis) || isBareAddress(location.hostname)) return null;
  return {
    get: (options, how) =>
      asked(
        navigator.credentials.get({
          publicKey: requestOptions(options),
          ...(how === undefined ? {} : { signal: how.signal, mediation: how.autofill ? 'conditional' : 'optional' }),
        }),
      ),
    create: (options) => asked(navigator.credentials.create({ publicKey: creationOptions(options) })),
    canAutofill: async () => (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false,
  };
}

async function asked(answer: Promise<Credential | null>): Promise<WebauthnJson> {
  try {
    const credential = await answer;
    if (!(credential instanceof PublicKeyCredential)) throw new AppError('forbidden', 'passkey_dismissed');
    return jsonOf(credential);
  } catch (cause) {
    throw cause instanceof AppError ? cause : refusal(cause);
  }
}

function refusal(cause: unknown): AppError {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') {
    return new AppError('forbidden', 'passkey_dismissed', { cause });
  }
  if (name === 'InvalidStateError') return new AppError('conflict', 'passkey_exists', { cause });
  return new AppError('forbidden', 'passkey_failed', { cause });
}

// Browsers before 2025 lack the JSON forms. What follows is as much of them as the server uses.

interface Described {
  readonly id: string;
}

function requestOptions(json: WebauthnJson): PublicKeyCredentialRequestOptions {
  if ('parseRequestOptionsFromJSON' in PublicKeyCredential) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(json as unknown as PublicKeyCredentialRequestOptionsJSON);
  }
  return {
    ...json,
    challenge: bytesOf(json.challenge),
    allowCredentials: described(json.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
}

function creationOptions(json: WebauthnJson): PublicKeyCredentialCreationOptions {
  if ('parseCreationOptionsFromJSON' in PublicKeyCredential) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(json as unknown as PublicKeyCredentialCreationOptionsJSON);
  }
  const user = json.user as { readonly id: string };
  return {
    ...json,
    challenge: bytesOf(json.challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: described(json.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
}

function jsonOf(credential: PublicKeyCredential): WebauthnJson {
  if ('toJSON' in credential) return credential.toJSON() as unknown as WebauthnJson;
  const { id, type, rawId, response, authenticatorAttachment } = credential as PublicKeyCredential;
  const parts: Record<string, unknown> = { clientDataJSON: textOf(response.clientDataJSON) };
  if (response instanceof AuthenticatorAssertionResponse) {
    parts.authenticatorData = textOf(response.authenticatorData);
    parts.signature = textOf(response.signature);
    if (response.userHandle) parts.userHandle = textOf(response.userHandle);
  } else if (response instanceof AuthenticatorAttestationResponse) {
    parts.attestationObject = textOf(response.attestationObject);
    parts.transports = response.getTransports?.() ?? [];
  }
  return { id, rawId: textOf(rawId), type, response: parts, authenticatorAttachment, clientExtensionResults: {} };
}

const described = (list: unknown) =>
  ((list ?? []) as readonly Described[]).map((one) => ({ ...one, id: bytesOf(one.id) }));

/** Base64url, as everything binary is in the JSON forms. */
function bytesOf(text: unknown): Uint8Array<ArrayBuffer> {
  const plain = atob(String(text).replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function textOf(bytes: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
