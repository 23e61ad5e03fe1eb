import { type Selectable, sql, type Transaction } from 'kysely';
import type { Change, ConversationStore, OwedEntry } from '../../ports/conversation-store.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import type { GroupSettings, MemberRole, Span } from '../../protocol/models.ts';
import { seqsOf, settingsOf, spansOf } from './conversation-rows.ts';
import type { Database } from './database.ts';
import type { Dialect } from './dialect.ts';
import type { ConversationRow, OwedRow, Schema } from './schema.ts';

type Entry = OwedEntry['entry'];

/** From here read those whom the conversation began with, and those to whom it shows its past. */
const beginning = 1;

/** Changes of a conversation's members, roles, title, settings and pins, and the entries they owe to its log. */
export function makeMembership(
  database: Database,
): Pick<ConversationStore, 'change' | 'owed' | 'owing' | 'settle' | 'unpin'> {
  const { query, dialect } = database;

  return {
    async change(conversationId, version, change, { clientId, senderId }) {
      return await database.write(async (transaction) => {
        const present = await locked(transaction, dialect, conversationId);
        if (present?.version !== version) return null;
        const {
          entry,
          target = null,
          opensAt = null,
          joined = 0,
          fields,
        } = await apply(transaction, dialect, present, change);
        await transaction
          .updateTable('conversations')
          .set((row) => ({
            version: version + 1,
            member_count: row('member_count', '+', joined),
            changed_at: dialect.now(),
            ...fields,
          }))
          .where('conversation_id', '=', conversationId)
          .execute();
        const owed: OwedEntry = { conversationId, version: version + 1, clientId, senderId, target, entry };
        await insertOwed(transaction, dialect, owed, opensAt);
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
        if ((await locked(transaction, dialect, conversationId)) === null) return;
        await transaction
          .updateTable('owed_entries')
          .set({ settled_seq: seq })
          .where('conversation_id', '=', conversationId)
          .where('version', '=', version)
          .execute();
        await takeEffect(transaction, dialect, conversationId);
      });
    },

    async unpin(conversationId, seq) {
      // Mostly it is not pinned: nobody has to wait for each other to see that.
      const seen = await query
        .selectFrom('conversations')
        .select('pins')
        .where('conversation_id', '=', conversationId)
        .executeTakeFirst();
      if (!seen || !seqsOf(seen.pins).includes(seq)) return;
      await database.write(async (transaction) => {
        const present = await locked(transaction, dialect, conversationId);
        if (!present || !seqsOf(present.pins).includes(seq)) return;
        await transaction
          .updateTable('conversations')
          .set({ pins: JSON.stringify(withoutPin(present, seq)), changed_at: dialect.now() })
          .where('conversation_id', '=', conversationId)
          .execute();
      });
    },
  };
}

