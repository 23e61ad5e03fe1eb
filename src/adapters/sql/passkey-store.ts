import type { Selectable } from 'kysely';
import type { PasskeyRecord, PasskeyStore } from '../../ports/credential-store.ts';
import type { PasskeyId, UserId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { PasskeyRow } from './schema.ts';
import { lockKeeper } from './user-rows.ts';

export function makePasskeyStore(database: Database): PasskeyStore {
  const { query, dialect } = database;

  return {
    async add(passkey, most) {
      return await database.write(async (transaction) => {
        await lockKeeper(transaction, dialect, passkey.userId);
        const present = await transaction
          .selectFrom('passkeys')
          .select(['user_id', 'credential_id'])
          .where((row) =>
            row.or([row('user_id', '=', passkey.userId), row('credential_id', '=', passkey.credentialId)]),
          )
          .execute();
        if (present.some(({ credential_id }) => credential_id === passkey.credentialId)) return { outcome: 'known' };
        if (present.length >= most) return { outcome: 'too_many' };
        const row = await transaction
          .insertInto('passkeys')
          .values({
            passkey_id: passkey.passkeyId,
            user_id: passkey.userId,
            credential_id: passkey.credentialId,
            public_key: passkey.publicKey,
            sign_count: passkey.signCount,
            transports: JSON.stringify(passkey.transports),
            name: passkey.name,
            host: passkey.host,
            created_at: dialect.now(),
            last_used_at: null,
          })
          .onConflict((conflict) => conflict.column('credential_id').doNothing())
          .returningAll()
          .executeTakeFirst();
        return row ? { outcome: 'added', passkey: recordOf(row) } : { outcome: 'known' };
      });
    },

    async list(userId) {
      const rows = await query
        .selectFrom('passkeys')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('created_at')
        .orderBy('passkey_id')
        .execute();
      return rows.map(recordOf);
    },

    async findByCredential(credentialId) {
      const row = await query
        .selectFrom('passkeys')
        .selectAll()
        .where('credential_id', '=', credentialId)
        .executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async used(passkeyId, signCount) {
      const used = await query
        .updateTable('passkeys')
        .set({ sign_count: signCount, last_used_at: dialect.now() })
        .where('passkey_id', '=', passkeyId)
        .where('sign_count', signCount === 0 ? '=' : '<', signCount)
        .executeTakeFirstOrThrow();
      return used.numUpdatedRows === 1n;
    },

    async rename(userId, passkeyId, name) {
      const renamed = await query
        .updateTable('passkeys')
        .set({ name })
        .where('user_id', '=', userId)
        .where('passkey_id', '=', passkeyId)
        .executeTakeFirstOrThrow();
      return renamed.numUpdatedRows === 1n;
    },

    async remove(userId, passkeyId) {
      const removed = await query
        .deleteFrom('passkeys')
        .where('user_id', '=', userId)
        .where('passkey_id', '=', passkeyId)
        .executeTakeFirstOrThrow();
      return removed.numDeletedRows === 1n;
    },
  };
}

function recordOf(row: Selectable<PasskeyRow>): PasskeyRecord {
  return {
    passkeyId: row.passkey_id as PasskeyId,
    userId: row.user_id as UserId,
    credentialId: row.credential_id,
    publicKey: row.public_key,
    signCount: row.sign_count,
    transports: JSON.parse(row.transports) as string[],
    name: row.name,
    host: row.host,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}
