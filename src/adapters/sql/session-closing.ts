import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { SessionId, UserId } from '../../protocol/ids.ts';
import type { Dialect } from './dialect.ts';
import type { Schema } from './schema.ts';

/** Closes the open ones among these rows of `sessions`, each with its revocation. Answers which. */
export async function closeSessions(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  which: RawBuilder<boolean>,
  reason: string,
): Promise<readonly SessionId[]> {
  const closed = await transaction
    .updateTable('sessions')
    .set({ closed_at: dialect.now(), closed_because: reason })
    .where('closed_at', 'is', null)
    .where(which)
    .returning('session_id')
    .execute();
  const ids = closed.map(({ session_id }) => session_id as SessionId);
  if (ids.length > 0) {
    await sql`
      insert into revocations (at, session_id, user_id, reason)
      select ${dialect.now()}, value, null, ${reason} from ${dialect.texts(ids)} as closed
    `.execute(transaction);
  }
  return ids;
}

/** Refuses every token of a person that was issued until now. */
export async function revokePerson(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  userId: UserId,
  reason: string,
): Promise<void> {
  await transaction
    .insertInto('revocations')
    .values({ at: dialect.now(), session_id: null, user_id: userId, reason })
    .execute();
}
