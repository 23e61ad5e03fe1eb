import type { Letter } from '../../../ports/mailer.ts';

/** A letter in one language, without any form: plain text throughout, a paragraph each. */
export interface LetterWords {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly action: { readonly label: string; readonly link: string } | null;
  /** Below the action, less important. */
  readonly remarks: readonly string[];
}

export interface Catalogue {
  /** Null: without a name. */
  readonly greeting: (name: string | null) => string;
  /** Above a link that can be copied. */
  readonly copyLink: string;
  /** Who wrote it, and why nobody reads an answer. */
  readonly signature: (instance: string) => string;
  readonly letters: {
    readonly [K in Letter['kind']]: (
      letter: Extract<Letter, { kind: K }>,
      about: { readonly instance: string; readonly date: (at: number) => string },
    ) => LetterWords;
  };
}
