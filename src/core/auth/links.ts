import type { Ticket, TicketPurpose } from '../../ports/credential-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Call } from '../call.ts';
import { networkOf } from './address.ts';
import { bounds, charge } from './throttling.ts';

type LinkPurpose = Extract<TicketPurpose, 'password_reset' | 'email_confirmation'>;

/** Links that grant something, once, to whoever has them. */
export interface Links {
  make(link: {
    readonly purpose: LinkPurpose;
    readonly userId: UserId;
    readonly data: Ticket['data'];
    readonly lifeMs: number;
    /** Those before it are worth nothing from then on. */
    readonly alone: boolean;
  }): Promise<{ readonly token: string; readonly link: string; readonly expiresAt: number }>;
  /**
   * Whose it is, with what it carries. Fails with `forbidden` `link_invalid` where it never counted or does no longer, and
   * `too_many_requests` where too many wrong ones came from.
   */
  look(token: string, purpose: LinkPurpose, call: Call): Promise<Opened>;
  /** The same, and from then on it counts no longer. */
  take(token: string, purpose: LinkPurpose, call: Call): Promise<Opened>;
  /** Where a link leads. */
  urlOf(token: string, purpose: LinkPurpose): string;
}

interface Opened {
  readonly user: UserRecord;
  readonly data: Ticket['data'];
}

const pages: Readonly<Record<LinkPurpose, string>> = { password_reset: 'reset', email_confirmation: 'confirm' };

export function makeLinks({ tickets, users, random, digests, limiter, settings }: Platform): Links {
  // Behind the # it stays out of every server's log and of the Referer header.
  const urlOf: Links['urlOf'] = (token, purpose) => `${settings.address}/${pages[purpose]}#${token}`;

  async function opened(ticket: Ticket | null, call: Call): Promise<Opened> {
    const user = ticket === null || ticket.userId === null ? null : await users.find(ticket.userId);
    if (ticket !== null && user !== null && user.state !== 'deleted') return { user, data: ticket.data };
    if (call.address !== null) await charge(limiter, [bounds.linksFrom(networkOf(call.address))]);
    throw new AppError('forbidden', 'link_invalid');
  }

  return {
    async make({ purpose, ...rest }) {
      const token = random.secret();
      const { expiresAt } = await tickets.add({ hash: digests.hash(token), purpose, ...rest });
      return { token, link: urlOf(token, purpose), expiresAt };
    },
    look: async (token, purpose, call) => opened(await tickets.look(digests.hash(token), purpose), call),
    take: async (token, purpose, call) => opened(await tickets.take(digests.hash(token), purpose), call),
    urlOf,
  };
}
