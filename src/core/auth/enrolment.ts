import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Handlers } from '../call.ts';
import type { Audit } from './audit.ts';
import type { CodeAttempts } from './code-attempts.ts';
import { hasSecondFactor, type SecondFactors } from './second-factors.ts';
import type { OpenSession } from './session-opening.ts';
import { type SignInTickets, ticketExpired } from './sign-in-tickets.ts';
import type { TotpSetup } from './totp-setup.ts';

/** Setting up the second factor that the instance requires, on the way in. */
export function makeEnrolment(
  { digests }: Platform,
  parts: {
    readonly signInTickets: SignInTickets;
    readonly secondFactors: SecondFactors;
    readonly codeAttempts: CodeAttempts;
    readonly totpSetup: TotpSetup;
    readonly openSession: OpenSession;
    readonly audit: Audit;
  },
): Pick<Handlers, 'auth.enrolBegin' | 'auth.enrolFinish'> {
  const { signInTickets, secondFactors, codeAttempts, totpSetup, openSession } = parts;

  /** Who set one up meanwhile, elsewhere, signs in with it: a ticket from before it must not put another in its place. */
  async function ticketOwner(ticketHash: string): Promise<UserRecord> {
    const user = await signInTickets.look(ticketHash, 'enrolment');
    if (hasSecondFactor(await secondFactors.held(user.userId))) throw ticketExpired();
    return user;
  }

  return {
    async 'auth.enrolBegin'({ ticket }) {
      return totpSetup.begin(await ticketOwner(digests.hash(ticket)));
    },

    async 'auth.enrolFinish'({ ticket, code, ...device }, call) {
      const ticketHash = digests.hash(ticket);
      const user = await ticketOwner(ticketHash);
      const attempt = await codeAttempts.begin(user, ticketHash, 'enrolment', device.deviceToken, call);
      const confirmation = await totpSetup.check(user, code);
      if (confirmation === null) {
        await parts.audit(call, {
          action: 'second_factor.refused',
          subjectId: user.userId,
          details: { method: 'totp' },
        });
        throw new AppError('unauthenticated', 'wrong_code');
      }
      await attempt.wentWell();
      await signInTickets.take(ticketHash, 'enrolment');
      const recoveryCodes = await totpSetup.keep(user, confirmation, call);
      return { ...(await openSession(user, device, call, 'enrolment')), recoveryCodes: recoveryCodes ?? [] };
    },
  };
}
