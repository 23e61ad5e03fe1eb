import type { JobHandler } from '../../ports/job-store.ts';
import type { Letter } from '../../ports/mailer.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Language } from '../../protocol/models.ts';
import { makeSealedPayload } from './sealed-payload.ts';

/** Whom a letter is for. */
export type Addressee = Pick<UserRecord, 'email' | 'language'>;

/** What the instance writes to people. */
export interface Letters {
  /** Leaves the letter to a worker; does nothing where mail is off or the person has no address. */
  write(to: Addressee, letter: Letter): Promise<void>;
  readonly jobs: { readonly mail: JobHandler };
}

/** A letter on its way. It can hold a link that grants something, so the queue keeps it sealed. */
interface Envelope {
  readonly to: string;
  readonly language: Language;
  readonly letter: Letter;
  /** Until when it is worth sending, ms UTC; null: always. */
  readonly goodUntil: number | null;
}

const minute = 60_000;

export function makeLetters(platform: Platform): Letters {
  const { mailer, jobs, bus, random, clock, settings } = platform;
  const payloads = makeSealedPayload<Envelope>(platform.seals, 'letter');
  const log = platform.log.child({ component: 'letters' });

  return {
    async write({ email, language }, letter) {
      if (!mailer.on || email === null) return;
      const now = clock.now();
      const payload = payloads.seal({
        to: email,
        language: language ?? settings.language,
        letter,
        goodUntil: goodUntil(letter, now),
      });
      await jobs.add([{ queue: 'mail', key: random.id(), payload, runAt: now }]);
      bus.publish('nodes', { type: 'jobs' });
    },

    jobs: {
      async mail({ jobId, key, payload }) {
        const envelope = payloads.open(payload);
        if (envelope === null) return log.warn({ jobId }, 'letter unreadable');
        const { to, letter, language } = envelope;
        const { kind } = letter;
        if (envelope.goodUntil !== null && envelope.goodUntil <= clock.now()) {
          return log.info({ jobId, kind }, 'letter out of date, not sent');
        }
        try {
          const said = await mailer.send(to, letter, language, key);
          log.info({ jobId, kind, said }, 'letter sent');
        } catch (error) {
          if (!isFutile(error)) throw error;
          log.warn({ err: error, jobId, kind }, 'letter not sent');
        }
      },
    },
  };
}

/** Links count for so long; what tells of something that happened is always worth telling. */
function goodUntil(letter: Letter, now: number): number | null {
  switch (letter.kind) {
    case 'password_reset':
      return now + letter.minutes * minute;
    case 'email_confirmation':
      return now + letter.hours * 60 * minute;
    default:
      return null;
  }
}

/** Trying again would end the same way. */
function isFutile(error: unknown): boolean {
  return error instanceof AppError && (error.reason === 'mail_refused' || error.reason === 'mail_off');
}
