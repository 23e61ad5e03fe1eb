import { AppError } from '../../protocol/errors.ts';
import { commonPasswords, commonWords } from './common-passwords.ts';

/** One spelling per password: keyboards differ in how they compose letters. */
export function canonicalPassword(password: string): string {
  return password.normalize('NFC');
}

/** Throws `invalid` where the password would be among the first that somebody tries. `name` is canonical. */
export function refuseWeakPassword(password: string, name: string): void {
  const message = weakness(password.normalize('NFKC').toLowerCase(), name);
  if (message === null) return;
  throw new AppError('invalid', 'password_too_weak', { fields: [{ path: 'password', message }] });
}

const fewestCharacters = 4;
/** More added characters than these can be a password of their own. */
const mostDecoration = 6;
/** A name shorter than this is part of too many words. */
const shortestName = 3;

function weakness(folded: string, name: string): string | null {
  if (name.length >= shortestName && folded.includes(name)) return 'contains the name';
  if (commonPasswords.has(folded)) return 'is among the most common passwords';
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

/** Each character follows the one before it, upwards or downwards: `abcdefghij`, `9876543210`. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const follows = (step: number) => codes.every((code, at) => at === 0 || code - (codes[at - 1] ?? 0) === step);
  return follows(1) || follows(-1);
}
