import { type RawBuilder, type Selectable, sql, type Transaction } from 'kysely';
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
      await database.writeLightly((transaction) =>
        transaction
          .updateTable('users')
          .set({ last_seen_at: at })
          .where('user_id', '=', userId)
          .where((row) => row.or([row('last_seen_at', 'is', null), row('last_seen_at', '<', at)]))
          .execute(),
      );
    },

    async count() {
      const { count } = await users()
        .select((row) => row.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },

    async changedProfiles(userId, since, after, limit) {
      const rows = await users()
        .select(profileColumns)
        .where(since <= 0 ? isAround(userId) : changedAround(userId, since))
        .where('user_id', '>', after ?? '')
        .orderBy('user_id')
        .limit(limit)
        .execute();
      return rows.map(profileOf);
    },
  };
}

/** Whether a row of `users` is this person, or shares a conversation with them. */
function isAround(userId: UserId): RawBuilder<boolean> {
  return sql`(users.user_id = ${userId} or exists (
    select 1 from members as theirs
    join members as mine on mine.conversation_id = theirs.conversation_id and mine.user_id = ${userId}
    where theirs.user_id = users.user_id
  ))`;
}

/** As `isAround`, for those who changed, or began to share a conversation. Begins at what changed, which is little. */
function changedAround(userId: UserId, since: number): RawBuilder<boolean> {
  const sharing = sql`
    select theirs.user_id from members as mine
    join members as theirs on theirs.conversation_id = mine.conversation_id
    where mine.user_id = ${userId}`;
  return sql`users.user_id in (
    select users.user_id from users where users.changed_at >= ${since} and ${isAround(userId)}
    union ${sharing} and theirs.joined_at >= ${since}
    union ${sharing} and mine.joined_at >= ${since}
  )`;
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
