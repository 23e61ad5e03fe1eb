import { type Selectable, sql, type Transaction } from 'kysely';
import type { Discretion, PrivacyStore } from '../../ports/privacy-store.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { openPrivacy, type Privacy } from '../../protocol/models.ts';
import type { Database } from './database.ts';
import type { PrivacyRow, Schema } from './schema.ts';

type BlockFields = { readonly user_id: string; readonly blocked_id: string };
type PrivacyFields = Pick<Selectable<PrivacyRow>, 'user_id' | 'last_seen' | 'read_receipts'>;

export function makePrivacyStore(database: Database): PrivacyStore {
  const { query, dialect } = database;

  /** The person's row, made where there was none, with the lock on it until the write is over. */
  async function locked(transaction: Transaction<Schema>, userId: UserId) {
    await transaction
      .insertInto('privacy')
      .values({ user_id: userId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return await transaction
      .selectFrom('privacy')
      .selectAll()
      .where('user_id', '=', userId)
      .modifyEnd(dialect.lock())
      .executeTakeFirstOrThrow();
  }

  /** Locks rows of members in the order in which all who lock several do. */
  async function stamp(
    transaction: Transaction<Schema>,
    column: 'changed_at' | 'marks_changed_at',
    members: readonly { readonly conversation_id: string; readonly user_id: string }[],
  ): Promise<void> {
    const given = dialect.rows({ conversation_id: 'text', user_id: 'text' }, members);
    await sql`
      update members set ${sql.ref(column)} = ${dialect.now()}
      from ${given} as given
      where members.conversation_id = given.conversation_id and members.user_id = given.user_id
    `.execute(transaction);
  }

  /** The rows of these people in what all of them are or were in, locked. */
  async function shared(transaction: Transaction<Schema>, userIds: readonly UserId[]) {
    let rows = transaction.selectFrom('members').select(['conversation_id', 'user_id']).where('user_id', 'in', userIds);
    for (const userId of userIds.length > 1 ? userIds : []) {
      rows = rows.where('conversation_id', 'in', (row) =>
        row.selectFrom('members').select('conversation_id').where('user_id', '=', userId),
      );
    }
    return await rows.orderBy('conversation_id').orderBy('user_id').modifyEnd(dialect.lock()).execute();
  }

  async function mayBlock(transaction: Transaction<Schema>, userId: UserId, blockedId: UserId, most: number) {
    const blocked = await transaction
      .selectFrom('users')
      .select('user_id')
      .where('user_id', '=', blockedId)
      .executeTakeFirst();
    if (blocked === undefined) return 'no_such_user';
    const { others } = await transaction
      .selectFrom('blocks')
      .select((row) => row.fn.countAll<number>().as('others'))
      .where('user_id', '=', userId)
      .where('blocked_id', '<>', blockedId)
      .executeTakeFirstOrThrow();
    return others < most ? null : 'too_many';
  }

  async function insertOrDelete(transaction: Transaction<Schema>, userId: UserId, blockedId: UserId, on: boolean) {
    if (!on) {
      const { numDeletedRows } = await transaction
        .deleteFrom('blocks')
        .where('user_id', '=', userId)
        .where('blocked_id', '=', blockedId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    }
    const { numInsertedOrUpdatedRows = 0n } = await transaction
      .insertInto('blocks')
      .values({ user_id: userId, blocked_id: blockedId, created_at: dialect.now() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows > 0n;
  }

  return {
    async of(userId) {
      // The stamp first: blocks read behind it are at least as new.
      const row = await query.selectFrom('privacy').selectAll().where('user_id', '=', userId).executeTakeFirst();
      const blocks = await query
        .selectFrom('blocks')
        .select('blocked_id')
        .where('user_id', '=', userId)
        .orderBy('created_at')
        .orderBy('blocked_id')
        .execute();
      return {
        privacy: row === undefined ? openPrivacy : privacyOf(row),
        blocks: blocks.map((block) => block.blocked_id as UserId),
        blocksChangedAt: row?.blocks_changed_at ?? 0,
      };
    },

    set(userId, { lastSeen, readReceipts }) {
      return database.write(async (transaction) => {
        const before = privacyOf(await locked(transaction, userId));
        const privacy: Privacy = {
          lastSeen: lastSeen ?? before.lastSeen,
          readReceipts: readReceipts ?? before.readReceipts,
        };
        await transaction
          .updateTable('privacy')
          .set({ last_seen: privacy.lastSeen, read_receipts: Number(privacy.readReceipts) })
          .where('user_id', '=', userId)
          .execute();
        if (privacy.readReceipts !== before.readReceipts) {
          await stamp(transaction, 'marks_changed_at', await shared(transaction, [userId]));
        }
        return { before, privacy };
      });
    },

    block(userId, blockedId, on, most) {
      return database.write(async (transaction) => {
        await locked(transaction, userId);
        const refusal = on ? await mayBlock(transaction, userId, blockedId, most) : null;
        if (refusal !== null) return refusal;
        if (!(await insertOrDelete(transaction, userId, blockedId, on))) return 'unchanged';
        await transaction
          .updateTable('privacy')
          .set({ blocks_changed_at: dialect.now() })
          .where('user_id', '=', userId)
          .execute();
        await stamp(transaction, 'changed_at', await shared(transaction, [userId, blockedId]));
        return 'changed';
      });
    },

    async among(conversationId: ConversationId) {
      // In this order also on SQLite: one conversation has fewer members than all people have blocks.
      const blocks = sql<BlockFields>`
        select blocks.user_id, blocks.blocked_id
        from members as one cross join blocks cross join members as other
        where one.conversation_id = ${conversationId} and blocks.user_id = one.user_id
          and other.conversation_id = ${conversationId} and other.user_id = blocks.blocked_id`;
      const privacy = sql<PrivacyFields>`
        select privacy.user_id, privacy.last_seen, privacy.read_receipts
        from members cross join privacy
        where members.conversation_id = ${conversationId} and privacy.user_id = members.user_id`;
      const [blocked, decided] = await Promise.all([blocks.execute(query), privacy.execute(query)]);
      return discretionOf(blocked.rows, decided.rows);
    },

    async between(userId, others) {
      // All that is said of the person is less than a look for each of the others.
      const blocks = sql<BlockFields>`
        select user_id, blocked_id from blocks where user_id = ${userId}
        union all
        select user_id, blocked_id from blocks where blocked_id = ${userId}`;
      const asked = dialect.texts([...others, userId]);
      const privacy = sql<PrivacyFields>`
        select user_id, last_seen, read_receipts from privacy
        where user_id in (select value from ${asked} as asked)`;
      const [blocked, decided] = await Promise.all([blocks.execute(query), privacy.execute(query)]);
      const near = new Set<string>(others);
      const between = blocked.rows.filter(({ user_id, blocked_id }) =>
        near.has(user_id === userId ? blocked_id : user_id),
      );
      return discretionOf(between, decided.rows);
    },
  };
}

function privacyOf(row: PrivacyFields): Privacy {
  return { lastSeen: row.last_seen, readReceipts: row.read_receipts === 1 };
}

function discretionOf(blocked: readonly BlockFields[], decided: readonly PrivacyFields[]): Discretion {
  const blocks = new Map<UserId, Set<UserId>>();
  for (const { user_id, blocked_id } of blocked) {
    const theirs = blocks.get(user_id as UserId) ?? new Set();
    theirs.add(blocked_id as UserId);
    blocks.set(user_id as UserId, theirs);
  }
  return { blocks, privacy: new Map(decided.map((row) => [row.user_id as UserId, privacyOf(row)])) };
}
