import { sql } from 'kysely';
import type { ConversationStore } from '../../ports/conversation-store.ts';
import { memberColumns, personalFields, personalOf } from './conversation-rows.ts';
import type { Database } from './database.ts';
import { namesOf } from './user-rows.ts';

/** How far everybody came in a conversation, and up to where they were told by push. */
export function makePushed(database: Database): Pick<ConversationStore, 'progress' | 'pushedSeq' | 'raisePushed'> {
  const { query, dialect } = database;

  return {
    async progress(conversationId, after, limit) {
      const rows = await query
        .selectFrom('members')
        .innerJoin('conversations', 'conversations.conversation_id', 'members.conversation_id')
        .innerJoin('users', 'users.user_id', 'members.user_id')
        .select(memberColumns)
        .select(personalFields)
        .select(['members.delivered_at', 'members.read_at', 'members.pushed_seq'])
        .select(['users.name', 'users.display_name', 'users.state', 'users.bot', 'users.avatar'])
        .where('members.conversation_id', '=', conversationId)
        .where('members.user_id', '>', after ?? '')
        .orderBy('members.user_id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        ...personalOf(row),
        ...namesOf(row),
        deliveredAt: row.delivered_at,
        readAt: row.read_at,
        pushedSeq: row.pushed_seq,
      }));
    },

    async pushedSeq(conversationId) {
      const row = await query
        .selectFrom('conversations')
        .select('pushed_seq')
        .where('conversation_id', '=', conversationId)
        .executeTakeFirst();
      return row?.pushed_seq ?? 0;
    },

    async raisePushed(conversationId, { everybody, members }) {
      const given = dialect.rows(
        { user_id: 'text', seq: 'number' },
        members.map(({ userId, seq }) => ({ user_id: userId, seq })),
      );
      await database.writeLightly(async (transaction) => {
        if (everybody !== null)
          await transaction
            .updateTable('conversations')
            .set({ pushed_seq: everybody })
            .where('conversation_id', '=', conversationId)
            .where('pushed_seq', '<', everybody)
            .execute();
        if (members.length === 0) return;
        // Locked in the order in which marks are: neither waits for the other.
        await sql`
          with found as (
            select members.user_id, given.seq from ${given} as given cross join members
            where members.conversation_id = ${conversationId} and members.user_id = given.user_id
              and members.pushed_seq < given.seq
            order by members.user_id
            ${dialect.lock('members')}
          )
          update members set pushed_seq = found.seq from found
          where members.conversation_id = ${conversationId} and members.user_id = found.user_id
        `.execute(transaction);
      });
    },
  };
}
