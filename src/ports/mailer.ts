import type { Language } from '../protocol/models.ts';

/** What the instance writes to people, each with what fills it in. Times are ms UTC. */
export type Letter =
  /** `minutes`: how long the link counts. */
  | { readonly kind: 'password_reset'; readonly name: string; readonly link: string; readonly minutes: number }
  | { readonly kind: 'email_confirmation'; readonly name: string; readonly link: string; readonly hours: number }
  | { readonly kind: 'account_approved'; readonly name: string; readonly link: string }
  /** To those who may approve. */
  | { readonly kind: 'approval_wanted'; readonly name: string }
  | {
      readonly kind: 'new_device';
      readonly name: string;
      readonly device: string;
      readonly addressHint: string;
      readonly at: number;
      readonly link: string;
    }
  | { readonly kind: 'session_reused'; readonly name: string; readonly device: string; readonly at: number }
  | { readonly kind: 'password_changed'; readonly name: string; readonly at: number }
  /** To the address before; `email`: the new one, null where it was only removed. */
  | { readonly kind: 'email_changed'; readonly name: string; readonly email: string | null; readonly at: number }
  /** `what`: what is different now. */
  | {
      readonly kind: 'second_factor_changed';
      readonly name: string;
      readonly what: 'totp_added' | 'totp_removed' | 'passkey_added' | 'passkey_removed' | 'codes_renewed' | 'reset';
      readonly at: number;
    }
  /** Somebody who has the password tries one second factor after the other. */
  | { readonly kind: 'password_known'; readonly name: string; readonly at: number; readonly link: string }
  | { readonly kind: 'account_deleting'; readonly name: string; readonly deletesAt: number }
  | { readonly kind: 'test' };

export interface Mailer {
  /** Whether this instance can send mail at all. */
  readonly on: boolean;
  /**
   * Hands one letter to the mail server and answers what that said. Rejects with AppError `unavailable` (`mail_refused`
   * where trying again is of no use, `mail_away` where it may be), whose `fields` name the setting that is to blame and say
   * what the server said; and with `conflict` `mail_off` where mail is not set up. Settles within 45 s. A repeat says the
   * same `id` (letters, digits, hyphens), so that whoever receives both can tell.
   */
  send(to: string, letter: Letter, language: Language, id?: string): Promise<string>;
}
