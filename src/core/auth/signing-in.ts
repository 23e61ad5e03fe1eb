import type { Platform } from '../../ports/platform.ts';
import type { Handlers } from '../call.ts';
import type { FindAccount } from './account-name.ts';
import type { Audit } from './audit.ts';
import { makeCodeAttempts } from './code-attempts.ts';
import { makeDevices } from './devices.ts';
import { makeEnrolment } from './enrolment.ts';
import type { Letters } from './letters.ts';
import { makePasskeyAttempts } from './passkey-attempts.ts';
import { makePasskeySignIn } from './passkey-sign-in.ts';
import { makePasskeys } from './passkeys.ts';
import type { CheckPassword } from './password-check.ts';
import type { PresentPassword } from './present-password.ts';
import { makeRecoveryCodes } from './recovery-codes.ts';
import { makeSecondFactor } from './second-factor.ts';
import { makeSecondFactors } from './second-factors.ts';
import { makeSecurity } from './security.ts';
import { type IssueTokens, makeOpenSession } from './session-opening.ts';
import { makeSignIn } from './sign-in.ts';
import { type FinishSignIn, makeFinishSignIn } from './sign-in-finish.ts';
import { makeSignInTickets } from './sign-in-tickets.ts';
import { makeTotpSecrets } from './totp-secrets.ts';
import { makeTotpSetup } from './totp-setup.ts';

type SigningInOperation =
  | 'auth.signIn'
  | 'auth.secondFactor'
  | 'auth.enrolBegin'
  | 'auth.enrolFinish'
  | 'auth.passkeyBegin'
  | 'auth.passkeyFinish'
  | 'security.show'
  | 'totp.begin'
  | 'totp.finish'
  | 'totp.remove'
  | 'recoveryCodes.renew'
  | 'passkey.begin'
  | 'passkey.finish'
  | 'passkey.rename'
  | 'passkey.remove';

/** How people show who they are, by password, second factor and passkey, and what they set up for that. */
export interface SigningIn {
  readonly handlers: Pick<Handlers, SigningInOperation>;
  readonly finishSignIn: FinishSignIn;
}

export function makeSigningIn(
  platform: Platform,
  parts: {
    readonly findAccount: FindAccount;
    readonly checkPassword: CheckPassword;
    readonly presentPassword: PresentPassword;
    readonly issueTokens: IssueTokens;
    readonly letters: Letters;
    readonly audit: Audit;
  },
): SigningIn {
  const { findAccount, checkPassword, presentPassword, issueTokens, letters, audit } = parts;
  const devices = makeDevices(platform);
  const recoveryCodes = makeRecoveryCodes(platform);
  const secondFactors = makeSecondFactors(platform, { recoveryCodes, letters });
  const totpSecrets = makeTotpSecrets(platform);
  const totpSetup = makeTotpSetup(platform, { secondFactors, totpSecrets, audit });
  const signInTickets = makeSignInTickets(platform);
  const codeAttempts = makeCodeAttempts(platform, { devices, signInTickets, letters, audit });
  const passkeyAttempts = makePasskeyAttempts(platform);
  const openSession = makeOpenSession(platform, { issueTokens, devices, letters, audit });
  const finishSignIn = makeFinishSignIn(platform, { openSession, devices, secondFactors, signInTickets });

  return {
    finishSignIn,
    handlers: {
      ...makeSignIn(platform, { findAccount, checkPassword, devices, finishSignIn, audit }),
      ...makeSecondFactor(platform, { signInTickets, codeAttempts, totpSecrets, recoveryCodes, openSession, audit }),
      ...makeEnrolment(platform, { signInTickets, secondFactors, codeAttempts, totpSetup, openSession, audit }),
      ...makePasskeySignIn(platform, { signInTickets, passkeyAttempts, openSession, audit }),
      ...makePasskeys(platform, { presentPassword, secondFactors, passkeyAttempts, audit }),
      ...makeSecurity(platform, { presentPassword, secondFactors, recoveryCodes, totpSetup, audit }),
    },
  };
}
