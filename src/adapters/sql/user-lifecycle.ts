import { type Selectable, sql, type Transaction } from 'kysely';
import type { UserStore } from '../../ports/user-store.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { Schema, UserRow } from './schema.ts';
import { closeSessions, revokePerson } from './session-closing.ts';
import { lockUser } from './user-rows.ts';

type Locked = Pick<Selectable<UserRow>, 'user_id' | 'role' | 'state'>;

/** Who somebody is on the instance, and how long. */
export function makeUserLifecycle(database: Database): Pick<UserStore, 'setRole' | 'setState' | 'empty'> {
  const { dialect } = database;

  /**
   * The person, with all who are active owners, locked in one order: of two owners who make each other members at once the
   * second sees what the first did.
   */
  async function lockWithOwners(transaction: Transaction<Schema>, userId: UserId) {
    const locked = await transaction
      .selectFrom('users')
      .select(['user_id', 'role', 'state'])
      .where((row) =>
        row.or([row('user_id', '=', userId), row.and([row('role', '=', 'owner'), row('state', '=', 'active')])]),
      )
      .orderBy('user_id')
      .modifyEnd(dialect.lock())
      .execute();
    const person = locked.find(({ user_id }) => user_id === userId);
    const isLastOwner = person !== undefined && isOwner(person) && locked.filter(isOwner).length === 1;
    return { person, isLastOwner };
  }

  return {
    async setRole(userId, role) {
      return await database.write(async (transaction) => {
        const { person, isLastOwner } = await lockWithOwners(transaction, userId);
        if (person === undefined || person.state === 'deleted') return 'not_found';
        if (person.role === role) return 'set';
        if (isLastOwner) return 'last_owner';
        await transaction.updateTable('users').set({ role }).where('user_id', '=', userId).execute();
        await revokePerson(transaction, dialect, userId, 'role_changed');
        return 'set';
      });
    },

    async setState(userId, { from, state, deletesAt }) {
      return await database.write(async (transaction) => {
        const { person, isLastOwner } = await lockWithOwners(transaction, userId);
        if (person === undefined || person.state === 'deleted' || !from.includes(person.state)) return 'unchanged';
        if (isLastOwner && state !== 'active') return 'last_owner';
        await transaction
          .updateTable('users')
          .set({ state, deletes_at: state === 'deleting' ? (deletesAt ?? null) : null, changed_at: dialect.now() })
          .where('user_id', '=', userId)
          .execute();
        if (person.state === 'active' && state !== 'active') await signOut(transaction, userId, state);
        return 'set';
      });
    },

    async empty(userId) {
      return await database.write(async (transaction) => {
        const person = await lockUser(transaction, dialect, userId);
        if (person?.state === 'deleted') return true;
        if (person?.state !== 'deleting') return false;
        await transaction
          .updateTable('users')
          .set({
            name: namelessName(userId),
            display_name: '',
            avatar: null,
            words: '',
            password_hash: '',
            email: null,
            language: null,
            last_seen_at: null,
            state: 'deleted',
            deletes_at: null,
            changed_at: dialect.now(),
          })
          .where('user_id', '=', userId)
          .execute();
        for (const table of personal) await transaction.deleteFrom(table).where('user_id', '=', userId).execute();
        return true;
      });
    },
  };

  async function signOut(transaction: Transaction<Schema>, userId: UserId, reason: string): Promise<void> {
    // Each by itself, whatever a node's clock made of the times of its tokens; and the person, for API tokens.
    await closeSessions(transaction, dialect, sql`user_id = ${userId}`, reason);
    await revokePerson(transaction, dialect, userId, reason);
  }
}

/** Goes with the person. */
const personal = [
  'sessions',
  'devices',
  'authenticators',
  'recovery_codes',
  'passkeys',
  'tickets',
  'api_tokens',
] as const;

/** Nobody can be called so, and it comes before all names. */
function namelessName(userId: UserId): string {
  return `!deleted:${userId}`;
}

function isOwner({ role, state }: Locked): boolean {
  return role === 'owner' && state === 'active';
}
