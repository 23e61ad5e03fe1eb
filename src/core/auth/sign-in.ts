import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import { name as nameSchema } from '../../protocol/models.ts';
import type { Handlers } from '../call.ts';
import { networkOf } from './address.ts';
import type { Audit } from './audit.ts';
import type { CheckPassword } from './password-check.ts';
import type { OpenSession } from './session-opening.ts';
import { type Bound, bounds, charge, refund } from './throttling.ts';

/** Nobody has this id: an unknown name costs the same look-ups as a known one. */
const nobody = '00000000-0000-7000-8000-000000000000' as UserId;

export function makeSignIn(
  platform: Platform,
  parts: { readonly checkPassword: CheckPassword; readonly openSession: OpenSession; readonly audit: Audit },
): Pick<Handlers, 'auth.signIn'> {
  const { users, sessions, limiter, digests } = platform;

  /** A device in a network where this account is signed in is no stranger: other people's failures do not count for it. */
  async function boundsFor(name: string, userId: UserId, address: string): Promise<readonly Bound[]> {
    const account = digests.hash(name);
    const network = networkOf(address);
    const open = await sessions.list(userId);
    if (open.some((session) => networkOf(session.address) === network)) {
      return [bounds.knownAtAccount(account, network)];
    }
    return [bounds.strangersFrom(network), bounds.strangersAtAccount(account), bounds.strangers];
  }

  return {
    async 'auth.signIn'(input, call) {
      const name = canonicalName(input.name);
      const user = await users.findByName(name);
      const charged = call.address === null ? [] : await boundsFor(name, user?.userId ?? nobody, call.address);
      await charge(limiter, charged);

      const right = await parts.checkPassword(user, input.password).catch(async (error: unknown) => {
        await refund(limiter, charged);
        throw error;
      });
      if (user === null || !right) {
        await parts.audit(call, { action: 'session.refused', subjectId: user?.userId ?? null });
        throw new AppError('unauthenticated', 'wrong_credentials');
      }
      await refund(limiter, charged);
      if (user.gone) throw new AppError('forbidden', 'account_disabled');
      return parts.openSession(user, input.device, call);
    },
  };
}

/** As the store has it. Keyboards add spaces; a name that nobody can have becomes the empty one. */
function canonicalName(typed: string): string {
  const parsed = nameSchema.safeParse(typed.trim());
  return parsed.success ? parsed.data : '';
}
