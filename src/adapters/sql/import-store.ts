import { type Selectable, sql } from 'kysely';
import type { ImportRecord, ImportStore } from '../../ports/import-store.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Database } from './database.ts';
import type { ImportRow } from './schema.ts';

export function makeImportStore(database: Database): ImportStore {
  const { query, dialect } = database;
  const imports = () => query.selectFrom('imports').selectAll();

  async function findByKey(source: ImportRecord['source'], key: string): Promise<ImportRecord | null> {
    const row = await imports().where('source', '=', source).where('import_key', '=', key).executeTakeFirst();
    return row ? recordOf(row) : null;
  }

  return {
    findByKey,

    async find(conversationId) {
      const row = await imports().where('conversation_id', '=', conversationId).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async begin({ source, key, conversationId, kind }) {
      await query
        .insertInto('imports')
        .values({
          source,
          import_key: key,
          conversation_id: conversationId,
          kind,
          begun_at: dialect.now(),
          finished_at: null,
        })
        .onConflict((conflict) => conflict.columns(['source', 'import_key']).doNothing())
        .execute();
      return (await findByKey(source, key)) as ImportRecord;
    },

    addConversation({ conversationId, title, createdAt, settings, pins, pair }) {
      const [low, high] = pair === null ? [null, null] : [...pair].sort();
      return database.write(async (transaction) => {
        const there = await transaction
          .selectFrom('conversations')
          .select('conversation_id')
          .where('conversation_id', '=', conversationId)
          .executeTakeFirst();
        if (there) return 'there';
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('conversations')
          .values({
            conversation_id: conversationId,
            kind: pair === null ? 'group' : 'direct',
            title,
            created_at: createdAt,
            version: pair === null ? 1 : 0,
            member_count: 0,
            changed_at: dialect.now(),
            low_id: low ?? null,
            high_id: high ?? null,
            creator_id: null,
            client_id: null,
            settings: JSON.stringify(settings),
            pins: JSON.stringify(pins),
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n ? 'made' : 'pair_taken';
      });
    },

    async addMembers(conversationId, members) {
      if (members.length === 0) return;
      await query
        .insertInto('members')
        .values(
          members.map(({ keeping, draft, ...member }) => ({
            conversation_id: conversationId,
            user_id: member.userId,
            role: member.role,
            member: Number(member.member),
            spans: JSON.stringify(member.spans),
            joined_seq: member.joinedSeq,
            barred: Number(member.barred),
            delivered_seq: member.deliveredSeq,
            delivered_before: member.deliveredSeq,
            read_seq: member.readSeq,
            changed_at: dialect.now(),
            marks_changed_at: dialect.now(),
            joined_at: dialect.now(),
            pinned: Number(keeping.pinned),
            archived: Number(keeping.archived),
            muted_until: keeping.mutedUntil,
            marked_unread: Number(keeping.markedUnread),
            draft_text: draft === null ? null : JSON.stringify(draft.text),
            draft_reply_to: draft?.replyTo ?? null,
            draft_at: draft?.at ?? null,
            hidden: JSON.stringify(member.hidden),
          })),
        )
        .onConflict((conflict) => conflict.columns(['conversation_id', 'user_id']).doNothing())
        .execute();
    },

    async finish(conversationId) {
      await database.write(async (transaction) => {
        await transaction
          .updateTable('conversations')
          .set((row) => ({
            member_count: row
              .selectFrom('members')
              .whereRef('members.conversation_id', '=', 'conversations.conversation_id')
              .where('members.member', '=', 1)
              .select((all) => sql<number>`${all.fn.countAll()}`.as('count')),
            changed_at: dialect.now(),
          }))
          .where('conversation_id', '=', conversationId)
          .execute();
        await transaction
          .updateTable('imports')
          .set({ finished_at: dialect.now() })
          .where('conversation_id', '=', conversationId)
          .where('finished_at', 'is', null)
          .execute();
      });
    },
  };
}

function recordOf(row: Selectable<ImportRow>): ImportRecord {
  return {
    source: row.source,
    key: row.import_key,
    conversationId: row.conversation_id as ConversationId,
    kind: row.kind,
    finishedAt: row.finished_at,
  };
}
