import { randomInt } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Problem } from '../../config/problem.ts';
import { limits } from '../../protocol/limits.ts';
import type { Words } from '../../provision/words/words.ts';

export interface ChosenPassword {
  readonly password: string;
  /** Nobody knows it yet. */
  readonly made: boolean;
}

/**
 * The password that `--password -` brings on standard input, else what somebody types, else a strong one. What else stands
 * behind the flag is refused: the shell and other users would know it.
 */
export async function choosePassword(
  flag: string | undefined,
  { askable, words }: { readonly askable: boolean; readonly words: Words },
): Promise<ChosenPassword> {
  if (flag !== undefined && flag !== '-') throw new Problem('password_shown', {});
  const known = flag === '-' ? await readPassword() : askable ? await askPassword(words) : '';
  return known === '' ? { password: makePassword(), made: true } : { password: known, made: false };
}

async function readPassword(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw new Problem('no_password', {});
  return password;
}

async function askPassword(words: Words): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  const { users } = words.printing;
  const { min } = limits.passwordLength;
  const first = await password({
    message: users.askPassword,
    validate: (value) => value === '' || value.length >= min || users.tooShort(min),
  });
  if (first !== '') {
    await password({ message: users.askAgain, validate: (value) => value === first || users.differ });
  }
  return first;
}

/** Letters and digits that nobody takes for others. Twenty of them: 99 bits. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

export function makePassword(): string {
  const group = () => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}
