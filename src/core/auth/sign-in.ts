import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Handlers } from '../call.ts';
import { type FindAccount, readAccountName } from './account-name.ts';
import { networkOf } from './address.ts';
import type { Audit } from './audit.ts';
import type { Devices } from './devices.ts';
import { makeChargeNoted } from './noted-throttling.ts';
import type { CheckPassword } from './password-check.ts';
import type { FinishSignIn } from './sign-in-finish.ts';
import { type Bound, bounds, refund } from './throttling.ts';

/** Nobody has this id: an unknown name costs the same look-ups as a known one. */
const nobody = '00000000-0000-7000-8000-000000000000' as UserId;

export function makeSignIn(
  platform: Platform,
  parts: {
    readonly findAccount: FindAccount;
    readonly checkPassword: CheckPassword;
    readonly devices: Devices;
    readonly finishSignIn: FinishSignIn;
    readonly audit: Audit;
  },
): Pick<Handlers, 'auth.signIn'> {
  const { limiter, digests } = platform;
  const charge = makeChargeNoted(platform, parts.audit);

  /**
   * By what was typed, not by whose it is: the same for names nobody has, and an address does not tell which name it belongs
   * to. Other people's failures do not count for a device that signed in before.
   */
  async function boundsFor(
    account: string,
    user: UserRecord | null,
    deviceToken: string | undefined,
    address: string,
  ): Promise<readonly Bound[]> {
    const device = await parts.devices.recognise(user?.userId ?? nobody, deviceToken);
    if (device !== null) return [bounds.knownAtAccount(account, device.hash)];
    return [bounds.strangersFrom(networkOf(address)), bounds.strangersAtAccount(account), bounds.strangers];
  }

  return {
    async 'auth.signIn'(input, call) {
      const accountName = readAccountName(input.name);
      const account = digests.hash(accountName);
      const user = await parts.findAccount(accountName);
      const subjectId = user?.userId ?? null;
      const charged = call.address === null ? [] : await boundsFor(account, user, input.deviceToken, call.address);
      await charge(call, charged, { action: 'session.throttled', about: `signin:${account}`, subjectId });

      const right = await parts.checkPassword(user, input.password).catch(async (error: unknown) => {
        await refund(limiter, charged);
        throw error;
      });
      if (user === null || !right) {
        await parts.audit(call, { action: 'session.refused', subjectId });
        throw new AppError('unauthenticated', 'wrong_credentials');
      }
      await refund(limiter, charged);
      return parts.finishSignIn(user, input, call, 'password');
    },
  };
}
