import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { AvatarStore, Picture } from '../../ports/avatar-store.ts';
import { settingsOf } from './conversation-rows.ts';
import type { Database } from './database.ts';

export function makeAvatarStore({ query, dialect }: Database): AvatarStore {
  async function namedByConversations(): Promise<readonly string[]> {
    const rows = await query
      .selectFrom('conversations')
      .select('settings')
      .distinct()
      .where('settings', 'like', '%"avatar":"%')
      .execute();
    return rows.flatMap(({ settings }) => settingsOf(settings).avatar ?? []);
  }

  return {
    async put({ type, content }) {
      const hash = createHash('sha256').update(content).digest('hex');
      await query
        .insertInto('avatars')
        .values({ hash, type, content: Buffer.from(content), stored_at: dialect.now() })
        // Whoever is about to name it has as much time as if it were new.
        .onConflict((conflict) => conflict.column('hash').doUpdateSet({ stored_at: dialect.now() }))
        .execute();
      return hash;
    },

    async find(hash) {
      const row = await query
        .selectFrom('avatars')
        .select(['type', 'content'])
        .where('hash', '=', hash)
        .executeTakeFirst();
      if (row === undefined) return null;
      return { type: row.type as Picture['type'], content: new Uint8Array(row.content) };
    },

    async prune(storedBefore) {
      const named = await namedByConversations();
      await query
        .deleteFrom('avatars')
        .where('stored_at', '<', storedBefore)
        .where('hash', 'not in', (row) =>
          row.selectFrom('users').select(sql<string>`avatar`.as('named')).where('avatar', 'is not', null),
        )
        .where('hash', 'not in', (row) => row.selectFrom(dialect.texts(named).as('named')).select('value'))
        .execute();
    },
  };
}
