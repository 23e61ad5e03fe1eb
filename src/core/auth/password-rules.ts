import { AppError } from '../../protocol/errors.ts';
import { commonPasswords, commonWords } from './common-passwords.ts';

/** One spelling per password: keyboards differ in how they compose letters. */
export function canonicalPassword(password: string): string {
  return password.normalize('NFC');
}

/** What somebody who knows whose password it is, and where, tries first. */
export interface PasswordContext {
  /** Canonical. */
  readonly name: string;
  readonly instanceName: string;
}

/** Throws `invalid` where the password would be among the first that somebody tries. */
export function refuseWeakPassword(password: string, context: PasswordContext): void {
  const message = weakness(fold(password), context);
  if (message === null) return;
  throw new AppError('invalid', 'password_too_weak', { fields: [{ path: 'password', message }] });
}

const productName = 'messenger';
const fewestCharacters = 4;
/** More added characters than these can be a password of their own. */
const mostDecoration = 6;
/** A name shorter than this is part of too many words. */
const shortestName = 3;

function weakness(folded: string, { name, instanceName }: PasswordContext): string | null {
  if (name.length >= shortestName && folded.includes(name)) return 'contains the name';
  if (commonPasswords.has(folded)) return 'is among the most common passwords';
  if (isDecorated(folded, instanceName)) return 'is the name of this instance with a few characters added';
  if (isDecorated(folded, productName)) return 'is the name of the product with a few characters added';
  if (isDecoratedWord(folded)) return 'is a common password with a few characters added';
  if (new Set(folded).size < fewestCharacters) return 'repeats too few characters';
  if (isRun(folded)) return 'is a plain sequence';
  return null;
}

/** `dragon123456`, `!!monkey2024`: guessed about as soon as the word alone. */
function isDecoratedWord(folded: string): boolean {
  const bare = folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return folded.length - bare.length <= mostDecoration && (commonWords.has(bare) || commonPasswords.has(bare));
}

/** `The Lees 2026!` on the instance of that name. */
function isDecorated(folded: string, words: string): boolean {
  const letters = lettersOf(fold(words));
  return letters !== '' && lettersOf(folded) === letters && folded.length - letters.length <= mostDecoration;
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}]/gu, '');
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Each character follows the one before it, upwards or downwards: `abcdefghij`, `9876543210`. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const follows = (step: number) => codes.every((code, at) => at === 0 || code - (codes[at - 1] ?? 0) === step);
  return follows(1) || follows(-1);
}
