import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { email as emailSchema, name as nameSchema } from '../../protocol/models.ts';

/**
 * What somebody types to say who they are, name or e-mail address, as the store has it. Keyboards add spaces; what nobody can
 * be called becomes the empty name.
 */
export function readAccountName(typed: string): string {
  const parsed = (isEmail(typed) ? emailSchema : nameSchema).safeParse(typed.trim());
  return parsed.success ? parsed.data : '';
}

/** The account of that name or e-mail address, after one look-up whichever it is. */
export type FindAccount = (accountName: string) => Promise<UserRecord | null>;

export function makeFindAccount({ users }: Platform): FindAccount {
  return (accountName) => (isEmail(accountName) ? users.findByEmail(accountName) : users.findByName(accountName));
}

/** No name has this sign. */
function isEmail(text: string): boolean {
  return text.includes('@');
}
