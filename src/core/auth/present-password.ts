import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import { type Call, person } from '../call.ts';
import type { Audit } from './audit.ts';
import { makeChargeNoted } from './noted-throttling.ts';
import type { CheckPassword } from './password-check.ts';
import { bounds, refund } from './throttling.ts';

/**
 * The person who asks, once their password has shown that it is really them. Fails with `forbidden` (`wrong_password`), and
 * `too_many_requests` after many wrong ones.
 */
export type PresentPassword = (call: Call, password: string) => Promise<UserRecord>;

export function makePresentPassword(
  platform: Platform,
  parts: { readonly checkPassword: CheckPassword; readonly audit: Audit },
): PresentPassword {
  const { users, limiter } = platform;
  const charge = makeChargeNoted(platform, parts.audit);
  return async (call, password) => {
    const { userId, sessionId } = person(call);
    const user = await users.find(userId);
    const charged = [bounds.presentPasswordAt(sessionId)];
    await charge(call, charged, { action: 'password.throttled', about: `present:${userId}`, subjectId: userId });

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
