import { type ExpressionBuilder, type Selectable, sql, type Transaction } from 'kysely';
import type { GroupLinkStore } from '../../ports/group-link-store.ts';
import type { ConversationId, GroupLinkId, UserId } from '../../protocol/ids.ts';
import type { GroupLink } from '../../protocol/models.ts';
import type { Database } from './database.ts';
import type { GroupLinkRow, Schema } from './schema.ts';

export function makeGroupLinkStore(database: Database): GroupLinkStore {
  const { query, dialect } = database;

  async function findBy(column: 'group_link_id' | 'secret_hash', value: string): Promise<GroupLink | null> {
    const row = await query.selectFrom('group_links').selectAll().where(column, '=', value).executeTakeFirst();
    return row ? linkOf(row) : null;
  }

  const counts = (row: ExpressionBuilder<Schema, 'group_links'>) =>
    row.and([
      row('revoked_at', 'is', null),
      row.or([row('expires_at', 'is', null), row('expires_at', '>', dialect.now())]),
      row.or([row('max_uses', 'is', null), row('uses', '<', row.ref('max_uses'))]),
    ]);

  return {
    async add({ groupLinkId, conversationId, secretHash, createdBy, lifeMs, maxUses }, most) {
      return await database.write(async (transaction) => {
        // Those who make links of one group take turns, so that there are never too many.
        await transaction
          .selectFrom('conversations')
          .select('conversation_id')
          .where('conversation_id', '=', conversationId)
          .modifyEnd(dialect.lock())
          .executeTakeFirstOrThrow();
        const { count } = await transaction
          .selectFrom('group_links')
          .select((row) => row.fn.countAll<number>().as('count'))
          .where('conversation_id', '=', conversationId)
          .where(counts)
          .executeTakeFirstOrThrow();
        if (count >= most) return null;
        const row = await transaction
          .insertInto('group_links')
          .values({
            group_link_id: groupLinkId,
            conversation_id: conversationId,
            secret_hash: secretHash,
            created_by: createdBy,
            created_at: dialect.now(),
            expires_at: lifeMs === null ? null : sql<number>`${dialect.now()} + ${sql.lit(lifeMs)}`,
            max_uses: maxUses,
            revoked_at: null,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return linkOf(row);
      });
    },

    find: (groupLinkId) => findBy('group_link_id', groupLinkId),
    findByHash: (secretHash) => findBy('secret_hash', secretHash),

    async list(conversationId) {
      const rows = await query
        .selectFrom('group_links')
        .selectAll()
        .where('conversation_id', '=', conversationId)
        .where(counts)
        .orderBy('created_at', 'desc')
        .orderBy('group_link_id', 'desc')
        .execute();
      return rows.map(linkOf);
    },

    async revoke(groupLinkId) {
      await query
        .updateTable('group_links')
        .set({ revoked_at: dialect.now() })
        .where('group_link_id', '=', groupLinkId)
        .where('revoked_at', 'is', null)
        .execute();
    },

    async take(groupLinkId, userId) {
      return await database.write(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('group_link_uses')
          .values({ group_link_id: groupLinkId, user_id: userId })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) return true;
        const { numUpdatedRows } = await transaction
          .updateTable('group_links')
          .set((row) => ({ uses: row('uses', '+', 1) }))
          .where('group_link_id', '=', groupLinkId)
          .where(counts)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows > 0n) return true;
        await freeUse(transaction, groupLinkId, userId).execute();
        return false;
      });
    },

    async giveBack(groupLinkId, userId) {
      await database.write(async (transaction) => {
        const { numDeletedRows } = await freeUse(transaction, groupLinkId, userId).executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return;
        await transaction
          .updateTable('group_links')
          .set((row) => ({ uses: row('uses', '-', 1) }))
          .where('group_link_id', '=', groupLinkId)
          .execute();
      });
    },

    async holds(groupLinkId, userId) {
      const row = await query
        .selectFrom('group_link_uses')
        .select('user_id')
        .where('group_link_id', '=', groupLinkId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function freeUse(transaction: Transaction<Schema>, groupLinkId: GroupLinkId, userId: UserId) {
  return transaction
    .deleteFrom('group_link_uses')
    .where('group_link_id', '=', groupLinkId)
    .where('user_id', '=', userId);
}

function linkOf(row: Selectable<GroupLinkRow>): GroupLink {
  return {
    groupLinkId: row.group_link_id as GroupLinkId,
    conversationId: row.conversation_id as ConversationId,
    createdBy: row.created_by as UserId,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    maxUses: row.max_uses,
    uses: row.uses,
    revokedAt: row.revoked_at,
  };
}
