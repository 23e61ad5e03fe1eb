import { type Selectable, sql, type Transaction } from 'kysely';
import type { Change, ConversationStore, OwedEntry } from '../../ports/conversation-store.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import type { MemberRole, Span } from '../../protocol/models.ts';
import { spansOf } from './conversation-rows.ts';
import type { Database } from './database.ts';
import type { Dialect } from './dialect.ts';
import type { OwedRow, Schema } from './schema.ts';

type Entry = OwedEntry['entry'];

/** Everybody a new entry lets in reads from here when the conversation began with it. */
const beginning = 1;

/** Changes of a conversation's members, roles and title, and the entries they owe to its log. */
export function makeMembership(database: Database): Pick<ConversationStore, 'change' | 'owed' | 'owing' | 'settle'> {
  const { query, dialect } = database;

  return {
    async change(conversationId, version, change, { clientId, senderId }) {
      return await database.write(async (transaction) => {
        if ((await lockedVersion(transaction, dialect, conversationId)) !== version) return null;
        const { entry, joined = 0, title } = await apply(transaction, dialect, conversationId, change);
        await transaction
          .updateTable('conversations')
          .set((row) => ({
            version: version + 1,
            member_count: row('member_count', '+', joined),
            changed_at: dialect.now(),
            ...(title === undefined ? {} : { title }),
          }))
          .where('conversation_id', '=', conversationId)
          .execute();
        const owed: OwedEntry = { conversationId, version: version + 1, clientId, senderId, entry };
        await insertOwed(transaction, dialect, owed);
        return owed;
      });
    },

    async owed(conversationId) {
      const rows = await query
        .selectFrom('owed_entries')
        .selectAll()
        .where('conversation_id', '=', conversationId)
        .where('settled_seq', 'is', null)
        .orderBy('version')
        .execute();
      return rows.map(owedOf);
    },

    async owing(before, limit) {
      const rows = await query
        .selectFrom('owed_entries')
        .select('conversation_id')
        .where('settled_seq', 'is', null)
        .where('created_at', '<', before)
        .groupBy('conversation_id')
        .orderBy((row) => row.fn.min('created_at'))
        .orderBy('conversation_id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.conversation_id as ConversationId);
    },

    async settle(conversationId, version, seq) {
      await database.write(async (transaction) => {
        if ((await lockedVersion(transaction, dialect, conversationId)) === null) return;
        await transaction
          .updateTable('owed_entries')
          .set({ settled_seq: seq })
          .where('conversation_id', '=', conversationId)
          .where('version', '=', version)
          .execute();
        await takeEffect(transaction, dialect, conversationId);
      });
    },
  };
}

export async function insertOwed(transaction: Transaction<Schema>, dialect: Dialect, owed: OwedEntry): Promise<void> {
  await transaction
    .insertInto('owed_entries')
    .values({
      conversation_id: owed.conversationId,
      version: owed.version,
      client_id: owed.clientId,
      sender_id: owed.senderId,
      kind: owed.entry.kind,
      body: JSON.stringify(owed.entry.body),
      created_at: dialect.now(),
      settled_seq: null,
    })
    .execute();
}

/** Makes them members, those who are none; answers who was let in, in the order given. */
export async function letIn(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  conversationId: ConversationId,
  userIds: readonly UserId[],
  { role, spans }: { readonly role: MemberRole; readonly spans: readonly Span[] },
): Promise<readonly UserId[]> {
  const { rows } = await sql<{ user_id: UserId }>`
    insert into members
      (conversation_id, user_id, role, member, spans, changed_at, marks_changed_at, joined_at)
    select ${conversationId}, value, ${role}, 1, ${JSON.stringify(spans)},
      ${dialect.now()}, ${dialect.now()}, ${dialect.now()}
    from ${dialect.texts([...new Set(userIds)])} as asked where true
    on conflict (conversation_id, user_id) do update set
      role = excluded.role, member = 1, changed_at = excluded.changed_at, joined_at = excluded.joined_at
      where members.member = 0
    returning user_id
  `.execute(transaction);
  const admitted = new Set(rows.map((row) => row.user_id));
  return [...new Set(userIds)].filter((userId) => admitted.has(userId));
}

/** Keeps every other change of the conversation waiting until this write is over. Null: there is no such conversation. */
async function lockedVersion(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  conversationId: ConversationId,
): Promise<number | null> {
  const row = await transaction
    .selectFrom('conversations')
    .select('version')
    .where('conversation_id', '=', conversationId)
    .modifyEnd(dialect.lock())
    .executeTakeFirst();
  return row?.version ?? null;
}

/** What a change did: the entry that says so, how many more members there are, and the new title. */
interface Effect {
  readonly entry: Entry;
  readonly joined?: number;
  readonly title?: string;
}

async function apply(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  conversationId: ConversationId,
  change: Change,
): Promise<Effect> {
  const setRole = (role: MemberRole) =>
    transaction
      .updateTable('members')
      .set({ role, changed_at: dialect.now() })
      .where('conversation_id', '=', conversationId)
      .where('member', '=', 1);
  const letOut = async (userId: UserId) => {
    const { numUpdatedRows } = await setRole('member')
      .set({ member: 0 })
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
    return -Number(numUpdatedRows);
  };

  switch (change.type) {
    case 'add': {
      const userIds = await letIn(transaction, dialect, conversationId, change.userIds, { role: 'member', spans: [] });
      return { entry: { kind: 'joined', body: { userIds: [...userIds] } }, joined: userIds.length };
    }
    case 'remove':
      return {
        joined: await letOut(change.userId),
        entry: { kind: 'removed', body: { userId: change.userId } },
      };
    case 'leave': {
      const { userId, heir } = change;
      const joined = await letOut(userId);
      if (heir !== null) await setRole('owner').where('user_id', '=', heir).execute();
      return { joined, entry: { kind: 'left', body: { userId, heir } } };
    }
    case 'role': {
      const { userId, role } = change;
      if (role === 'owner') await setRole('admin').where('role', '=', 'owner').where('user_id', '<>', userId).execute();
      await setRole(role).where('user_id', '=', userId).execute();
      return { entry: { kind: 'role', body: { userId, role } } };
    }
    case 'title':
      return { entry: { kind: 'title', body: { title: change.title } }, title: change.title };
  }
}

/**
 * Opens and closes spans for what is settled, in the order of versions: whoever was let in and out again while nothing
 * was settled must end up out. So an entry whose elders are not settled waits for them.
 */
async function takeEffect(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  conversationId: ConversationId,
): Promise<void> {
  const rows = await transaction
    .selectFrom('owed_entries')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .orderBy('version')
    .execute();
  for (const row of rows) {
    if (row.settled_seq === null) return;
    await moveSpans(transaction, dialect, conversationId, movement(owedOf(row), row.settled_seq));
    await transaction
      .deleteFrom('owed_entries')
      .where('conversation_id', '=', conversationId)
      .where('version', '=', row.version)
      .execute();
  }
}

interface Movement {
  readonly userIds: readonly UserId[];
  readonly spans: (before: readonly Span[]) => readonly Span[];
}

function movement({ entry, senderId }: OwedEntry, seq: number): Movement {
  const opening = (from: number) => (spans: readonly Span[]) =>
    spans.at(-1)?.to === null ? spans : [...spans, { from, to: null }];
  const closing = (spans: readonly Span[]) => spans.map((span) => (span.to === null ? { ...span, to: seq } : span));

  switch (entry.kind) {
    case 'created':
      return { userIds: [senderId, ...entry.body.userIds], spans: opening(beginning) };
    case 'joined':
      return { userIds: entry.body.userIds, spans: opening(seq) };
    case 'left':
    case 'removed':
      return { userIds: [entry.body.userId], spans: closing };
    case 'role':
    case 'title':
      return { userIds: [], spans: (before) => before };
  }
}

async function moveSpans(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  conversationId: ConversationId,
  { userIds, spans }: Movement,
): Promise<void> {
  if (userIds.length === 0) return;
  const rows = await transaction
    .selectFrom('members')
    .select(['user_id', 'spans'])
    .where('conversation_id', '=', conversationId)
    .where('user_id', 'in', (row) => row.selectFrom(dialect.texts(userIds).as('asked')).select('asked.value'))
    .execute();
  const moved = rows.map((row) => ({ user_id: row.user_id, spans: JSON.stringify(spans(spansOf(row.spans))) }));
  const given = dialect.rows({ user_id: 'text', spans: 'text' }, moved);
  await sql`
    update members set spans = given.spans, changed_at = ${dialect.now()}
    from ${given} as given
    where members.conversation_id = ${conversationId} and members.user_id = given.user_id
  `.execute(transaction);
}

function owedOf(row: Selectable<OwedRow>): OwedEntry {
  return {
    conversationId: row.conversation_id as ConversationId,
    version: row.version,
    clientId: row.client_id as ClientId,
    senderId: row.sender_id as UserId,
    entry: { kind: row.kind, body: JSON.parse(row.body) } as Entry,
  };
}
