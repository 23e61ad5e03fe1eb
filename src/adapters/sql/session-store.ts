import { type Selectable, sql } from 'kysely';
import type { Revocation, SessionRecord, SessionStore } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { SessionId, UserId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { RevocationRow, SessionRow } from './schema.ts';
import { closeSessions } from './session-closing.ts';
import { lockUser } from './user-rows.ts';

/** SQLite knows no offset without a limit. */
const countless = Number.MAX_SAFE_INTEGER;

export function makeSessionStore(database: Database): SessionStore {
  const { query, dialect } = database;

  async function find(sessionId: SessionId): Promise<SessionRecord | null> {
    const row = await query.selectFrom('sessions').selectAll().where('session_id', '=', sessionId).executeTakeFirst();
    return row ? recordOf(row) : null;
  }

  return {
    find,

    async open({ sessionId, userId, device, address, most }) {
      return await database.write(async (transaction) => {
        const user = await lockUser(transaction, dialect, userId);
        if (user !== undefined && user.state !== 'active') throw new AppError('forbidden', 'account_disabled');
        const row = await transaction
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
        const excess = sql<boolean>`session_id in (
          select session_id from sessions
          where user_id = ${userId} and closed_at is null and session_id <> ${sessionId}
          order by last_seen_at desc, session_id desc
          limit ${countless} offset ${most - 1}
        )`;
        await closeSessions(transaction, dialect, excess, 'too_many');
        return recordOf(row);
      });
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
        // People first, as everybody locks them; else this and a closing of sessions would wait for each other.
        await sql`
          with seen as (
            select sessions.user_id,
              max(case when used.at > sessions.last_seen_at then used.at else sessions.last_seen_at end) as at
            from ${used} as used join sessions on sessions.session_id = used.session_id
            group by sessions.user_id
          ), found as (
            select users.user_id, seen.at from seen cross join users
            where users.user_id = seen.user_id and (users.last_seen_at is null or users.last_seen_at < seen.at)
            order by users.user_id
            ${dialect.lock('users')}
          )
          update users set last_seen_at = found.at from found
          where users.user_id = found.user_id and (users.last_seen_at is null or users.last_seen_at < found.at)
        `.execute(transaction);
        await sql`
          update sessions set
            last_seen_at = case when used.at > last_seen_at then used.at else last_seen_at end,
            confirmed_at = case when confirmed_at is null and sessions.generation = used.generation
              then ${dialect.now()} else confirmed_at end
          from ${used} as used where sessions.session_id = used.session_id
        `.execute(transaction);
      });
    },

    async close(sessionId, reason) {
      await database.write(async (transaction) => {
        await closeSessions(transaction, dialect, sql`session_id = ${sessionId}`, reason);
      });
    },

    async closeAll(userId, reason, but) {
      return await database.write(async (transaction) => {
        await lockUser(transaction, dialect, userId);
        const theirs = sql<boolean>`user_id = ${userId} and session_id <> ${but ?? ''}`;
        return (await closeSessions(transaction, dialect, theirs, reason)).length;
      });
    },

    async closeIdle(unusedSince, most) {
      return await database.write(async (transaction) => {
        // Said twice: one that is used meanwhile stays open.
        const idle = sql<boolean>`last_seen_at < ${unusedSince} and session_id in (
          select session_id from sessions
          where closed_at is null and last_seen_at < ${unusedSince}
          order by last_seen_at limit ${most}
        )`;
        return await closeSessions(transaction, dialect, idle, 'idle');
      });
    },

    async rename(sessionId, device) {
      await query.updateTable('sessions').set({ device }).where('session_id', '=', sessionId).execute();
    },

    async prune(before) {
      await database.write(async (transaction) => {
        await transaction.deleteFrom('revocations').where('at', '<', before.revocations).execute();
        await transaction.deleteFrom('sessions').where('closed_at', '<', before.closed).execute();
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
