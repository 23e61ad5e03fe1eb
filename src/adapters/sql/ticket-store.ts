import { type Selectable, sql } from 'kysely';
import type { Ticket, TicketPurpose, TicketStore } from '../../ports/credential-store.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { TicketRow } from './schema.ts';
import { lockKeeper, lockUser } from './user-rows.ts';

export function makeTicketStore(database: Database): TicketStore {
  const { query, dialect } = database;
  const counting = () => query.selectFrom('tickets').selectAll().where('expires_at', '>', dialect.now());

  return {
    async add({ hash, purpose, userId, data, lifeMs, alone }) {
      return await database.write(async (transaction) => {
        if (userId !== null) await lockKeeper(transaction, dialect, userId);
        if (alone && userId !== null) {
          await transaction
            .deleteFrom('tickets')
            .where('user_id', '=', userId)
            .where('purpose', '=', purpose)
            .execute();
        }
        const row = await transaction
          .insertInto('tickets')
          .values({
            hash,
            purpose,
            user_id: userId,
            data: JSON.stringify(data),
            expires_at: sql<number>`${dialect.now()} + ${sql.lit(lifeMs)}`,
          })
          .returning('expires_at')
          .executeTakeFirstOrThrow();
        return { expiresAt: row.expires_at };
      });
    },

    async look(hash, purpose) {
      const row = await counting().where('hash', '=', hash).where('purpose', '=', purpose).executeTakeFirst();
      return row ? ticketOf(row) : null;
    },

    async take(hash, purpose) {
      const row = await query
        .deleteFrom('tickets')
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', dialect.now())
        .returningAll()
        .executeTakeFirst();
      return row ? ticketOf(row) : null;
    },

    async drop(userId, purposes) {
      await database.write(async (transaction) => {
        await lockUser(transaction, dialect, userId);
        await transaction
          .deleteFrom('tickets')
          .where('user_id', '=', userId)
          .where('purpose', 'in', (row) =>
            row.selectFrom(dialect.texts(purposes).as('asked')).select(sql<TicketPurpose>`asked.value`.as('value')),
          )
          .execute();
      });
    },

    async newest(userId, purpose) {
      const row = await counting()
        .where('user_id', '=', userId)
        .where('purpose', '=', purpose)
        .orderBy('ticket_id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ? ticketOf(row) : null;
    },

    async prune() {
      await database.write((transaction) =>
        transaction.deleteFrom('tickets').where('expires_at', '<=', dialect.now()).execute(),
      );
    },
  };
}

function ticketOf(row: Selectable<TicketRow>): Ticket {
  return {
    userId: row.user_id as UserId | null,
    data: JSON.parse(row.data) as Ticket['data'],
    expiresAt: row.expires_at,
  };
}
