import type { Selectable } from 'kysely';
import type { ConversationRecord, MemberRecord } from '../../ports/conversation-store.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { Span } from '../../protocol/models.ts';
import type { ConversationRow, MemberRow } from './schema.ts';

/** Beside a member's columns, which name the conversation already. */
export const conversationFields = [
  'conversations.kind',
  'conversations.title',
  'conversations.created_at',
  'conversations.version',
  'conversations.member_count',
] as const;

export const conversationColumns = ['conversations.conversation_id', ...conversationFields] as const;

export const memberColumns = [
  'members.conversation_id',
  'members.user_id',
  'members.role',
  'members.member',
  'members.spans',
  'members.delivered_seq',
  'members.read_seq',
  'members.changed_at',
  'conversations.changed_at as conversation_changed_at',
] as const;

type ConversationFields = Pick<
  Selectable<ConversationRow>,
  'conversation_id' | 'kind' | 'title' | 'created_at' | 'version' | 'member_count'
>;

type MemberFields = Pick<
  Selectable<MemberRow>,
  'conversation_id' | 'user_id' | 'role' | 'member' | 'spans' | 'delivered_seq' | 'read_seq' | 'changed_at'
> & { readonly conversation_changed_at: number };

export function conversationOf(row: ConversationFields): ConversationRecord {
  return {
    conversationId: row.conversation_id as ConversationId,
    kind: row.kind,
    title: row.title,
    createdAt: row.created_at,
    version: row.version,
    memberCount: row.member_count,
  };
}

export function memberOf(row: MemberFields): MemberRecord {
  return {
    conversationId: row.conversation_id as ConversationId,
    userId: row.user_id as UserId,
    role: row.role,
    member: row.member === 1,
    spans: spansOf(row.spans),
    deliveredSeq: row.delivered_seq,
    readSeq: row.read_seq,
    changedAt: Math.max(row.changed_at, row.conversation_changed_at),
  };
}

export function spansOf(text: string): readonly Span[] {
  return JSON.parse(text) as Span[];
}
