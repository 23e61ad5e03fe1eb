import type { ConversationId, InviteId, SessionId, UserId } from '../protocol/ids.ts';
import type { Account, AccountState, Invite, Language, Profile } from '../protocol/models.ts';
import type { Role } from '../protocol/roles.ts';

export interface NewUser {
  readonly userId: UserId;
  /** Canonical (see `name` in the protocol), unique. */
  readonly name: string;
  readonly displayName: string;
  /** Empty: no password signs in. */
  readonly passwordHash: string;
  readonly role: Role;
  readonly state: Extract<AccountState, 'active' | 'waiting' | 'disabled'>;
  /** Canonical, and theirs: it counts from now on. */
  readonly email: string | null;
  readonly language: Language | null;
  /** Programs speak for it, and nobody signs in to it. `webhook`: it belongs to one, and nobody finds it by its name. */
  readonly bot?: 'account' | 'webhook';
}

/** An account with what only the auth service may see. */
export interface UserRecord extends Account {
  readonly passwordHash: string;
  readonly passwordChangedAt: number;
}

/** Every time in these stores is by the store's own clock, ms. Null is "not found". Every method is atomic. */
export interface UserStore {
  /**
   * Makes the account. `email_taken`: another account has that address. With `inviteHash` it takes one use of that invite in the same transaction, so that of two people
   * with the last use exactly one wins. Who has no use left is not told whether the name is taken.
   */
  add(
    user: NewUser,
    how?: { readonly inviteHash?: string },
  ): Promise<'added' | 'name_taken' | 'email_taken' | 'invite_spent'>;
  find(userId: UserId): Promise<UserRecord | null>;
  findByName(name: string): Promise<UserRecord | null>;
  /** Of those who are not deleted; nobody for names that nobody has. */
  findByNames(names: readonly string[]): Promise<readonly Profile[]>;
  findByEmail(email: string): Promise<UserRecord | null>;
  profiles(userIds: readonly UserId[]): Promise<readonly Profile[]>;
  /**
   * Profiles of active people whose name or display name has a word that begins with the query, case-insensitively, by
   * name. A query of several words asks for them in a row; one without words finds nobody.
   */
  search(query: string, limit: number): Promise<readonly Profile[]>;
  /** By name, behind `after`; the deleted, who have none, by id. `state` null: all but the deleted. */
  list(ask: {
    readonly query: string;
    readonly state: AccountState | null;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly Account[]>;
  setDisplayName(userId: UserId, displayName: string): Promise<void>;
  /** Names their picture, which is stored; null: they have none. */
  setAvatar(userId: UserId, hash: string | null): Promise<void>;
  setLanguage(userId: UserId, language: Language | null): Promise<void>;
  setEmail(userId: UserId, email: string | null): Promise<'set' | 'taken'>;
  setPassword(userId: UserId, passwordHash: string): Promise<void>;
  /** The same password hashed anew: only while the stored hash is `replacing`, so that it never undoes a change of password. */
  rehash(userId: UserId, passwordHash: string, replacing: string): Promise<void>;
  /**
   * Leaves a revocation, so that tokens with the former role end. `last_owner`: the only active owner stays one. Of two who
   * make each other members at once, one stays owner.
   */
  setRole(userId: UserId, role: Role): Promise<'set' | 'last_owner' | 'not_found'>;
  /**
   * Moves to `state` from one of `from`, else `unchanged`. Leaving `active` closes all sessions and leaves a revocation, in
   * the same transaction; `deletesAt` belongs to `deleting`. Everybody who shares a conversation gets the profile anew.
   */
  setState(
    userId: UserId,
    change: {
      readonly from: readonly AccountState[];
      readonly state: Exclude<AccountState, 'deleted'>;
      readonly deletesAt?: number;
    },
  ): Promise<'set' | 'last_owner' | 'unchanged'>;
  /**
   * Of an account that is `deleting`: empties name (which is free again), display name, e-mail, password and language,
   * removes sessions, devices, second factors, passkeys, API tokens and tickets, and makes it `deleted`. Twice does no harm.
   * False: it is not `deleting` (any more), nor deleted.
   */
  empty(userId: UserId): Promise<boolean>;
  /** Written at most once a minute per person, by the caller's care. */
  seen(userId: UserId, at: number): Promise<void>;
  /** All but the deleted. */
  count(): Promise<number>;
  /**
   * Of this person, everybody sharing a conversation with them and those they block: whose profile changed at or after
   * `since`, or who share one or are blocked only since then. By id, behind `after`.
   */
  changedProfiles(userId: UserId, since: number, after: UserId | null, limit: number): Promise<readonly Profile[]>;
}

export interface SessionRecord {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly device: string;
  /** The whole address; people are shown a hint only. */
  readonly address: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly generation: number;
  /** An access token of the present generation has been seen at this time; null: not yet. */
  readonly confirmedAt: number | null;
  readonly closedAt: number | null;
  /** The reason it was closed for; null while it is open. */
  readonly closedBecause: string | null;
}

export interface SessionStore {
  /**
   * Closes those used longest ago where there would be more than `most` (with `too_many` as the reason, and revocations).
   * Throws `forbidden account_disabled` where the account is not active: it may have been until a moment ago.
   */
  open(session: {
    readonly sessionId: SessionId;
    readonly userId: UserId;
    readonly device: string;
    readonly address: string;
    readonly most: number;
  }): Promise<SessionRecord>;
  find(sessionId: SessionId): Promise<SessionRecord | null>;
  /** Open sessions of a person, newest use first. */
  list(userId: UserId): Promise<readonly SessionRecord[]>;
  /**
   * Moves to `to` only if the present generation is `from` and it is open; answers the session as it then is (compare its
   * generation), or null where there is none. Moving counts as use (`lastSeenAt`), and takes `confirmedAt` away.
   */
  advance(sessionId: SessionId, from: number, to: number, address: string): Promise<SessionRecord | null>;
  /**
   * Access tokens of these sessions (each named once) were used, all in one write: raises `lastSeenAt` of session and person to `at`, and
   * where the generation is the session's present one and not confirmed yet, confirms it now, by the store's clock.
   */
  seen(
    uses: readonly { readonly sessionId: SessionId; readonly generation: number; readonly at: number }[],
  ): Promise<void>;
  /** Closes and leaves a revocation, which refuses access tokens issued before it. Twice does no harm. */
  close(sessionId: SessionId, reason: string): Promise<void>;
  /** All open ones of a person but one, each with its revocation, in one transaction. Answers how many. */
  closeAll(userId: UserId, reason: string, but: SessionId | null): Promise<number>;
  /** Closes open ones unused since a time, with `idle` as the reason and revocations; at most `most`. Answers which. */
  closeIdle(unusedSince: number, most: number): Promise<readonly SessionId[]>;
  rename(sessionId: SessionId, device: string): Promise<void>;
  /** Revocations at or after a time. */
  revocations(since: number): Promise<readonly Revocation[]>;
  /** Forgets revocations and closed sessions from before a time. */
  prune(before: { readonly revocations: number; readonly closed: number }): Promise<void>;
  /** The store's clock. */
  now(): Promise<number>;
}

/** Refuses access tokens issued before `at` and closes their sockets. */
export interface Revocation {
  readonly at: number;
  /** A session's, or an API token's id: what speaks for a person is ended in one way. */
  readonly sessionId: SessionId | null;
  /** Set where it is about all sessions of a person. */
  readonly userId: UserId | null;
  readonly reason: string;
}

export interface InviteStore {
  add(invite: {
    readonly inviteId: InviteId;
    readonly tokenHash: string;
    readonly role: Role;
    readonly createdBy: UserId | null;
    readonly maxUses: number | null;
    readonly expiresAt: number | null;
    readonly note: string;
    readonly conversationIds: readonly ConversationId[];
  }): Promise<Invite>;
  find(inviteId: InviteId): Promise<Invite | null>;
  findByHash(tokenHash: string): Promise<Invite | null>;
  /** Newest first. `createdBy` null: everybody's. `spent`: those used up, expired or revoked too. */
  list(ask: { readonly createdBy: UserId | null; readonly spent: boolean }): Promise<readonly Invite[]>;
  revoke(inviteId: InviteId): Promise<void>;
}
