import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import { type Call, type Handlers, person } from '../call.ts';
import type { Audit } from './audit.ts';
import { describePasskey } from './passkeys.ts';
import type { PresentPassword } from './present-password.ts';
import type { RecoveryCodes } from './recovery-codes.ts';
import { hasSecondFactor, type SecondFactors } from './second-factors.ts';
import type { TotpSetup } from './totp-setup.ts';
import { requiresSecondFactor } from './two-factor-policy.ts';

/** How a person's account is guarded: what they see of it, their authenticator app and their recovery codes. */
export function makeSecurity(
  platform: Platform,
  parts: {
    readonly presentPassword: PresentPassword;
    readonly secondFactors: SecondFactors;
    readonly recoveryCodes: RecoveryCodes;
    readonly totpSetup: TotpSetup;
    readonly audit: Audit;
  },
): Pick<Handlers, 'security.show' | 'totp.begin' | 'totp.finish' | 'totp.remove' | 'recoveryCodes.renew'> {
  const { users, tickets, mailer, settings } = platform;
  const { presentPassword, secondFactors, recoveryCodes, totpSetup, audit } = parts;

  async function self(call: Call): Promise<UserRecord> {
    const user = await users.find(person(call).userId);
    if (user === null) throw new AppError('not_found', 'no_such_user');
    return user;
  }

  return {
    async 'security.show'(_input, call) {
      const user = await self(call);
      const { userId, email, passwordChangedAt, role } = user;
      const held = await secondFactors.held(userId);
      const confirmation = await tickets.newest(userId, 'email_confirmation');
      const unconfirmed = confirmation?.data.email;
      return {
        email,
        unconfirmedEmail: typeof unconfirmed === 'string' ? unconfirmed : null,
        passwordChangedAt,
        totp: held.totp !== null,
        recoveryCodesLeft: held.recoveryCodesLeft,
        passkeys: held.passkeys.map(describePasskey),
        twoFactorRequired: requiresSecondFactor(settings, role),
        mail: mailer.on,
      };
    },

    async 'totp.begin'({ present }, call) {
      return totpSetup.begin(await presentPassword(call, present));
    },

    async 'totp.finish'({ code }, call) {
      const user = await self(call);
      const confirmation = await totpSetup.check(user, code);
      // Not `unauthenticated`: the session is none the worse.
      if (confirmation === null) throw new AppError('forbidden', 'wrong_code');
      return { recoveryCodes: await totpSetup.keep(user, confirmation, call) };
    },

    async 'totp.remove'({ present }, call) {
      const user = await presentPassword(call, present);
      const held = await secondFactors.held(user.userId);
      if (held.totp === null) throw new AppError('conflict', 'no_totp');
      secondFactors.refuseTooFew(user, { ...held, totp: null });
      await platform.secondFactors.removeTotp(user.userId);
      await audit(call, { action: 'totp.removed', subjectId: user.userId });
      await secondFactors.lessened(user, 'totp_removed');
      return {};
    },

    async 'recoveryCodes.renew'({ present }, call) {
      const user = await presentPassword(call, present);
      if (!hasSecondFactor(await secondFactors.held(user.userId))) throw new AppError('conflict', 'no_second_factor');
      const codes = await recoveryCodes.renew(user.userId);
      await audit(call, { action: 'recovery_codes.renewed', subjectId: user.userId });
      await secondFactors.lessened(user, 'codes_renewed');
      return { recoveryCodes: codes };
    },
  };
}
