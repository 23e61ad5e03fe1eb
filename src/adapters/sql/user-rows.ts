import type { Selectable, Transaction } from 'kysely';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Account, Profile } from '../../protocol/models.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Dialect } from './dialect.ts';
import type { Schema, UserRow } from './schema.ts';

export const profileColumns = ['user_id', 'name', 'display_name', 'state', 'bot', 'avatar'] as const;
export const accountColumns = [
  ...profileColumns,
  'role',
  'email',
  'language',
  'created_at',
  'last_seen_at',
  'deletes_at',
] as const;

type Names = Pick<Selectable<UserRow>, 'name' | 'display_name' | 'state' | 'bot' | 'avatar'>;

export function namesOf({ name, display_name, state, bot, avatar }: Names): Omit<Profile, 'userId'> {
  return {
    name: state === 'deleted' ? '' : name,
    displayName: display_name,
    gone: state !== 'active',
    ...(avatar === null ? {} : { avatar }),
    ...(bot === 0 ? {} : { bot: true as const }),
  };
}

export function profileOf(row: Pick<Selectable<UserRow>, (typeof profileColumns)[number]>): Profile {
  return { userId: row.user_id as UserId, ...namesOf(row) };
}

export function accountOf(row: Pick<Selectable<UserRow>, (typeof accountColumns)[number]>): Account {
  return {
    ...profileOf(row),
    role: row.role as Role,
    state: row.state,
    email: row.email,
    language: row.language,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    deletesAt: row.deletes_at,
  };
}

export function recordOf(row: Selectable<UserRow>): UserRecord {
  return { ...accountOf(row), passwordHash: row.password_hash, passwordChangedAt: row.password_changed_at };
}

/**
 * Keeps others from changing this account, and from counting what it has, until the write is over. Locks of people come
 * before those of what is theirs, so that two writes do not wait for each other. Undefined: there is none.
 */
export async function lockUser(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  userId: UserId,
): Promise<Selectable<UserRow> | undefined> {
  return await transaction
    .selectFrom('users')
    .selectAll()
    .where('user_id', '=', userId)
    .modifyEnd(dialect.lock())
    .executeTakeFirst();
}

/** As `lockUser`, for what is theirs to add: a deleted account has nothing. Throws `forbidden account_disabled` there. */
export async function lockKeeper(transaction: Transaction<Schema>, dialect: Dialect, userId: UserId): Promise<void> {
  const user = await lockUser(transaction, dialect, userId);
  if (user?.state === 'deleted') throw new AppError('forbidden', 'account_disabled');
}
