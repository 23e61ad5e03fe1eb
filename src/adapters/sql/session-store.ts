import { type Selectable, sql } from 'kysely';
import type { Revocation, SessionRecord, SessionStore } from '../../ports/user-store.ts';
import type { SessionId, UserId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { RevocationRow, SessionRow } from './schema.ts';

export function makeSessionStore(database: Database): SessionStore {
  const { query, dialect } = database;

  async function find(sessionId: SessionId): Promise<SessionRecord | null> {
    const row = await query.selectFrom('sessions').selectAll().where('session_id', '=', sessionId).executeTakeFirst();
    return row ? recordOf(row) : null;
  }

  return {
    find,

    async open({ sessionId, userId, device, address }) {
      const row = await query
        .insertInto('sessions')
        .values({
          session_id: sessionId,
          user_id: userId,
          device,
          address,
          created_at: dialect.now(),
          last_seen_at: dialect.now(),
          generation: 1,
          confirmed_at: null,
          closed_at: null,
          closed_because: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return recordOf(row);
    },

    async list(userId) {
      const rows = await query
        .selectFrom('sessions')
        .selectAll()
        .where('user_id', '=', userId)
        .where('closed_at', 'is', null)
        .orderBy('last_seen_at', 'desc')
        .orderBy('session_id', 'desc')
        .execute();
      return rows.map(recordOf);
    },

    async advance(sessionId, from, to, address) {
      const moved = await query
        .updateTable('sessions')
        .set({ generation: to, confirmed_at: null, address, last_seen_at: dialect.now() })
        .where('session_id', '=', sessionId)
        .where('generation', '=', from)
        .where('closed_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      return moved ? recordOf(moved) : await find(sessionId);
    },

    async seen(uses) {
      if (uses.length === 0) return;
      const used = dialect.rows(
        { session_id: 'text', generation: 'number', at: 'number' },
        uses.map(({ sessionId, generation, at }) => ({ session_id: sessionId, generation, at })),
      );
      await database.writeLightly(async (transaction) => {
        const { rows } = await sql<{ user_id: string; at: number }>`
          update sessions set
            last_seen_at = case when used.at > last_seen_at then used.at else last_seen_at end,
            confirmed_at = case when confirmed_at is null and sessions.generation = used.generation
              then ${dialect.now()} else confirmed_at end
          from ${used} as used where sessions.session_id = used.session_id
          returning sessions.user_id, sessions.last_seen_at as at
        `.execute(transaction);
        const seen = new Map<string, number>();
        for (const { user_id, at } of rows) seen.set(user_id, Math.max(at, seen.get(user_id) ?? 0));
        const people = dialect.rows(
          { user_id: 'text', at: 'number' },
          [...seen].map(([user_id, at]) => ({ user_id, at })),
        );
        await sql`
          update users set last_seen_at = seen.at from ${people} as seen
          where users.user_id = seen.user_id and (users.last_seen_at is null or users.last_seen_at < seen.at)
        `.execute(transaction);
      });
    },

    async close(sessionId, reason) {
      await database.write(async (transaction) => {
        const closed = await transaction
          .updateTable('sessions')
          .set({ closed_at: dialect.now(), closed_because: reason })
          .where('session_id', '=', sessionId)
          .where('closed_at', 'is', null)
          .returning('session_id')
          .executeTakeFirst();
        if (!closed) return;
        await transaction
          .insertInto('revocations')
          .values({ at: dialect.now(), session_id: sessionId, user_id: null, reason })
          .execute();
      });
    },

    async revocations(since) {
      const rows = await query
        .selectFrom('revocations')
        .selectAll()
        .where('at', '>=', since)
        .orderBy('at')
        .orderBy('revocation_id')
        .execute();
      return rows.map(revocationOf);
    },

    async now() {
      const { now } = await query.selectNoFrom(dialect.now().as('now')).executeTakeFirstOrThrow();
      return now;
    },
  };
}

function recordOf(row: Selectable<SessionRow>): SessionRecord {
  return {
    sessionId: row.session_id as SessionId,
    userId: row.user_id as UserId,
    device: row.device,
    address: row.address,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    generation: row.generation,
    confirmedAt: row.confirmed_at,
    closedAt: row.closed_at,
    closedBecause: row.closed_because,
  };
}

function revocationOf(row: Selectable<RevocationRow>): Revocation {
  return {
    at: row.at,
    sessionId: row.session_id as SessionId | null,
    userId: row.user_id as UserId | null,
    reason: row.reason,
  };
}
