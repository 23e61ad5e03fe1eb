import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { canonicalPassword } from './password-rules.ts';

/** Whether it is this person's password. As slow for nobody (null) as for a wrong one. */
export type CheckPassword = (user: UserRecord | null, password: string) => Promise<boolean>;

export function makeCheckPassword({ users, passwords, log }: Platform): CheckPassword {
  return async (user, typed) => {
    const password = canonicalPassword(typed);
    if (user === null || user.passwordHash === '') {
      await passwords.pretend(password);
      return false;
    }
    const verdict = await passwords.verify(user.passwordHash, password);
    if (verdict === 'outdated') await rehash(user, password);
    return verdict !== 'wrong';
  };

  async function rehash({ userId, passwordHash }: UserRecord, password: string): Promise<void> {
    try {
      await users.rehash(userId, await passwords.hash(password), passwordHash);
    } catch (error) {
      log.warn({ err: error, userId }, 'password not hashed anew');
    }
  }
}
