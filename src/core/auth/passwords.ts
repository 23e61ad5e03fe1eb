import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { type Handlers, person } from '../call.ts';
import type { Audit } from './audit.ts';
import type { Letters } from './letters.ts';
import { canonicalPassword, refuseWeakPassword } from './password-rules.ts';
import type { PresentPassword } from './present-password.ts';
import type { CloseSessions } from './sessions.ts';
import type { LookUpUser } from './user-look-up.ts';

/** The hash of a new password. Throws `invalid` where it is weak, `too_many_requests` where too many wait to be hashed. */
export type HashNewPassword = (password: string, user: Pick<UserRecord, 'name'>) => Promise<string>;

export function makeHashNewPassword({ passwords, settings }: Platform): HashNewPassword {
  return async (password, { name }) => {
    refuseWeakPassword(password, { name, instanceName: settings.instanceName });
    return passwords.hash(canonicalPassword(password));
  };
}

/**
 * Puts another password in the place of the one before, and ends what that one began: links, sign-ins under way, trust in
 * devices, and sessions but for those of `but` (`all`: they stay open). Tells the person.
 */
export type ReplacePassword = (user: UserRecord, passwordHash: string, but: SessionId | null | 'all') => Promise<void>;

export function makeReplacePassword(
  { users, tickets, devices, clock }: Platform,
  parts: { readonly closeSessions: CloseSessions; readonly letters: Letters },
): ReplacePassword {
  return async (user, passwordHash, but) => {
    const { userId, displayName } = user;
    await users.setPassword(userId, passwordHash);
    await tickets.drop(userId, ['second_factor', 'enrolment', 'passkey_sign_in', 'password_reset']);
    await devices.distrust(userId);
    if (but !== 'all') await parts.closeSessions(userId, 'password_changed', but);
    await parts.letters.write(user, { kind: 'password_changed', name: displayName, at: clock.now() });
  };
}

/** Nothing is left of them that a password could open. */
export function refuseDeleted({ state }: UserRecord): void {
  if (state === 'deleted') throw new AppError('not_found', 'no_such_user');
}

/** Nobody signs in to a bot. */
export function refuseBot({ bot }: UserRecord): void {
  if (bot === true) throw new AppError('conflict', 'bot_account');
}

export function makePasswordChanges(parts: {
  readonly presentPassword: PresentPassword;
  readonly hashNewPassword: HashNewPassword;
  readonly replacePassword: ReplacePassword;
  readonly lookUpUser: LookUpUser;
  readonly audit: Audit;
}): Pick<Handlers, 'password.change' | 'user.setPassword'> {
  const { presentPassword, hashNewPassword, replacePassword, lookUpUser, audit } = parts;

  return {
    async 'password.change'({ present, password, keepOthers }, call) {
      const user = await presentPassword(call, present);
      const hash = await hashNewPassword(password, user);
      await replacePassword(user, hash, keepOthers ? 'all' : person(call).sessionId);
      await audit(call, { action: 'password.changed', subjectId: user.userId, details: { keepOthers } });
      return {};
    },

    async 'user.setPassword'({ user: said, password }, call) {
      const user = await lookUpUser(said);
      refuseDeleted(user);
      refuseBot(user);
      await replacePassword(user, await hashNewPassword(password, user), null);
      await audit(call, { action: 'password.set', subjectId: user.userId });
      return {};
    },
  };
}
