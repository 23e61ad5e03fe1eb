import type { Message } from '../../protocol/models.ts';
import type { Kept } from './apply.ts';
import type { State } from './state.ts';
import type { Work } from './work.ts';

/** Own messages of so long ago are sent again after the instance was restored. */
export const resendMs = 30 * 24 * 60 * 60_000;

/**
 * The instance was restored: what it lost of this person's messages is sent again under the old clientIds, and what names
 * a seq of before is dropped. A message that the log still holds is answered by its entry.
 */
export function resendAfterRestore(
  state: Pick<State, 'outbox' | 'putOutbox' | 'dropOutbox'>,
  own: readonly Kept[],
): void {
  for (const [, rows] of [...state.outbox.entries()]) {
    for (const row of rows.peek()) {
      const work = withoutSeqs(row.work);
      if (work === null) state.dropOutbox(row);
      else if (row.sent || work !== row.work) state.putOutbox({ ...row, work, sent: null });
    }
  }
  for (const { message } of own) {
    const work = workOf(message);
    if (work === null) continue;
    const { conversationId, clientId: key, time } = message;
    state.putOutbox({ key, conversationId, order: time, time, work, again: true, sent: null, error: null });
  }
}

/** A reply without its quote: what stands at that seq now may be another message. */
function withoutSeqs(work: Work): Work | null {
  if (work.op === 'message.send') {
    const { replyTo, ...rest } = work;
    return replyTo === undefined ? work : rest;
  }
  return work.op === 'poll.create' || work.op === 'conversation.setMine' ? work : null;
}

/** What makes it anew. What was forwarded is not sent again: it would stand under my name. */
function workOf(message: Message): Work | null {
  if (message.emptied) return null;
  if (message.kind === 'poll') return { op: 'poll.create', ...message.body };
  if (message.kind !== 'message' || message.body.forwarded) return null;
  const { text, preview } = message.body;
  return { op: 'message.send', text, ...(preview === undefined ? {} : { preview }) };
}
