import { sql } from 'kysely';
import type { SecondFactorStore } from '../../ports/credential-store.ts';
import type { Database } from './database.ts';
import { lockKeeper, lockUser } from './user-rows.ts';

export function makeSecondFactorStore(database: Database): SecondFactorStore {
  const { query, dialect } = database;

  return {
    async find(userId) {
      const row = await query
        .selectNoFrom((asked) => [
          asked.selectFrom('authenticators').select('secret').where('user_id', '=', userId).as('secret'),
          asked
            .selectFrom('authenticators')
            .select('pending_secret')
            .where('user_id', '=', userId)
            .as('pending_secret'),
          asked
            .selectFrom('recovery_codes')
            .select((row) => row.fn.countAll<number>().as('count'))
            .where('user_id', '=', userId)
            .as('codes'),
        ])
        .executeTakeFirstOrThrow();
      return { totpSecret: row.secret, pendingSecret: row.pending_secret, recoveryCodesLeft: row.codes ?? 0 };
    },

    async beginTotp(userId, sealedSecret) {
      await database.write(async (transaction) => {
        await lockKeeper(transaction, dialect, userId);
        await transaction
          .insertInto('authenticators')
          .values({ user_id: userId, secret: null, pending_secret: sealedSecret, last_step: null })
          .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ pending_secret: sealedSecret }))
          .execute();
      });
    },

    async confirmTotp(userId, sealedSecret, step) {
      const confirmed = await query
        .updateTable('authenticators')
        .set({ secret: sealedSecret, pending_secret: null, last_step: step })
        .where('user_id', '=', userId)
        .where('pending_secret', '=', sealedSecret)
        .executeTakeFirstOrThrow();
      return confirmed.numUpdatedRows === 1n;
    },

    async removeTotp(userId) {
      await query.deleteFrom('authenticators').where('user_id', '=', userId).execute();
    },

    async useStep(userId, step) {
      const used = await query
        .updateTable('authenticators')
        .set({ last_step: step })
        .where('user_id', '=', userId)
        .where('secret', 'is not', null)
        .where((row) => row.or([row('last_step', 'is', null), row('last_step', '<', step)]))
        .executeTakeFirstOrThrow();
      return used.numUpdatedRows === 1n;
    },

    async setRecoveryCodes(userId, macs) {
      await database.write(async (transaction) => {
        await lockKeeper(transaction, dialect, userId);
        await transaction.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
        await sql`
          insert into recovery_codes (user_id, mac)
          select distinct ${userId}, value from ${dialect.texts(macs)} as given
        `.execute(transaction);
      });
    },

    async useRecoveryCode(userId, mac) {
      const used = await query
        .deleteFrom('recovery_codes')
        .where('user_id', '=', userId)
        .where('mac', '=', mac)
        .executeTakeFirstOrThrow();
      return used.numDeletedRows === 1n;
    },

    async reset(userId) {
      await database.write(async (transaction) => {
        await lockUser(transaction, dialect, userId);
        for (const table of ['authenticators', 'recovery_codes', 'passkeys'] as const)
          await transaction.deleteFrom(table).where('user_id', '=', userId).execute();
        await transaction.updateTable('devices').set({ trusted_until: null }).where('user_id', '=', userId).execute();
      });
    },
  };
}
