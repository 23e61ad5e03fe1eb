import { type Selectable, sql, type Transaction } from 'kysely';
import type { NewUser, UserRecord, UserStore } from '../../ports/user-store.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Account, Profile } from '../../protocol/models.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Database } from './database.ts';
import type { Schema, UserRow } from './schema.ts';
import { likeWords, wordsOf } from './words.ts';

const profileColumns = ['user_id', 'name', 'display_name', 'gone'] as const;
const accountColumns = [...profileColumns, 'role', 'created_at', 'last_seen_at'] as const;

/** Undoes the transaction it is thrown in. */
class NameTaken extends Error {}

export function makeUserStore(database: Database): UserStore {
  const { query, dialect } = database;
  const users = () => query.selectFrom('users');

  async function takeUse(transaction: Transaction<Schema>, inviteHash: string): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('invites')
      .set((row) => ({ uses: row('uses', '+', 1) }))
      .where('token_hash', '=', inviteHash)
      .where('revoked_at', 'is', null)
      .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', dialect.now())]))
      .where((row) => row.or([row('max_uses', 'is', null), row('uses', '<', row.ref('max_uses'))]))
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  async function insert(transaction: Transaction<Schema>, user: NewUser): Promise<void> {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('users')
      .values({
        user_id: user.userId,
        name: user.name,
        display_name: user.displayName,
        words: wordsOf(user.name, user.displayName),
        password_hash: user.passwordHash,
        role: user.role,
        gone: 0,
        created_at: dialect.now(),
        last_seen_at: null,
        changed_at: dialect.now(),
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) throw new NameTaken();
  }

  return {
    async add(user, how) {
      try {
        return await database.write(async (transaction) => {
          // First: who has no invite is not told which names are taken.
          if (how?.inviteHash !== undefined && !(await takeUse(transaction, how.inviteHash))) return 'invite_spent';
          await insert(transaction, user);
          return 'added';
        });
      } catch (error) {
        if (error instanceof NameTaken) return 'name_taken';
        throw error;
      }
    },

    async find(userId) {
      const row = await users().selectAll().where('user_id', '=', userId).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async findByName(name) {
      const row = await users().selectAll().where('name', '=', name).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async profiles(userIds) {
      const rows = await users()
        .select(profileColumns)
        .where('user_id', 'in', (row) => row.selectFrom(dialect.texts(userIds).as('asked')).select('asked.value'))
        .execute();
      return rows.map(profileOf);
    },

    async search(text, limit) {
      const pattern = likeWords(text);
      if (pattern === null) return [];
      const rows = await users()
        .select(profileColumns)
        .where(sql<boolean>`words like ${pattern} escape '\\'`)
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(profileOf);
    },

    async list({ query: text, after, limit }) {
      const pattern = likeWords(text);
      if (pattern === null && text.trim() !== '') return [];
      const rows = await users()
        .select(accountColumns)
        .where('name', '>', after)
        .$if(pattern !== null, (some) => some.where(sql<boolean>`words like ${pattern} escape '\\'`))
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(accountOf);
    },

    async setDisplayName(userId, displayName) {
      await database.write(async (transaction) => {
        const user = await transaction
          .selectFrom('users')
          .select('name')
          .where('user_id', '=', userId)
          .executeTakeFirst();
        if (!user) return;
        await transaction
          .updateTable('users')
          .set({
            display_name: displayName,
            words: wordsOf(user.name, displayName),
            changed_at: dialect.now(),
          })
          .where('user_id', '=', userId)
          .execute();
      });
    },

    async setPassword(userId, passwordHash, replacing) {
      await query
        .updateTable('users')
        .set({ password_hash: passwordHash })
        .where('user_id', '=', userId)
        .$if(replacing !== undefined, (some) => some.where('password_hash', '=', replacing ?? ''))
        .execute();
    },

    async seen(userId, at) {
      await query
        .updateTable('users')
        .set({ last_seen_at: at })
        .where('user_id', '=', userId)
        .where((row) => row.or([row('last_seen_at', 'is', null), row('last_seen_at', '<', at)]))
        .execute();
    },

    async count() {
      const { count } = await users()
        .select((row) => row.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },

    async changedProfiles(userId, since, after, limit) {
      const rows = await query
        .with('mine', (row) =>
          row.selectFrom('members').select(['conversation_id', 'joined_at']).where('user_id', '=', userId),
        )
        .with('changed', (row) =>
          row
            .selectFrom('users')
            .select('users.user_id')
            .where('users.changed_at', '>=', since)
            .where((user) =>
              user.or([
                user('users.user_id', '=', userId),
                user.exists(
                  user
                    .selectFrom('members as theirs')
                    .innerJoin('mine', 'mine.conversation_id', 'theirs.conversation_id')
                    .whereRef('theirs.user_id', '=', 'users.user_id')
                    .select('theirs.user_id'),
                ),
              ]),
            )
            .union(
              row
                .selectFrom('mine')
                .innerJoin('members as theirs', 'theirs.conversation_id', 'mine.conversation_id')
                .where('theirs.joined_at', '>=', since)
                .select('theirs.user_id'),
            )
            .union(
              row
                .selectFrom('mine')
                .innerJoin('members as theirs', 'theirs.conversation_id', 'mine.conversation_id')
                .where('mine.joined_at', '>=', since)
                .select('theirs.user_id'),
            ),
        )
        .selectFrom('users')
        .select(profileColumns)
        .where('user_id', 'in', (row) => row.selectFrom('changed').select('changed.user_id'))
        .$if(after !== null, (some) => some.where('user_id', '>', after ?? ''))
        .orderBy('user_id')
        .limit(limit)
        .execute();
      return rows.map(profileOf);
    },
  };
}

function profileOf(row: Pick<Selectable<UserRow>, (typeof profileColumns)[number]>): Profile {
  return {
    userId: row.user_id as UserId,
    name: row.name,
    displayName: row.display_name,
    gone: row.gone === 1,
  };
}

function accountOf(row: Pick<Selectable<UserRow>, (typeof accountColumns)[number]>): Account {
  return {
    ...profileOf(row),
    role: row.role as Role,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
  };
}

function recordOf(row: Selectable<UserRow>): UserRecord {
  return { ...accountOf(row), passwordHash: row.password_hash };
}
