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
      const given = dialect.rows(
        { session_id: 'text', generation: 'number', at: 'number' },
        uses.map(({ sessionId, generation, at }) => ({ session_id: sessionId, generation, at })),
      );
      await database.writeLightly(async (transaction) => {
        await sql`
          update sessions set last_seen_at = used.at
          from (select session_id, max(at) as at from ${given} as given group by session_id) as used
          where sessions.session_id = used.session_id and sessions.last_seen_at < used.at
        `.execute(transaction);
        await sql`
          update sessions set confirmed_at = ${dialect.now()}
          from (select distinct session_id, generation from ${given} as given) as used
          where sessions.session_id = used.session_id and sessions.generation = used.generation
            and sessions.confirmed_at is null
        `.execute(transaction);
        await sql`
          update users set last_seen_at = used.at
          from (
            select sessions.user_id, max(given.at) as at
            from ${given} as given cross join sessions where sessions.session_id = given.session_id
            group by sessions.user_id
          ) as used
          where users.user_id = used.user_id and (users.last_seen_at is null or users.last_seen_at < used.at)
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
