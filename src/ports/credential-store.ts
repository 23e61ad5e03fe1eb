import type { ApiTokenId, PasskeyId, UserId } from '../protocol/ids.ts';
import type { ApiToken, Passkey } from '../protocol/models.ts';
import type { Permission } from '../protocol/roles.ts';

/**
 * Every time in these stores is by the store's own clock, ms. Null is "not found". Every method is atomic. A deleted account
 * is given nothing: what would add to it throws `forbidden account_disabled`.
 */

/** The authenticator app and the recovery codes of each person. Secrets come sealed, codes as MACs. */
export interface SecondFactorStore {
  find(userId: UserId): Promise<{
    /** Null: no authenticator app. */
    readonly totpSecret: string | null;
    /** Begun, and not confirmed with a code yet. */
    readonly pendingSecret: string | null;
    readonly recoveryCodesLeft: number;
  }>;
  /** Keeps a secret that waits to be confirmed; a later one replaces it. */
  beginTotp(userId: UserId, sealedSecret: string): Promise<void>;
  /** The pending secret, still this one, becomes the one that counts; `step` counts as used. False: it is another by now. */
  confirmTotp(userId: UserId, sealedSecret: string, step: number): Promise<boolean>;
  removeTotp(userId: UserId): Promise<void>;
  /** Of any number who use one step at once exactly one gets true. Never a step that is not later than the last used. */
  useStep(userId: UserId, step: number): Promise<boolean>;
  /** Replaces all codes there were. */
  setRecoveryCodes(userId: UserId, macs: readonly string[]): Promise<void>;
  /** Of any number who use one code at once exactly one gets true. */
  useRecoveryCode(userId: UserId, mac: string): Promise<boolean>;
  /** Authenticator app, codes, passkeys and trust in devices: all gone. */
  reset(userId: UserId): Promise<void>;
}

/** A passkey with what verifying needs. */
export interface PasskeyRecord extends Passkey {
  readonly userId: UserId;
  /** base64url. */
  readonly credentialId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly signCount: number;
  readonly transports: readonly string[];
}

export interface PasskeyStore {
  /** `too_many`: the person has `most` already. `known`: this credential is registered. */
  add(
    passkey: Omit<PasskeyRecord, 'createdAt' | 'lastUsedAt'>,
    most: number,
  ): Promise<
    { readonly outcome: 'added'; readonly passkey: PasskeyRecord } | { readonly outcome: 'known' | 'too_many' }
  >;
  list(userId: UserId): Promise<readonly PasskeyRecord[]>;
  findByCredential(credentialId: string): Promise<PasskeyRecord | null>;
  /**
   * It signed in. The counter may only rise (or be 0 before and after, for keys that do not count): else false, and nothing
   * changes.
   */
  used(passkeyId: PasskeyId, signCount: number): Promise<boolean>;
  rename(userId: UserId, passkeyId: PasskeyId, name: string): Promise<boolean>;
  remove(userId: UserId, passkeyId: PasskeyId): Promise<boolean>;
}

/** What a one-time secret is good for. */
export type TicketPurpose =
  | 'second_factor'
  | 'enrolment'
  | 'passkey_sign_in'
  | 'passkey_registration'
  | 'password_reset'
  | 'email_confirmation';

export interface Ticket {
  /** Null where nobody is known yet: a passkey will say who. */
  readonly userId: UserId | null;
  /** Whatever the purpose needs, as JSON. */
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
  readonly expiresAt: number;
}

/** One-time secrets: links, and what holds the steps of signing in together. Stored hashed. */
export interface TicketStore {
  /** `lifeMs` from now. `alone`: those of the same person and purpose before it are worth nothing from then on. */
  add(ticket: {
    readonly hash: string;
    readonly purpose: TicketPurpose;
    readonly userId: UserId | null;
    readonly data: Ticket['data'];
    readonly lifeMs: number;
    readonly alone: boolean;
  }): Promise<{ readonly expiresAt: number }>;
  /** As long as it was neither taken nor has expired. */
  look(hash: string, purpose: TicketPurpose): Promise<Ticket | null>;
  /** Of any number who take one at once exactly one gets it. */
  take(hash: string, purpose: TicketPurpose): Promise<Ticket | null>;
  /** All of a person with these purposes. */
  drop(userId: UserId, purposes: readonly TicketPurpose[]): Promise<void>;
  /** The data of the person's newest of this purpose that still counts. */
  newest(userId: UserId, purpose: TicketPurpose): Promise<Ticket | null>;
  prune(): Promise<void>;
}

/** On which devices somebody signed in before: they are no strangers there. By the hash of the device's token. */
export interface DeviceStore {
  find(userId: UserId, tokenHash: string): Promise<{ readonly trustedUntil: number | null } | null>;
  /**
   * Somebody signed in on it. `trustForMs` null: leaves trust as it is. `first`: it is the person's first device of all.
   * Beyond `limits.devices` those used longest ago are forgotten.
   */
  signedIn(
    userId: UserId,
    tokenHash: string,
    trustForMs: number | null,
  ): Promise<{ readonly known: boolean; readonly first: boolean }>;
  /** From now on the second factor is asked everywhere. */
  distrust(userId: UserId): Promise<void>;
  /** Forgets devices unused since a time. */
  prune(before: number): Promise<void>;
}

export interface ApiTokenStore {
  /** Null: the person has `most` that count already. */
  add(
    token: {
      readonly apiTokenId: ApiTokenId;
      readonly userId: UserId;
      readonly tokenHash: string;
      readonly name: string;
      readonly scopes: readonly Permission[];
      readonly lifeMs: number | null;
    },
    most: number,
  ): Promise<ApiToken | null>;
  find(apiTokenId: ApiTokenId): Promise<ApiToken | null>;
  findByHash(tokenHash: string): Promise<ApiToken | null>;
  /** Newest first. `userId` null: everybody's. Those that ended before `endedSince` are left out. */
  list(ask: { readonly userId: UserId | null; readonly endedSince: number }): Promise<readonly ApiToken[]>;
  /** Leaves a revocation under the token's id. Twice does no harm. */
  revoke(apiTokenId: ApiTokenId): Promise<void>;
  /** Raises `lastUsedAt`, all in one write. */
  used(uses: readonly { readonly apiTokenId: ApiTokenId; readonly at: number }[]): Promise<void>;
}
