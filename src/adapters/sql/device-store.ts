import { sql, type Transaction } from 'kysely';
import type { DeviceStore } from '../../ports/credential-store.ts';
import type { UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';
import { lockKeeper, lockUser } from './user-rows.ts';

export function makeDeviceStore(database: Database): DeviceStore {
  const { query, dialect } = database;

  async function forget(
    transaction: Transaction<Schema>,
    userId: UserId,
    tokenHashes: readonly string[],
  ): Promise<void> {
    if (tokenHashes.length === 0) return;
    await transaction
      .deleteFrom('devices')
      .where('user_id', '=', userId)
      .where('token_hash', 'in', tokenHashes)
      .execute();
  }

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
        await lockKeeper(transaction, dialect, userId);
        const before = await transaction
          .selectFrom('devices')
          .select('token_hash')
          .where('user_id', '=', userId)
          .orderBy('last_used_at', 'desc')
          .execute();
        const others = before.map((row) => row.token_hash).filter((hash) => hash !== tokenHash);
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
        await forget(transaction, userId, others.slice(limits.devices - 1));
        return { known: others.length < before.length, first: before.length === 0 };
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
