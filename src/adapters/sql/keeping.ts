import type { ConversationStore, KeepingChange } from '../../ports/conversation-store.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { seqsOf } from './conversation-rows.ts';
import type { Database } from './database.ts';

/** What members keep for themselves. */
export function makeKeeping(database: Database): Pick<ConversationStore, 'keep' | 'setDraft' | 'hide'> {
  const { query, dialect } = database;

  const row = (conversationId: ConversationId, userId: UserId) =>
    query
      .updateTable('members')
      .set({ changed_at: dialect.now() })
      .where('conversation_id', '=', conversationId)
      .where('user_id', '=', userId);

  return {
    async keep(conversationId, userId, change) {
      const { numUpdatedRows } = await row(conversationId, userId).set(columnsOf(change)).executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async setDraft(conversationId, userId, draft) {
      const { numUpdatedRows } = await row(conversationId, userId)
        .set({
          draft_text: draft === null ? null : JSON.stringify(draft.text),
          draft_reply_to: draft?.replyTo ?? null,
          draft_at: draft === null ? null : dialect.now(),
        })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    hide(conversationId, userId, seqs, most) {
      return database.write(async (transaction) => {
        const present = await transaction
          .selectFrom('members')
          .select('hidden')
          .where('conversation_id', '=', conversationId)
          .where('user_id', '=', userId)
          .modifyEnd(dialect.lock())
          .executeTakeFirst();
        if (!present) return 'no_row';
        const before = seqsOf(present.hidden);
        const hidden = [...new Set([...before, ...seqs])].sort((a, b) => a - b);
        if (hidden.length === before.length) return 'hidden';
        if (hidden.length > most) return 'too_many';
        await transaction
          .updateTable('members')
          .set({ hidden: JSON.stringify(hidden), changed_at: dialect.now() })
          .where('conversation_id', '=', conversationId)
          .where('user_id', '=', userId)
          .execute();
        return 'hidden';
      });
    },
  };
}

function columnsOf({ pinned, archived, mutedUntil, markedUnread }: KeepingChange) {
  return {
    ...(pinned === undefined ? {} : { pinned: Number(pinned) }),
    ...(archived === undefined ? {} : { archived: Number(archived) }),
    ...(mutedUntil === undefined ? {} : { muted_until: mutedUntil }),
    ...(markedUnread === undefined ? {} : { marked_unread: Number(markedUnread) }),
  };
}
