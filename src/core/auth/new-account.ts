import type { Platform } from '../../ports/platform.ts';
import type { NewUser } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { HashNewPassword } from './passwords.ts';

/** An account as somebody asks for it. */
export interface WantedAccount extends Pick<NewUser, 'name' | 'role' | 'state' | 'email' | 'language' | 'bot'> {
  readonly displayName: string | undefined;
  /** Null: no password signs in. */
  readonly password: string | null;
}

/** The account as it will be stored. Throws `invalid` where the password is weak. */
export type DraftAccount = (wanted: WantedAccount) => Promise<NewUser>;

export function makeDraftAccount(
  { random }: Platform,
  parts: { readonly hashNewPassword: HashNewPassword },
): DraftAccount {
  return async ({ password, displayName, ...wanted }) => ({
    ...wanted,
    userId: random.id() as UserId,
    displayName: displayName ?? wanted.name,
    passwordHash: password === null ? '' : await parts.hashNewPassword(password, wanted),
  });
}

/** Throws `conflict` with `name_taken` or `email_taken`. */
export function refuseTaken(outcome: 'name_taken' | 'email_taken'): never {
  throw new AppError('conflict', outcome);
}
