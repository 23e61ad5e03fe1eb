import type {
  ConversationRecord,
  ConversationStore,
  MemberRecord,
  PersonalRecord,
} from '../../ports/conversation-store.ts';
import type { Head, MessageLog } from '../../ports/message-log.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Conversation, type ListedMessage, type Message, plainSettings } from '../../protocol/models.ts';
import { isPlain, marksSeenBy } from './discretion.ts';
import { visibleHead } from './reading.ts';
import { covers } from './rules.ts';

export type Row = PersonalRecord & { readonly conversation: ConversationRecord };

/** Conversations as one of their members has them. */
export interface States {
  of(userId: UserId, rows: readonly Row[], heads: readonly Head[]): Promise<Conversation[]>;
  /** Throws `forbidden not_a_member`. */
  one(userId: UserId, conversationId: ConversationId): Promise<Conversation>;
}

type Summary = Awaited<ReturnType<MessageLog['summaries']>>[number];

export function makeStates({
  clock,
  conversations,
  messages,
  privacy,
}: Pick<Platform, 'clock' | 'conversations' | 'messages' | 'privacy'>): States {
  /** Marks as the person may see them. */
  async function marksFor(userId: UserId, conversationIds: readonly ConversationId[]) {
    const marks = await conversations.marks(conversationIds, limits.publishedMarks);
    const others = new Set([...marks.values()].flatMap((some) => some.map((mark) => mark.userId)));
    const discretion = await privacy.between(userId, [...others]);
    if (isPlain(discretion)) return marks;
    return new Map([...marks].map(([conversationId, some]) => [conversationId, marksSeenBy(userId, some, discretion)]));
  }

  async function of(userId: UserId, rows: readonly Row[], heads: readonly Head[]): Promise<Conversation[]> {
    const ids = rows.map((row) => row.conversationId);
    const direct = rows.filter((row) => row.conversation.kind === 'direct').map((row) => row.conversationId);
    const [summaries, marks, peers] = await Promise.all([
      messages.summaries(
        rows.map((row) => {
          const { conversationId, spans } = row;
          return { conversationId, userId, spans, readSeq: Math.max(row.readSeq, pastOf(row)) };
        }),
        clock.now(),
      ),
      marksFor(userId, ids),
      conversations.peers(userId, direct),
    ]);
    return rows.map((row, i) => {
      const head = heads[i] as Head;
      const summary = summaries[i] as Summary;
      // My mark is never below my last own entry, which its writing may lag behind.
      const readSeq = Math.max(row.readSeq, pastOf(row), summary.ownSeq);
      return {
        conversationId: row.conversationId,
        kind: row.conversation.kind,
        title: row.conversation.title,
        createdAt: row.conversation.createdAt,
        memberCount: row.member ? row.conversation.memberCount : 0,
        settings: row.member ? row.conversation.settings : plainSettings,
        pins: row.member ? row.conversation.pins.filter((seq) => covers(row.spans, seq)) : [],
        peerId: peers.get(row.conversationId) ?? null,
        head: visible(row, head, summary),
        last: summary.last && listed(summary.last),
        mine: {
          role: row.role,
          spans: [...row.spans],
          member: row.member,
          readSeq,
          deliveredSeq: Math.max(row.deliveredSeq, readSeq),
          unread: summary.unread,
          mentions: summary.mentions,
          ...row.keeping,
          draft: row.draft,
          hidden: [...row.hidden],
        },
        marks: othersOf(userId, row, marks),
      };
    });
  }

  return {
    of,
    one: async (userId, conversationId) => {
      const [head] = await messages.heads([conversationId]);
      const [conversation, row] = await Promise.all([
        conversations.find(conversationId),
        conversations.row(conversationId, userId),
      ]);
      if (!conversation || !row) throw new AppError('forbidden', 'not_a_member');
      const [state] = await of(userId, [{ ...row, conversation }], [head as Head]);
      return state as Conversation;
    },
  };
}

/**
 * Up to where what a person may read was there before they came: a group that shows its past does not make all of it unread.
 * 0: nothing was.
 */
function pastOf({ spans, joinedSeq }: MemberRecord): number {
  const last = spans.at(-1);
  return last && last.from < joinedSeq ? joinedSeq : 0;
}

/** Somebody who left learns neither number nor time of what came later. */
function visible({ spans, conversation }: Row, head: Head, { last }: Summary): Conversation['head'] {
  const seq = visibleHead(spans, head.seq);
  const time = seq === head.seq ? head.time : (last?.time ?? conversation.createdAt);
  return { seq, time, firstSeq: head.firstSeq };
}

function othersOf(
  userId: UserId,
  row: Row,
  marks: Awaited<ReturnType<ConversationStore['marks']>>,
): Conversation['marks'] {
  if (!row.member) return [];
  return (marks.get(row.conversationId) ?? []).filter((mark) => mark.userId !== userId && mark.deliveredSeq > 0);
}

function listed({ conversationId: _, clientId: __, ...message }: Message): ListedMessage {
  return message;
}
