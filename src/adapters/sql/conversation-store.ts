import { sql } from 'kysely';
import type { ConversationRecord, ConversationStore } from '../../ports/conversation-store.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import {
  conversationColumns,
  conversationFields,
  conversationOf,
  memberColumns,
  memberOf,
  personalFields,
  personalOf,
  settingsOf,
  spansOf,
} from './conversation-rows.ts';
import type { Database } from './database.ts';
import { makeKeeping } from './keeping.ts';
import { makeMarks } from './marks.ts';
import { insertOwed, letIn, makeMembership } from './membership.ts';
import { makePushed } from './pushed.ts';
import { namesOf } from './user-rows.ts';
import { likeWords } from './words.ts';

export function makeConversationStore(database: Database): ConversationStore {
  const { query, dialect } = database;

  const conversations = () => query.selectFrom('conversations').select(conversationColumns);
  const members = () =>
    query
      .selectFrom('members')
      .innerJoin('conversations', 'conversations.conversation_id', 'members.conversation_id')
      .select(memberColumns);

  async function findDirect(a: UserId, b: UserId): Promise<ConversationRecord | null> {
    const { low, high } = pairOf(a, b);
    const row = await conversations().where('low_id', '=', low).where('high_id', '=', high).executeTakeFirst();
    return row ? conversationOf(row) : null;
  }

  return {
    ...makeMembership(database),
    ...makeMarks(database),
    ...makeKeeping(database),
    ...makePushed(database),
    findDirect,

    async openDirect(conversationId, a, b) {
      const present = await findDirect(a, b);
      if (present) return { conversation: present, made: false };
      const { low, high } = pairOf(a, b);
      const userIds = [...new Set([low, high])];
      const made = await database.write(async (transaction) => {
        const row = await transaction
          .insertInto('conversations')
          .values({
            conversation_id: conversationId,
            kind: 'direct',
            title: '',
            created_at: dialect.now(),
            version: 0,
            member_count: userIds.length,
            changed_at: dialect.now(),
            low_id: low,
            high_id: high,
            creator_id: null,
            client_id: null,
          })
          .onConflict((conflict) => conflict.columns(['low_id', 'high_id']).doNothing())
          .returning(conversationColumns)
          .executeTakeFirst();
        if (!row) return null;
        const spans = [{ from: 1, to: null }];
        await letIn(transaction, dialect, conversationId, userIds, { role: 'member', spans });
        return conversationOf(row);
      });
      if (made) return { conversation: made, made: true };
      return { conversation: mustBe(await findDirect(a, b)), made: false };
    },

    async create({ conversationId, clientId, title, settings, ownerId, userIds }) {
      const others = [...new Set(userIds)].filter((userId) => userId !== ownerId);
      const made = await database.write(async (transaction) => {
        const row = await transaction
          .insertInto('conversations')
          .values({
            conversation_id: conversationId,
            kind: 'group',
            title,
            created_at: dialect.now(),
            version: 1,
            member_count: others.length + 1,
            changed_at: dialect.now(),
            low_id: null,
            high_id: null,
            creator_id: ownerId,
            client_id: clientId,
            settings: JSON.stringify(settings),
          })
          .onConflict((conflict) => conflict.columns(['creator_id', 'client_id']).doNothing())
          .returning(conversationColumns)
          .executeTakeFirst();
        if (!row) return null;
        await letIn(transaction, dialect, conversationId, [ownerId], { role: 'owner', spans: [] });
        await letIn(transaction, dialect, conversationId, others, { role: 'member', spans: [] });
        await insertOwed(transaction, dialect, {
          conversationId,
          version: 1,
          clientId,
          senderId: ownerId,
          target: null,
          entry: { kind: 'created', body: { title, userIds: others } },
        });
        return conversationOf(row);
      });
      if (made) return { conversation: made, made: true };
      const first = await conversations()
        .where('creator_id', '=', ownerId)
        .where('client_id', '=', clientId)
        .executeTakeFirstOrThrow();
      return { conversation: conversationOf(first), made: false };
    },

    async find(conversationId) {
      const row = await conversations().where('conversation_id', '=', conversationId).executeTakeFirst();
      return row ? conversationOf(row) : null;
    },

    async load(conversationId) {
      const rows = await members()
        .select(conversationFields)
        .where('members.conversation_id', '=', conversationId)
        .orderBy('members.joined_at')
        .orderBy('members.user_id')
        .execute();
      const [first] = rows;
      if (!first) return null;
      return { conversation: conversationOf(first), members: rows.map(memberOf) };
    },

    async rows(userId, after, limit) {
      const rows = await members()
        .select(conversationFields)
        .select(personalFields)
        .select((row) =>
          row
            .selectFrom('members as anybody')
            .whereRef('anybody.conversation_id', '=', 'members.conversation_id')
            .select((all) => all.fn.max('anybody.marks_changed_at').as('at'))
            .$asScalar()
            .$notNull()
            .as('marks_changed_at'),
        )
        .where('members.user_id', '=', userId)
        .where('members.conversation_id', '>', after ?? '')
        .orderBy('members.conversation_id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        ...personalOf(row),
        conversation: conversationOf(row),
        marksChangedAt: row.marks_changed_at,
      }));
    },

    async memberships(userId, after, limit) {
      const rows = await query
        .selectFrom('members')
        .innerJoin('conversations', 'conversations.conversation_id', 'members.conversation_id')
        .select(['members.conversation_id', 'members.member', 'members.spans', 'conversations.version'])
        .where('members.user_id', '=', userId)
        .where('members.conversation_id', '>', after ?? '')
        .orderBy('members.conversation_id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        conversationId: row.conversation_id as ConversationId,
        member: row.member === 1,
        spans: spansOf(row.spans),
        version: row.version,
      }));
    },

    async row(conversationId, userId) {
      const row = await members()
        .select(personalFields)
        .where('members.conversation_id', '=', conversationId)
        .where('members.user_id', '=', userId)
        .executeTakeFirst();
      return row ? personalOf(row) : null;
    },

    async peers(userId, conversationIds) {
      const rows = await query
        .selectFrom('conversations')
        .select(['conversation_id', 'low_id', 'high_id'])
        .where('kind', '=', 'direct')
        .where('conversation_id', 'in', (row) =>
          row.selectFrom(dialect.texts(conversationIds).as('asked')).select('asked.value'),
        )
        .where((row) => row.or([row('low_id', '=', userId), row('high_id', '=', userId)]))
        .execute();
      return new Map(
        rows.map((row) => [
          row.conversation_id as ConversationId,
          (row.low_id === userId ? row.high_id : row.low_id) as UserId,
        ]),
      );
    },

    async directsWith(userId, others) {
      const asked = dialect.texts(others);
      const { rows } = await sql<{ conversation_id: ConversationId; low_id: UserId; high_id: UserId }>`
        select conversation_id, low_id, high_id from conversations
        where low_id = ${userId} and high_id in (select value from ${asked} as asked)
        union
        select conversation_id, low_id, high_id from conversations
        where high_id = ${userId} and low_id in (select value from ${asked} as asked)`.execute(query);
      return new Map(rows.map((row) => [row.low_id === userId ? row.high_id : row.low_id, row.conversation_id]));
    },

    async members(conversationId, after, limit, text = '') {
      const pattern = likeWords(text);
      if (pattern === null && text.trim() !== '') return [];
      const rows = await members()
        .innerJoin('users', 'users.user_id', 'members.user_id')
        .select(['users.name', 'users.display_name', 'users.state', 'users.bot', 'users.avatar'])
        .where('members.conversation_id', '=', conversationId)
        .where('members.member', '=', 1)
        .where('users.name', '>', after)
        .$if(pattern !== null, (some) => some.where(sql<boolean>`users.words like ${pattern} escape '\\'`))
        .orderBy('users.name')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...memberOf(row), ...namesOf(row) }));
    },

    async touch(conversationIds) {
      // One by one: several nodes may touch the same ones at once, and none waits for another that waits for it.
      for (const conversationId of conversationIds) {
        await query
          .updateTable('conversations')
          .set({ changed_at: dialect.now() })
          .where('conversation_id', '=', conversationId)
          .execute();
      }
    },

    async keeps(after, limit) {
      const rows = await query
        .selectFrom('conversations')
        .select(['conversation_id', 'settings'])
        .where('conversation_id', '>', after ?? '')
        .orderBy('conversation_id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        conversationId: row.conversation_id as ConversationId,
        keepFor: settingsOf(row.settings).keepFor,
      }));
    },

    async ids(after, limit) {
      const rows = await query
        .selectFrom('conversations')
        .select('conversation_id')
        .where('conversation_id', '>', after ?? '')
        .orderBy('conversation_id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.conversation_id as ConversationId);
    },

    async count() {
      const { count } = await query
        .selectFrom('conversations')
        .select((row) => row.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
  };
}

function pairOf(a: UserId, b: UserId): { low: UserId; high: UserId } {
  return a < b ? { low: a, high: b } : { low: b, high: a };
}

function mustBe(conversation: ConversationRecord | null): ConversationRecord {
  if (!conversation) throw new Error('a direct conversation that was there is gone');
  return conversation;
}
