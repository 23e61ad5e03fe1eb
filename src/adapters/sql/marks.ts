import { sql } from 'kysely';
import type { ConversationStore } from '../../ports/conversation-store.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { Marks } from '../../protocol/models.ts';
import type { Database } from './database.ts';

/** How far members received and read. */
export function makeMarks(database: Database): Pick<ConversationStore, 'raiseMarks' | 'marks'> {
  const { query, dialect } = database;
  const columns = { conversation_id: 'text', user_id: 'text', delivered_seq: 'number', read_seq: 'number' } as const;

  return {
    async raiseMarks(marks) {
      if (marks.length === 0) return [];
      const given = dialect.rows(
        columns,
        marks.map((mark) => ({
          conversation_id: mark.conversationId,
          user_id: mark.userId,
          delivered_seq: mark.deliveredSeq,
          read_seq: mark.readSeq,
        })),
      );
      // Rows are locked in one order, so that two nodes that write marks of the same people do not wait for each other.
      const statement = sql<{ conversation_id: ConversationId; user_id: UserId; delivered: number }>`
        with highest as (
          select conversation_id, user_id, max(delivered_seq) as delivered_seq, max(read_seq) as read_seq
          from ${given} as given group by conversation_id, user_id
        ), found as (
          select members.conversation_id, members.user_id, highest.delivered_seq, highest.read_seq
          from highest
          cross join members
          where members.conversation_id = highest.conversation_id and members.user_id = highest.user_id
            and (highest.delivered_seq > members.delivered_seq or highest.read_seq > members.read_seq)
          order by members.conversation_id, members.user_id
          ${dialect.lock('members')}
        )
        update members set
          delivered_seq = case when found.delivered_seq > members.delivered_seq
            then found.delivered_seq else members.delivered_seq end,
          read_seq = case when found.read_seq > members.read_seq then found.read_seq else members.read_seq end,
          delivered_before = members.delivered_seq,
          delivered_at = case when found.delivered_seq > members.delivered_seq
            then ${dialect.now()} else members.delivered_at end,
          read_at = case when found.read_seq > members.read_seq then ${dialect.now()} else members.read_at end,
          marks_changed_at = ${dialect.now()}
        from found
        where members.conversation_id = found.conversation_id and members.user_id = found.user_id
          and (found.delivered_seq > members.delivered_seq or found.read_seq > members.read_seq)
        returning members.conversation_id, members.user_id,
          case when members.delivered_seq > members.delivered_before then 1 else 0 end as delivered
      `;
      const { rows } = await database.writeLightly((transaction) => statement.execute(transaction));
      return rows.map((row) => ({
        conversationId: row.conversation_id,
        userId: row.user_id,
        delivered: row.delivered === 1,
      }));
    },

    async marks(conversationIds, maxMembers) {
      const rows = await query
        .selectFrom('conversations')
        .innerJoin('members', 'members.conversation_id', 'conversations.conversation_id')
        .select(['members.conversation_id', 'members.user_id', 'members.delivered_seq', 'members.read_seq'])
        .where('conversations.conversation_id', 'in', (row) =>
          row.selectFrom(dialect.texts(conversationIds).as('asked')).select('asked.value'),
        )
        .where('conversations.member_count', '<=', maxMembers)
        .where('members.member', '=', 1)
        .execute();
      const byConversation = new Map<ConversationId, Marks[]>();
      for (const row of rows) {
        const conversationId = row.conversation_id as ConversationId;
        const marks = byConversation.get(conversationId) ?? [];
        marks.push({ userId: row.user_id as UserId, deliveredSeq: row.delivered_seq, readSeq: row.read_seq });
        byConversation.set(conversationId, marks);
      }
      return byConversation;
    },
  };
}
