import { sql } from 'kysely';
import type { DeviceStore } from '../../ports/credential-store.ts';
import type { Database } from './database.ts';
import { lockUser } from './user-rows.ts';

export function makeDeviceStore(database: Database): DeviceStore {
  const { query, dialect } = database;

  return {
    async find(userId, tokenHash) {
      const row = await query
        .selectFrom('devices')
        .select('trusted_until')
        .where('user_id', '=', userId)
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst();
      return row ? { trustedUntil: row.trusted_until } : null;
    },

    async signedIn(userId, tokenHash, trustForMs) {
      return await database.write(async (transaction) => {
        await lockUser(transaction, dialect, userId);
        const others = await transaction
          .selectFrom('devices')
          .select('token_hash')
          .where('user_id', '=', userId)
          .execute();
        const trust =
          trustForMs === null ? {} : { trusted_until: sql<number>`${dialect.now()} + ${sql.lit(trustForMs)}` };
        await transaction
          .insertInto('devices')
          .values({
            user_id: userId,
            token_hash: tokenHash,
            trusted_until: null,
            last_used_at: dialect.now(),
            ...trust,
          })
          .onConflict((conflict) =>
            conflict.columns(['user_id', 'token_hash']).doUpdateSet({ last_used_at: dialect.now(), ...trust }),
          )
          .execute();
        return { known: others.some(({ token_hash }) => token_hash === tokenHash), first: others.length === 0 };
      });
    },

    async distrust(userId) {
      await database.write(async (transaction) => {
        await lockUser(transaction, dialect, userId);
        await transaction.updateTable('devices').set({ trusted_until: null }).where('user_id', '=', userId).execute();
      });
    },

    async prune(before) {
      await database.write((transaction) =>
        transaction.deleteFrom('devices').where('last_used_at', '<', before).execute(),
      );
    },
  };
}
