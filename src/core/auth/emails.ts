import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Handlers } from '../call.ts';
import type { Audit } from './audit.ts';
import type { Letters } from './letters.ts';
import type { Links } from './links.ts';
import type { PresentPassword } from './present-password.ts';
import { makeSealedPayload } from './sealed-payload.ts';
import { bounds, charge } from './throttling.ts';

const hour = 3_600_000;
const lifeMs = 24 * hour;

/** Sends a link to an address somebody gave as theirs: it counts once the link was opened. Does nothing where mail is off. */
export type ConfirmEmail = (user: Pick<UserRecord, 'userId'>, email: string) => Promise<void>;

export interface EmailConfirmation {
  readonly confirmEmail: ConfirmEmail;
  readonly jobs: { readonly email_confirmation: JobHandler };
}

export function makeEmailConfirmation(
  platform: Platform,
  { links, letters }: { readonly links: Links; readonly letters: Letters },
): EmailConfirmation {
  const { users, tickets, jobs, bus, mailer, digests, clock } = platform;
  const payloads = makeSealedPayload<{ readonly token: string }>(platform.seals, 'email_confirmation');

  return {
    async confirmEmail({ userId }, email) {
      if (!mailer.on) return;
      const { token } = await links.make({
        purpose: 'email_confirmation',
        userId,
        data: { email },
        lifeMs,
        alone: true,
      });
      // Whether the address is somebody else's is looked up in a job: the time the answer takes does not tell it.
      const job = { queue: 'email_confirmation', key: userId, payload: payloads.seal({ token }), runAt: clock.now() };
      await jobs.add([job]);
      bus.publish('nodes', { type: 'jobs' });
    },

    jobs: {
      async email_confirmation({ payload }) {
        const token = payloads.open(payload)?.token ?? '';
        const ticket = await tickets.look(digests.hash(token), 'email_confirmation');
        const email = ticket?.data.email;
        if (ticket === null || ticket.userId === null || typeof email !== 'string') return;
        const user = await users.find(ticket.userId);
        // Whoever has the address already is not asked: nothing would come of it, and it would say who is here.
        if (user === null || (await users.findByEmail(email)) !== null) return;
        const link = links.urlOf(token, 'email_confirmation');
        const letter = { kind: 'email_confirmation', name: user.displayName, link, hours: lifeMs / hour } as const;
        await letters.write({ ...user, email }, letter);
      },
    },
  };
}

export function makeEmails(
  platform: Platform,
  parts: {
    readonly presentPassword: PresentPassword;
    readonly confirmEmail: ConfirmEmail;
    readonly links: Links;
    readonly letters: Letters;
    readonly audit: Audit;
  },
): Pick<Handlers, 'email.set' | 'email.confirm' | 'mail.test'> {
  const { users, tickets, mailer, limiter, bus, clock, settings } = platform;
  const { links, letters, audit } = parts;

  /** Their own devices show it. Links that were sent to the address before it are worth nothing. */
  async function changed({ userId }: UserRecord): Promise<void> {
    await tickets.drop(userId, ['password_reset']);
    bus.publish(`user:${userId}`, { type: 'changed', userId });
  }

  async function remove(user: UserRecord): Promise<void> {
    await users.setEmail(user.userId, null);
    await changed(user);
  }

  return {
    async 'email.set'({ present, email }, call) {
      const user = await parts.presentPassword(call, present);
      const { userId, displayName } = user;
      if (email !== null && !mailer.on) throw new AppError('conflict', 'mail_off');
      await charge(limiter, [bounds.emailsOf(userId)]);
      if (email === null || email === user.email) await tickets.drop(userId, ['email_confirmation']);
      if (email === user.email) return {};

      if (email === null) await remove(user);
      else await parts.confirmEmail(user, email);
      await letters.write(user, { kind: 'email_changed', name: displayName, email, at: clock.now() });
      await audit(call, { action: email === null ? 'email.removed' : 'email.given', subjectId: userId });
      return {};
    },

    async 'email.confirm'({ token }, call) {
      const { user, data } = await links.take(token, 'email_confirmation', call);
      const outcome = await users.setEmail(user.userId, String(data.email));
      if (outcome === 'taken') throw new AppError('conflict', 'email_taken');
      await changed(user);
      await audit(call, { action: 'email.confirmed', actorId: user.userId, subjectId: user.userId });
      return {};
    },

    async 'mail.test'({ to }, call) {
      const accepted = await mailer.send(to, { kind: 'test' }, settings.language);
      await audit(call, { action: 'mail.tested' });
      return { accepted };
    },
  };
}
