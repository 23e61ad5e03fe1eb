import type { NodeStore } from '../../ports/job-store.ts';
import type { Database } from './database.ts';

export function makeNodeStore(database: Database): NodeStore {
  const { query, dialect } = database;
  return {
    async beat(node, roles) {
      const present = { roles: JSON.stringify(roles), beat_at: dialect.now() };
      await database.writeLightly((transaction) =>
        transaction
          .insertInto('nodes')
          .values({ node, ...present })
          .onConflict((conflict) => conflict.column('node').doUpdateSet(present))
          .execute(),
      );
    },

    async list() {
      const rows = await query
        .selectFrom('nodes')
        .selectAll()
        .select(dialect.now().as('now'))
        .orderBy('node')
        .execute();
      return rows.map((row) => ({
        node: row.node,
        roles: JSON.parse(row.roles) as string[],
        silentMs: Math.max(0, row.now - row.beat_at),
      }));
    },
  };
}
