import type { Platform } from '../../ports/platform.ts';
import type { Handlers } from '../call.ts';
import { describeAccount } from './account.ts';
import type { Audit } from './audit.ts';
import type { Letters } from './letters.ts';
import { refuseOneself, refuseRankAbove } from './ranks.ts';
import { requiresSecondFactor } from './two-factor-policy.ts';
import type { LookUpUser } from './user-look-up.ts';

/** What those who manage users see of second factors, and how they help somebody who lost theirs. */
export function makeSecondFactorAdmin(
  platform: Platform,
  parts: { readonly lookUpUser: LookUpUser; readonly letters: Letters; readonly audit: Audit },
): Pick<Handlers, 'twoFactor.status' | 'twoFactor.reset'> {
  const { secondFactors, passkeys, tickets, clock, settings } = platform;

  return {
    async 'twoFactor.status'({ user: said }) {
      const user = await parts.lookUpUser(said);
      const { totpSecret, recoveryCodesLeft } = await secondFactors.find(user.userId);
      return {
        user: describeAccount(user),
        totp: totpSecret !== null,
        recoveryCodesLeft,
        passkeys: (await passkeys.list(user.userId)).length,
        required: requiresSecondFactor(settings, user.role),
      };
    },

    async 'twoFactor.reset'({ user: said }, call) {
      const user = await parts.lookUpUser(said);
      refuseRankAbove(call, user.role);
      // One's own is removed with the password, so that an unattended device is not enough.
      refuseOneself(call, user.userId);
      await secondFactors.reset(user.userId);
      await tickets.drop(user.userId, ['second_factor', 'enrolment', 'passkey_sign_in', 'passkey_registration']);
      await parts.audit(call, { action: 'two_factor.reset', subjectId: user.userId });
      await parts.letters.write(user, {
        kind: 'second_factor_changed',
        name: user.displayName,
        what: 'reset',
        at: clock.now(),
      });
      return {};
    },
  };
}
