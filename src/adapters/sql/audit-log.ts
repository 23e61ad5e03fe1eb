import { sql } from 'kysely';
import type { AuditLog } from '../../ports/audit-log.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { AuditEvent } from '../../protocol/models.ts';
import type { Database } from './database.ts';

/** Sorts behind everything that an action can go on with. */
const last = '\u{10FFFF}';

export function makeAuditLog(database: Database): AuditLog {
  const { query, dialect } = database;

  /** The person themselves, or whose session or token it is; kept, because sessions and tokens are forgotten in time. */
  const personOf = (subjectId: string) => sql<string | null>`coalesce(
    (select user_id from users where user_id = ${subjectId}),
    (select user_id from sessions where session_id = ${subjectId}),
    (select user_id from api_tokens where api_token_id = ${subjectId})
  )`;

  return {
    async add({ action, actorId, subjectId, address, details }) {
      await database.write(async (transaction) => {
        // Numbers are seen in their order, so that who follows them misses none.
        await dialect.inTurn('audit_events').execute(transaction);
        await transaction
          .insertInto('audit_events')
          .values({
            at: dialect.now(),
            action,
            actor_id: actorId,
            subject_id: subjectId,
            person_id: subjectId === null ? null : personOf(subjectId),
            address,
            details: JSON.stringify(details),
          })
          .execute();
      });
    },

    async query({ before, after, userId, action, since, until, limit }) {
      const rows = await query
        .selectFrom('audit_events as event')
        .leftJoin('users as actor', 'actor.user_id', 'event.actor_id')
        .leftJoin('users as person', 'person.user_id', 'event.person_id')
        .select(['event.event_id', 'event.at', 'event.action', 'event.address', 'event.details'])
        .select(['event.actor_id', 'actor.name as actor_name', 'actor.state as actor_state'])
        .select(['event.subject_id', 'person.name as person_name', 'person.state as person_state'])
        .$if(before !== null, (some) => some.where('event.event_id', '<', before))
        .$if(after !== null, (some) => some.where('event.event_id', '>', after))
        .$if(userId !== null, (some) =>
          some.where((row) => row.or([row('event.actor_id', '=', userId), row('event.person_id', '=', userId)])),
        )
        .$if(action !== null, (some) =>
          some.where('event.action', '>=', action ?? '').where('event.action', '<', `${action}${last}`),
        )
        .$if(since !== null, (some) => some.where('event.at', '>=', since ?? 0))
        .$if(until !== null, (some) => some.where('event.at', '<=', until ?? 0))
        .orderBy('event.event_id', after === null ? 'desc' : 'asc')
        .limit(limit)
        .execute();
      return rows.map(
        (row): AuditEvent => ({
          number: row.event_id,
          at: row.at,
          action: row.action,
          actor:
            row.actor_id === null
              ? null
              : { userId: row.actor_id as UserId, name: nameOf(row.actor_name, row.actor_state) ?? '' },
          subject:
            row.subject_id === null ? null : { id: row.subject_id, name: nameOf(row.person_name, row.person_state) },
          address: row.address,
          details: JSON.parse(row.details) as AuditEvent['details'],
        }),
      );
    },

    async prune(before) {
      const { numDeletedRows } = await query
        .deleteFrom('audit_events')
        .where('at', '<', before)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function nameOf(name: string | null, state: string | null): string | null {
  return state === 'deleted' ? '' : name;
}
