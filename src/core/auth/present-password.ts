import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import { type Call, person } from '../call.ts';
import type { Audit } from './audit.ts';
import type { CheckPassword } from './password-check.ts';
import { bounds, charge, refund } from './throttling.ts';

/**
 * The person who asks, once their password has shown that it is really them. Fails with `forbidden` (`wrong_password`), and
 * `too_many_requests` after many wrong ones.
 */
export type PresentPassword = (call: Call, password: string) => Promise<UserRecord>;

export function makePresentPassword(
  { users, limiter }: Platform,
  parts: { readonly checkPassword: CheckPassword; readonly audit: Audit },
): PresentPassword {
  return async (call, password) => {
    const { userId, sessionId } = person(call);
    const user = await users.find(userId);
    const charged = [bounds.presentPasswordAt(sessionId)];
    await charge(limiter, charged);

    const right = await parts.checkPassword(user, password).catch(async (error: unknown) => {
      await refund(limiter, charged);
      throw error;
    });
    if (user === null || !right) {
      await parts.audit(call, { action: 'password.refused', subjectId: userId });
      throw new AppError('forbidden', 'wrong_password');
    }
    await refund(limiter, charged);
    return user;
  };
}
