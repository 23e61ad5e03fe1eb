import type { TicketPurpose } from '../../ports/credential-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';

type Purpose = Extract<TicketPurpose, 'second_factor' | 'enrolment'>;

const lifeMs = 10 * 60_000;

/** What holds the steps of one sign-in together: that the password was right, until it is another. */
export interface SignInTickets {
  make(user: UserRecord, purpose: Purpose): Promise<{ readonly ticket: string; readonly expiresAt: number }>;
  /** Whose it is. Fails with `unauthenticated` (`ticket_expired`) where it never counted or does no longer. */
  look(hash: string, purpose: Purpose): Promise<UserRecord>;
  /** From then on it counts no longer. Of any number who take one at once all but one fail, as `look` does. */
  take(hash: string, purpose: Purpose): Promise<void>;
}

export function makeSignInTickets({ tickets, users, random, digests }: Platform): SignInTickets {
  return {
    async make({ userId, passwordChangedAt }, purpose) {
      const ticket = random.secret();
      const { expiresAt } = await tickets.add({
        hash: digests.hash(ticket),
        purpose,
        userId,
        data: { passwordChangedAt },
        lifeMs,
        // Whoever has the password too cannot void the tickets of the person whose it is.
        alone: false,
      });
      return { ticket, expiresAt };
    },

    async look(hash, purpose) {
      const found = await tickets.look(hash, purpose);
      const user = found === null || found.userId === null ? null : await users.find(found.userId);
      if (user === null || user.passwordChangedAt !== found?.data.passwordChangedAt) throw ticketExpired();
      return user;
    },

    async take(hash, purpose) {
      if ((await tickets.take(hash, purpose)) === null) throw ticketExpired();
    },
  };
}

export function ticketExpired(): AppError {
  return new AppError('unauthenticated', 'ticket_expired');
}
