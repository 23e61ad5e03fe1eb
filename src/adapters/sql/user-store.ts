import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { NewUser, UserStore } from '../../ports/user-store.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';
import { isTaken } from './store-error.ts';
import { makeUserLifecycle } from './user-lifecycle.ts';
import { accountColumns, accountOf, lockUser, profileColumns, profileOf, recordOf } from './user-rows.ts';
import { likeWords, wordsOf } from './words.ts';

/** Undoes the transaction it is thrown in. */
class Taken extends Error {
  readonly what: 'name_taken' | 'email_taken';

  constructor(what: Taken['what']) {
    super(what);
    this.what = what;
  }
}

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
        created_at: dialect.now(),
        last_seen_at: null,
        changed_at: dialect.now(),
        state: user.state,
        email: user.email,
        language: user.language,
        password_changed_at: dialect.now(),
        deletes_at: null,
        bot: user.bot === undefined ? 0 : user.bot === 'account' ? 1 : 2,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) throw new Taken(await whatIsTaken(transaction, user));
  }

  async function whatIsTaken(transaction: Transaction<Schema>, user: NewUser): Promise<Taken['what']> {
    const others = await transaction
      .selectFrom('users')
      .select(['name', 'email'])
      .where((row) => row.or([row('name', '=', user.name), row('email', '=', user.email)]))
      .execute();
    if (others.some(({ name }) => name === user.name)) return 'name_taken';
    if (others.length > 0) return 'email_taken';
    throw new Error('an account with this id is there already');
  }

  /** A deleted account stays as it is. */
  const change = (userId: UserId) =>
    query.updateTable('users').where('user_id', '=', userId).where('state', '<>', 'deleted');

  return {
    ...makeUserLifecycle(database),

    async add(user, how) {
      try {
        return await database.write(async (transaction) => {
          // First: who has no invite is not told which names are taken.
          if (how?.inviteHash !== undefined && !(await takeUse(transaction, how.inviteHash))) return 'invite_spent';
          await insert(transaction, user);
          return 'added';
        });
      } catch (error) {
        if (error instanceof Taken) return error.what;
        throw error;
      }
    },

    async find(userId) {
      const row = await users().selectAll().where('user_id', '=', userId).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async findByName(name) {
      const row = await users().selectAll().where('name', '=', name).where('state', '<>', 'deleted').executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async findByNames(names) {
      const rows = await users()
        .select(profileColumns)
        .where('name', 'in', (row) => row.selectFrom(dialect.texts(names).as('asked')).select('asked.value'))
        .where('state', '<>', 'deleted')
        .execute();
      return rows.map(profileOf);
    },

    async findByEmail(email) {
      const row = await users().selectAll().where('email', '=', email).executeTakeFirst();
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
        .where('state', '=', 'active')
        .where('bot', '<', 2)
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(profileOf);
    },

    async list({ query: text, state, after, limit }) {
      const pattern = likeWords(text);
      if (pattern === null && text.trim() !== '') return [];
      const order = state === 'deleted' ? 'user_id' : 'name';
      const rows = await users()
        .select(accountColumns)
        .where(order, '>', after)
        .where('state', state === null ? '<>' : '=', state ?? 'deleted')
        .$if(pattern !== null, (some) => some.where(sql<boolean>`words like ${pattern} escape '\\'`))
        .orderBy(order)
        .limit(limit)
        .execute();
      return rows.map(accountOf);
    },

    async setDisplayName(userId, displayName) {
      await database.write(async (transaction) => {
        const user = await lockUser(transaction, dialect, userId);
        if (user === undefined || user.state === 'deleted') return;
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

    async setAvatar(userId, hash) {
      await database.write(async (transaction) => {
        const user = await lockUser(transaction, dialect, userId);
        if (user === undefined || user.state === 'deleted') return;
        await transaction
          .updateTable('users')
          .set({ avatar: hash, changed_at: dialect.now() })
          .where('user_id', '=', userId)
          .execute();
      });
    },

    async setLanguage(userId, language) {
      await change(userId).set({ language }).execute();
    },

    async setEmail(userId, email) {
      try {
        await change(userId).set({ email }).execute();
        return 'set';
      } catch (error) {
        if (isTaken(error)) return 'taken';
        throw error;
      }
    },

    async setPassword(userId, passwordHash) {
      await change(userId).set({ password_hash: passwordHash, password_changed_at: dialect.now() }).execute();
    },

    async rehash(userId, passwordHash, replacing) {
      await change(userId).set({ password_hash: passwordHash }).where('password_hash', '=', replacing).execute();
    },

    async seen(userId, at) {
      await database.writeLightly((transaction) =>
        transaction
          .updateTable('users')
          .set({ last_seen_at: at })
          .where('user_id', '=', userId)
          .where('state', '<>', 'deleted')
          .where((row) => row.or([row('last_seen_at', 'is', null), row('last_seen_at', '<', at)]))
          .execute(),
      );
    },

    async count() {
      const { count } = await users()
        .select((row) => row.fn.countAll<number>().as('count'))
        .where('state', '<>', 'deleted')
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

/** Whether a row of `users` is this person, or shares a conversation with them, or is blocked by them. */
function isAround(userId: UserId): RawBuilder<boolean> {
  return sql`(users.user_id = ${userId} or exists (
    select 1 from blocks where blocks.user_id = ${userId} and blocks.blocked_id = users.user_id
  ) or exists (
    select 1 from members as theirs
    join members as mine on mine.conversation_id = theirs.conversation_id and mine.user_id = ${userId}
    where theirs.user_id = users.user_id
  ))`;
}

/** As `isAround`, for those who changed, began to share a conversation, or were blocked. Begins at what changed, which is little. */
function changedAround(userId: UserId, since: number): RawBuilder<boolean> {
  const sharing = sql`
    select theirs.user_id from members as mine
    join members as theirs on theirs.conversation_id = mine.conversation_id
    where mine.user_id = ${userId}`;
  return sql`users.user_id in (
    select users.user_id from users where users.changed_at >= ${since} and ${isAround(userId)}
    union ${sharing} and theirs.joined_at >= ${since}
    union ${sharing} and mine.joined_at >= ${since}
    union select blocked_id from blocks where blocks.user_id = ${userId} and blocks.created_at >= ${since}
  )`;
}
