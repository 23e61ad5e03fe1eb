import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import type { Call } from '../call.ts';
import type { Audit } from './audit.ts';
import type { Devices } from './devices.ts';
import type { Letters } from './letters.ts';
import { makeChargeNoted } from './noted-throttling.ts';
import { type SignInTickets, ticketExpired } from './sign-in-tickets.ts';
import { bounds, refund, takes } from './throttling.ts';

/** How often codes may be tried, by whoever has the password already. */
export interface CodeAttempts {
  /**
   * Counts one. Fails with `too_many_requests` after many for one person, and, once a ticket has had all that it gives, with
   * `unauthenticated` (`ticket_expired`): then it counts no longer. Others' attempts use up nothing of a device where the
   * person signed in before.
   */
  begin(
    user: UserRecord,
    ticketHash: string,
    purpose: Parameters<SignInTickets['take']>[1],
    deviceToken: string | undefined,
    call: Call,
  ): Promise<{ wentWell(): Promise<void> }>;
}

export function makeCodeAttempts(
  platform: Platform,
  parts: {
    readonly devices: Devices;
    readonly signInTickets: SignInTickets;
    readonly letters: Letters;
    readonly audit: Audit;
  },
): CodeAttempts {
  const { limiter, clock, settings } = platform;
  const charge = makeChargeNoted(platform, parts.audit);

  /** Whoever came as far as this has the password. */
  async function warn(user: UserRecord): Promise<void> {
    if (!(await takes(limiter, bounds.attackLettersTo(user.userId)))) return;
    const link = `${settings.address}/settings/security/password`;
    await parts.letters.write(user, { kind: 'password_known', name: user.displayName, at: clock.now(), link });
  }

  return {
    async begin(user, ticketHash, purpose, deviceToken, call) {
      const { userId } = user;
      const device = await parts.devices.recognise(userId, deviceToken);
      const charged = [
        device === null ? bounds.secondFactorOf(userId) : bounds.knownSecondFactorOf(userId, device.hash),
      ];
      const note = { action: 'second_factor.throttled', about: `second:${userId}`, subjectId: userId };
      await charge(call, charged, note).catch(async (error: unknown) => {
        await warn(user);
        throw error;
      });

      const { key, points, perMs } = bounds.codesWith(ticketHash);
      const { retryAfterMs } = await limiter.take(key, points, perMs);
      if (retryAfterMs > 0) {
        await parts.signInTickets.take(ticketHash, purpose);
        throw ticketExpired();
      }
      return { wentWell: () => refund(limiter, charged) };
    },
  };
}
