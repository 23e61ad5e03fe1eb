import type { WebauthnJson } from '../protocol/models.ts';
import type { PasskeyRecord } from './credential-store.ts';

/** Where a passkey is used: the host it is bound to, and the page that asked. */
export interface PasskeyPlace {
  /** The relying party's id: `chat.example.org`. */
  readonly host: string;
  /** `https://chat.example.org`. */
  readonly origin: string;
}

/** WebAuthn's ceremonies (level 3, §7), without what lasts between their two halves: the caller keeps the challenge. */
export interface PasskeyVerifier {
  registrationOptions(ask: {
    readonly host: string;
    readonly instanceName: string;
    readonly user: { readonly userId: string; readonly name: string; readonly displayName: string };
    /** Those the person has: a device does not make a second one. */
    readonly known: readonly Pick<PasskeyRecord, 'credentialId' | 'transports'>[];
  }): Promise<{ readonly challenge: string; readonly options: WebauthnJson }>;
  /** Null: it is not what was asked for. Never throws for what a client sent. */
  verifyRegistration(
    response: WebauthnJson,
    expected: PasskeyPlace & { readonly challenge: string },
  ): Promise<Pick<PasskeyRecord, 'credentialId' | 'publicKey' | 'signCount' | 'transports'> | null>;
  /** `known` null: any passkey of this host, which then says by itself whose it is. */
  signInOptions(ask: {
    readonly host: string;
    readonly known: readonly Pick<PasskeyRecord, 'credentialId' | 'transports'>[] | null;
  }): Promise<{ readonly challenge: string; readonly options: WebauthnJson }>;
  /** Which credential answers, as it says itself; null where it is no answer at all. */
  credentialOf(response: WebauthnJson): string | null;
  /**
   * Null: it is not what was asked for. `userVerified`: the device made sure who holds it (fingerprint, PIN), so that it stands
   * for two factors. Whether the counter may be what it is, `PasskeyStore.used` decides. Never throws for what a client sent.
   */
  verifySignIn(
    response: WebauthnJson,
    passkey: Pick<PasskeyRecord, 'credentialId' | 'publicKey'>,
    expected: PasskeyPlace & { readonly challenge: string },
  ): Promise<{ readonly signCount: number; readonly userVerified: boolean } | null>;
}
