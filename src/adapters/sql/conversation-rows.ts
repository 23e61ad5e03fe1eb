import type { Selectable } from 'kysely';
import type { ConversationRecord, MemberRecord, PersonalRecord } from '../../ports/conversation-store.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { type Draft, type GroupSettings, plainSettings, type Span } from '../../protocol/models.ts';
import type { ConversationRow, MemberRow } from './schema.ts';

/** Beside a member's columns, which name the conversation already. */
export const conversationFields = [
  'conversations.kind',
  'conversations.title',
  'conversations.created_at',
  'conversations.version',
  'conversations.member_count',
  'conversations.settings',
  'conversations.pins',
] as const;

export const conversationColumns = ['conversations.conversation_id', ...conversationFields] as const;

export const memberColumns = [
  'members.conversation_id',
  'members.user_id',
  'members.role',
  'members.member',
  'members.spans',
  'members.joined_seq',
  'members.barred',
  'members.delivered_seq',
  'members.read_seq',
  'members.pinned',
  'members.archived',
  'members.muted_until',
  'members.marked_unread',
  'members.changed_at',
  'conversations.changed_at as conversation_changed_at',
] as const;

/** Beside a member's columns: what only that person's own state carries. */
export const personalFields = [
  'members.draft_text',
  'members.draft_reply_to',
  'members.draft_at',
  'members.hidden',
] as const;

type ConversationFields = Pick<
  Selectable<ConversationRow>,
  'conversation_id' | 'kind' | 'title' | 'created_at' | 'version' | 'member_count' | 'settings' | 'pins'
>;

type MemberFields = Pick<
  Selectable<MemberRow>,
  | 'conversation_id'
  | 'user_id'
  | 'role'
  | 'member'
  | 'spans'
  | 'joined_seq'
  | 'barred'
  | 'delivered_seq'
  | 'read_seq'
  | 'pinned'
  | 'archived'
  | 'muted_until'
  | 'marked_unread'
  | 'changed_at'
> & { readonly conversation_changed_at: number };

type PersonalFields = MemberFields &
  Pick<Selectable<MemberRow>, 'draft_text' | 'draft_reply_to' | 'draft_at' | 'hidden'>;

export function conversationOf(row: ConversationFields): ConversationRecord {
  return {
    conversationId: row.conversation_id as ConversationId,
    kind: row.kind,
    title: row.title,
    createdAt: row.created_at,
    version: row.version,
    memberCount: row.member_count,
    settings: settingsOf(row.settings),
    pins: seqsOf(row.pins),
  };
}

export function memberOf(row: MemberFields): MemberRecord {
  const spans = spansOf(row.spans);
  return {
    conversationId: row.conversation_id as ConversationId,
    userId: row.user_id as UserId,
    role: row.role,
    member: row.member === 1,
    spans,
    joinedSeq: row.joined_seq ?? spans.at(-1)?.from ?? 0,
    barred: row.barred === 1,
    deliveredSeq: row.delivered_seq,
    readSeq: row.read_seq,
    keeping: {
      pinned: row.pinned === 1,
      archived: row.archived === 1,
      mutedUntil: row.muted_until,
      markedUnread: row.marked_unread === 1,
    },
    changedAt: Math.max(row.changed_at, row.conversation_changed_at),
  };
}

export function personalOf(row: PersonalFields): PersonalRecord {
  return { ...memberOf(row), draft: draftOf(row), hidden: seqsOf(row.hidden) };
}

export function spansOf(text: string): readonly Span[] {
  return JSON.parse(text) as Span[];
}

export function settingsOf(text: string): GroupSettings {
  return { ...plainSettings, ...(JSON.parse(text) as Partial<GroupSettings>) };
}

export function seqsOf(text: string): readonly number[] {
  return JSON.parse(text) as number[];
}

function draftOf({ draft_text: text, draft_reply_to: replyTo, draft_at: at }: PersonalFields): Draft | null {
  return text === null || at === null ? null : { text: JSON.parse(text) as string, replyTo, at };
}