export async function insertOwed(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  owed: OwedEntry,
  opensAt: number | null = null,
): Promise<void> {
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
      target: owed.target,
      opens_at: opensAt,
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
      role = excluded.role, member = 1, barred = 0, changed_at = excluded.changed_at, joined_at = excluded.joined_at
      where members.member = 0
    returning user_id
  `.execute(transaction);
  const admitted = new Set(rows.map((row) => row.user_id));
  return [...new Set(userIds)].filter((userId) => admitted.has(userId));
}

/** Keeps every other change of the conversation waiting until this write is over. Null: there is no such conversation. */
async function locked(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  conversationId: ConversationId,
): Promise<Present | null> {
  const row = await transaction
    .selectFrom('conversations')
    .select(['conversation_id', 'version', 'settings', 'pins'])
    .where('conversation_id', '=', conversationId)
    .modifyEnd(dialect.lock())
    .executeTakeFirst();
  return row ?? null;
}

type Present = Pick<Selectable<ConversationRow>, 'conversation_id' | 'version' | 'settings' | 'pins'>;

function withoutPin({ pins }: Present, seq: number): readonly number[] {
  return seqsOf(pins).filter((pinned) => pinned !== seq);
}

/**
 * What a change did: the entry that says so and what it targets, from where those read who join by it, how many more members
 * there are, and what is new in the conversation's own row.
 */
interface Effect {
  readonly entry: Entry;
  readonly target?: number;
  readonly opensAt?: number | null;
  readonly joined?: number;
  readonly fields?: Partial<Pick<Selectable<ConversationRow>, 'title' | 'settings' | 'pins'>>;
}

async function apply(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  present: Present,
  change: Change,
): Promise<Effect> {
  const conversationId = present.conversation_id as ConversationId;
  const setRole = (role: MemberRole) =>
    transaction
      .updateTable('members')
      .set({ role, changed_at: dialect.now() })
      .where('conversation_id', '=', conversationId)
      .where('member', '=', 1);
  const letOut = async (userId: UserId, barred: 0 | 1) => {
    const { numUpdatedRows } = await setRole('member')
      .set({ member: 0, barred })
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
    return -Number(numUpdatedRows);
  };

  switch (change.type) {
    case 'add': {
      const userIds = await letIn(transaction, dialect, conversationId, change.userIds, { role: 'member', spans: [] });
      return {
        entry: { kind: 'joined', body: { userIds: [...userIds] } },
        opensAt: settingsOf(present.settings).showsPast ? beginning : null,
        joined: userIds.length,
      };
    }
    case 'remove':
      return {
        joined: await letOut(change.userId, 1),
        entry: { kind: 'removed', body: { userId: change.userId } },
      };
    case 'leave': {
      const { userId, heir } = change;
      const joined = await letOut(userId, 0);
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
      return { entry: { kind: 'title', body: { title: change.title } }, fields: { title: change.title } };
    case 'settings':
      return {
        entry: { kind: 'settings', body: { ...change.settings, changed: changedIn(present, change.settings) } },
        fields: { settings: JSON.stringify(change.settings) },
      };
    case 'pin': {
      const { seq, on } = change;
      const others = withoutPin(present, seq);
      const pins = on ? [seq, ...others] : others;
      return { entry: { kind: 'pin', body: { on } }, target: seq, fields: { pins: JSON.stringify(pins) } };
    }
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
    await moveSpans(transaction, dialect, conversationId, movement(row, row.settled_seq));
    await transaction
      .deleteFrom('owed_entries')
      .where('conversation_id', '=', conversationId)
      .where('version', '=', row.version)
      .execute();
  }
}

/** What somebody may read, and since when they are in. */
interface Stay {
  readonly spans: readonly Span[];
  readonly joinedSeq: number | null;
}

interface Movement {
  readonly userIds: readonly UserId[];
  readonly move: (before: Stay) => Stay;
}

function movement(row: Selectable<OwedRow>, seq: number): Movement {
  const { entry, senderId } = owedOf(row);
  const opening = (from: number) => (before: Stay) => {
    if (before.spans.at(-1)?.to === null) return before;
    const earlier = before.spans.filter((span) => span.from < from);
    return { spans: [...earlier, { from, to: null }], joinedSeq: seq };
  };
  const closing = ({ spans, joinedSeq }: Stay) => ({
    spans: spans.map((span) => (span.to === null ? { ...span, to: seq } : span)),
    joinedSeq,
  });

  switch (entry.kind) {
    case 'created':
      return { userIds: [senderId, ...entry.body.userIds], move: opening(beginning) };
    case 'joined':
      return { userIds: entry.body.userIds, move: opening(row.opens_at ?? seq) };
    case 'left':
    case 'removed':
      return { userIds: [entry.body.userId], move: closing };
    default:
      return { userIds: [], move: (before) => before };
  }
}

async function moveSpans(
  transaction: Transaction<Schema>,
  dialect: Dialect,
  conversationId: ConversationId,
  { userIds, move }: Movement,
): Promise<void> {
  if (userIds.length === 0) return;
  const rows = await transaction
    .selectFrom('members')
    .select(['user_id', 'spans', 'joined_seq'])
    .where('conversation_id', '=', conversationId)
    .where('user_id', 'in', (row) => row.selectFrom(dialect.texts(userIds).as('asked')).select('asked.value'))
    .execute();
  const moved = rows.map((row) => {
    const { spans, joinedSeq } = move({ spans: spansOf(row.spans), joinedSeq: row.joined_seq });
    return { user_id: row.user_id, spans: JSON.stringify(spans), joined_seq: joinedSeq };
  });
  const given = dialect.rows({ user_id: 'text', spans: 'text', joined_seq: 'number' }, moved);
  await sql`
    update members set spans = given.spans, joined_seq = given.joined_seq, changed_at = ${dialect.now()}
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
    target: row.target,
    entry: { kind: row.kind, body: JSON.parse(row.body) } as Entry,
  };
}

function changedIn({ settings }: Present, wanted: GroupSettings): string[] {
  const before = settingsOf(settings);
  return (Object.keys(wanted) as (keyof GroupSettings)[]).filter((name) => before[name] !== wanted[name]);
}
