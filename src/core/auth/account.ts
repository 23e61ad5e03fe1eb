import type { UserRecord } from '../../ports/user-store.ts';
import type { Account } from '../../protocol/models.ts';

/** Without what only the auth service may see. */
export function describeAccount(user: UserRecord): Account {
  const { passwordHash: _, passwordChangedAt: __, ...account } = user;
  return account;
}
