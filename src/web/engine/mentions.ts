import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Message } from '../../protocol/models.ts';
import { isMentioning, type Kept } from './apply.ts';
import type { Journal } from './journal.ts';
import type { Reader } from './reader.ts';
import type { State } from './state.ts';
import { stretchAt } from './stretches.ts';

const pageSize = 100;

/** The first unread message that mentions me, looked for from where reading stopped; what is not here is read. */
export async function nextMention(
  conversationId: ConversationId,
  { state, journal, reader }: { state: State; journal: Journal; reader: Pick<Reader, 'historyFrom'> },
): Promise<number | null> {
  const me = state.owner.peek()?.userId ?? null;
  const row = () => state.rows.get(conversationId).peek();
  const hidden = new Set(row()?.conversation.mine.hidden);
  const isFolded = ({ senderId }: Message) => senderId !== null && state.blocked.peek().has(senderId);
  const seqIn = (found: readonly Kept[], from: number) =>
    found.find(
      ({ message }) =>
        message.seq >= from && !hidden.has(message.seq) && !isFolded(message) && isMentioning(me, message),
    )?.message.seq;
  let from = (row()?.conversation.mine.readSeq ?? 0) + 1;
  for (let read = 0; read < limits.unreadCount; ) {
    const known = row();
    if (!known || from > known.conversation.head.seq) return null;
    const stretch = stretchAt(known.stretches, from);
    const page = stretch
      ? {
          messages: await journal.messages({ conversationId, from, to: stretch.to, limit: pageSize, end: 'oldest' }),
          to: stretch.to,
        }
      : await reader.historyFrom(conversationId, from, from + pageSize, pageSize);
    const seq = seqIn(page.messages, from);
    if (seq !== undefined) return seq;
    const isWhole = !stretch || page.messages.length < pageSize;
    const next = (isWhole ? page.to : (page.messages.at(-1)?.message.seq ?? page.to)) + 1;
    if (next <= from) return null;
    read += next - from;
    from = next;
  }
  return null;
}
