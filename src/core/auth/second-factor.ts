import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Input } from '../../protocol/operations.ts';
import type { Call, Handlers } from '../call.ts';
import type { Audit } from './audit.ts';
import type { CodeAttempts } from './code-attempts.ts';
import type { RecoveryCodes } from './recovery-codes.ts';
import type { OpenSession } from './session-opening.ts';
import type { SignInTickets } from './sign-in-tickets.ts';
import type { TotpSecrets } from './totp-secrets.ts';

type Answer = Input<'auth.secondFactor'>;

/** The second step of signing in, by code. */
export function makeSecondFactor(
  platform: Platform,
  parts: {
    readonly signInTickets: SignInTickets;
    readonly codeAttempts: CodeAttempts;
    readonly totpSecrets: TotpSecrets;
    readonly recoveryCodes: RecoveryCodes;
    readonly openSession: OpenSession;
    readonly audit: Audit;
  },
): Pick<Handlers, 'auth.secondFactor'> {
  const { secondFactors, digests } = platform;
  const { signInTickets, codeAttempts, totpSecrets, recoveryCodes, openSession } = parts;

  async function isRight({ userId }: UserRecord, { method, code }: Answer): Promise<boolean> {
    if (method === 'recovery_code') return recoveryCodes.use(userId, code);
    const { totpSecret } = await secondFactors.find(userId);
    const step = totpSecret === null ? null : totpSecrets.stepOf(userId, totpSecret, code);
    return step !== null && secondFactors.useStep(userId, step);
  }

  async function refuse({ userId }: UserRecord, { method }: Answer, call: Call): Promise<never> {
    await parts.audit(call, { action: 'second_factor.refused', subjectId: userId, details: { method } });
    throw new AppError('unauthenticated', 'wrong_code');
  }

  return {
    async 'auth.secondFactor'(input, call) {
      const ticketHash = digests.hash(input.ticket);
      const user = await signInTickets.look(ticketHash, 'second_factor');
      const attempt = await codeAttempts.begin(user, ticketHash, 'second_factor', input.deviceToken, call);
      if (!(await isRight(user, input))) return refuse(user, input, call);
      await attempt.wentWell();
      await signInTickets.take(ticketHash, 'second_factor');
      return openSession(user, input, call, input.method);
    },
  };
}
