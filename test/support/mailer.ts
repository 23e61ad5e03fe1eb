import type { Letter, Mailer } from '../../src/ports/mailer.ts';
import type { Language } from '../../src/protocol/models.ts';

export interface SentLetter {
  readonly to: string;
  readonly letter: Letter;
  readonly language: Language;
  readonly id: string | undefined;
}

/** A mailer that keeps what it is handed. */
export interface KeepingMailer extends Mailer {
  readonly sent: readonly SentLetter[];
}

export function makeKeepingMailer(): KeepingMailer {
  const sent: SentLetter[] = [];
  return {
    on: true,
    sent,
    async send(to, letter, language, id) {
      sent.push({ to, letter, language, id });
      return '250 kept';
    },
  };
}
