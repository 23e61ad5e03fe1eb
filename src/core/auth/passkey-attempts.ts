import type { Ticket, TicketPurpose } from '../../ports/credential-store.ts';
import type { PasskeyPlace } from '../../ports/passkeys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';

type Purpose = Extract<TicketPurpose, 'passkey_sign_in' | 'passkey_registration'>;

const lifeMs = 5 * 60_000;

/** What a passkey is to answer, and where. */
export interface PasskeyAttempt extends PasskeyPlace {
  readonly challenge: string;
  /** Null: the passkey will say who it is. */
  readonly userId: UserId | null;
  /** By its hash, of the sign-in whose second factor it is to be; null where there is none. */
  readonly ticketHash: string | null;
}

/** What holds the two halves of using a passkey together: good once, for five minutes. */
export interface PasskeyAttempts {
  begin(purpose: Purpose, attempt: PasskeyAttempt): Promise<string>;
  /** Of any number who take one at once exactly one gets it. */
  take(purpose: Purpose, secret: string): Promise<PasskeyAttempt | null>;
}

export function makePasskeyAttempts({ tickets, random, digests }: Platform): PasskeyAttempts {
  return {
    async begin(purpose, { userId, ...attempt }) {
      const secret = random.secret();
      const data = { ...attempt };
      await tickets.add({ hash: digests.hash(secret), purpose, userId, data, lifeMs, alone: false });
      return secret;
    },
    async take(purpose, secret) {
      const ticket = await tickets.take(digests.hash(secret), purpose);
      return ticket === null ? null : read(ticket);
    },
  };
}

function read({ userId, data }: Ticket): PasskeyAttempt {
  const { challenge, host, origin, ticketHash } = data as unknown as Omit<PasskeyAttempt, 'userId'>;
  return { challenge, host, origin, userId, ticketHash };
}
