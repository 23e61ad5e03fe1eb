import { type Selectable, sql } from 'kysely';
import type { ApiTokenStore } from '../../ports/credential-store.ts';
import type { ApiTokenId, UserId } from '../../protocol/ids.ts';
import type { ApiToken } from '../../protocol/models.ts';
import type { Permission } from '../../protocol/roles.ts';
import type { Database } from './database.ts';
import type { ApiTokenRow } from './schema.ts';
import { lockKeeper } from './user-rows.ts';

export function makeApiTokenStore(database: Database): ApiTokenStore {
  const { query, dialect } = database;

  async function findBy(column: 'api_token_id' | 'token_hash', value: string): Promise<ApiToken | null> {
    const row = await query.selectFrom('api_tokens').selectAll().where(column, '=', value).executeTakeFirst();
    return row ? tokenOf(row) : null;
  }

  return {
    async add({ apiTokenId, userId, tokenHash, name, scopes, lifeMs }, most) {
      return await database.write(async (transaction) => {
        await lockKeeper(transaction, dialect, userId);
        const { count } = await transaction
          .selectFrom('api_tokens')
          .select((row) => row.fn.countAll<number>().as('count'))
          .where('user_id', '=', userId)
          .where('revoked_at', 'is', null)
          .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', dialect.now())]))
          .executeTakeFirstOrThrow();
        if (count >= most) return null;
        const row = await transaction
          .insertInto('api_tokens')
          .values({
            api_token_id: apiTokenId,
            user_id: userId,
            token_hash: tokenHash,
            name,
            scopes: JSON.stringify(scopes),
            created_at: dialect.now(),
            expires_at: lifeMs === null ? null : sql<number>`${dialect.now()} + ${sql.lit(lifeMs)}`,
            last_used_at: null,
            revoked_at: null,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return tokenOf(row);
      });
    },

    find: (apiTokenId) => findBy('api_token_id', apiTokenId),
    findByHash: (tokenHash) => findBy('token_hash', tokenHash),

    async list({ userId, endedSince }) {
      const rows = await query
        .selectFrom('api_tokens')
        .selectAll()
        .$if(userId !== null, (some) => some.where('user_id', '=', userId ?? ''))
        .where((row) => row.or([row('revoked_at', 'is', null), row('revoked_at', '>=', endedSince)]))
        .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>=', endedSince)]))
        .orderBy('created_at', 'desc')
        .orderBy('api_token_id', 'desc')
        .execute();
      return rows.map(tokenOf);
    },

    async revoke(apiTokenId) {
      await database.write(async (transaction) => {
        const revoked = await transaction
          .updateTable('api_tokens')
          .set({ revoked_at: dialect.now() })
          .where('api_token_id', '=', apiTokenId)
          .where('revoked_at', 'is', null)
          .executeTakeFirstOrThrow();
        if (revoked.numUpdatedRows === 0n) return;
        await transaction
          .insertInto('revocations')
          .values({ at: dialect.now(), session_id: apiTokenId, user_id: null, reason: 'revoked' })
          .execute();
      });
    },

    async used(uses) {
      if (uses.length === 0) return;
      const used = dialect.rows(
        { api_token_id: 'text', at: 'number' },
        uses.map(({ apiTokenId, at }) => ({ api_token_id: apiTokenId, at })),
      );
      await database.writeLightly((transaction) =>
        sql`
          update api_tokens set last_used_at = used.at
          from (select api_token_id, max(at) as at from ${used} as given group by api_token_id) as used
          where api_tokens.api_token_id = used.api_token_id
            and (api_tokens.last_used_at is null or api_tokens.last_used_at < used.at)
        `.execute(transaction),
      );
    },
  };
}

function tokenOf(row: Selectable<ApiTokenRow>): ApiToken {
  return {
    apiTokenId: row.api_token_id as ApiTokenId,
    userId: row.user_id as UserId,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Permission[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
