import type { Selectable } from 'kysely';
import type { ScheduledRecord, ScheduledStore } from '../../ports/scheduled-store.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { ScheduledRow } from './schema.ts';

type Key = Parameters<ScheduledStore['find']>[0];

export function makeScheduledStore(database: Database): ScheduledStore {
  const { query, dialect } = database;

  const update = ({ userId, clientId }: Key) =>
    query.updateTable('scheduled').where('user_id', '=', userId).where('client_id', '=', clientId);
  const remove = ({ userId, clientId }: Key) =>
    query.deleteFrom('scheduled').where('user_id', '=', userId).where('client_id', '=', clientId);

  async function rowOf({ userId, clientId }: Key): Promise<Selectable<ScheduledRow> | undefined> {
    const rows = query.selectFrom('scheduled').selectAll();
    return await rows.where('user_id', '=', userId).where('client_id', '=', clientId).executeTakeFirst();
  }

  return {
    async add(record, most) {
      return await database.write(async (transaction) => {
        // One person's take turns, so that there are never too many.
        await transaction
          .selectFrom('users')
          .select('user_id')
          .where('user_id', '=', record.userId)
          .modifyEnd(dialect.lock())
          .executeTakeFirstOrThrow();
        const present = await transaction
          .selectFrom('scheduled')
          .select('client_id')
          .where('user_id', '=', record.userId)
          .execute();
        if (present.some(({ client_id }) => client_id === record.clientId)) return 'known';
        if (present.length >= most) return 'too_many';
        await transaction
          .insertInto('scheduled')
          .values({
            user_id: record.userId,
            client_id: record.clientId,
            conversation_id: record.conversationId,
            body: JSON.stringify(record.text),
            reply_to: record.replyTo,
            preview: record.preview ? 1 : 0,
            send_at: record.sendAt,
            refused: null,
          })
          .execute();
        return 'added';
      });
    },

    async find(key) {
      const row = await rowOf(key);
      return row ? recordOf(row) : null;
    },

    async list({ userId, conversationId, after, limit }) {
      const rows = await query
        .selectFrom('scheduled')
        .selectAll()
        .where('user_id', '=', userId)
        .where('client_id', '>', after ?? '')
        .$if(conversationId !== null, (some) => some.where('conversation_id', '=', conversationId ?? ''))
        .orderBy('client_id')
        .limit(limit)
        .execute();
      return rows.map(recordOf);
    },

    async change(key, { text, sendAt }) {
      const row = await update(key)
        .where('begun', '=', 0)
        .set({
          refused: null,
          ...(text === undefined ? {} : { body: JSON.stringify(text) }),
          ...(sendAt === undefined ? {} : { send_at: sendAt }),
        })
        .returningAll()
        .executeTakeFirst();
      if (row) return recordOf(row);
      return (await rowOf(key)) ? 'begun' : null;
    },

    async begin(key) {
      const row = await update(key).where('refused', 'is', null).set({ begun: 1 }).returningAll().executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async refuse(key, reason) {
      await update(key).where('begun', '=', 1).set({ begun: 0, refused: reason }).execute();
    },

    async finish(key) {
      await remove(key).execute();
    },

    async cancel(key) {
      await remove(key).where('begun', '=', 0).execute();
      return (await rowOf(key)) ? 'begun' : 'cancelled';
    },

    async forget(userId) {
      await query.deleteFrom('scheduled').where('user_id', '=', userId).execute();
    },

    async due(now, limit) {
      const rows = await query
        .selectFrom('scheduled')
        .select(['user_id', 'client_id'])
        .where('send_at', '<=', now)
        .where('refused', 'is', null)
        .orderBy('send_at')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ userId: row.user_id as UserId, clientId: row.client_id as ClientId }));
    },
  };
}

function recordOf(row: Selectable<ScheduledRow>): ScheduledRecord {
  return {
    userId: row.user_id as UserId,
    conversationId: row.conversation_id as ConversationId,
    clientId: row.client_id as ClientId,
    text: JSON.parse(row.body),
    replyTo: row.reply_to,
    preview: row.preview === 1,
    sendAt: row.send_at,
    refused: row.refused,
  };
}
