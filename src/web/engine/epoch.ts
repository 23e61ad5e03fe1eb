import type { Kept } from './apply.ts';
import type { State } from './state.ts';

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
      if (row.work.op !== 'message.send') state.dropOutbox(row);
      else if (row.sent) state.putOutbox({ ...row, sent: null });
    }
  }
  for (const { message } of own) {
    if (message.kind !== 'message' || message.emptied) continue;
    const { conversationId, clientId: key, time, body } = message;
    const work = { op: 'message.send', text: body.text } as const;
    state.putOutbox({ key, conversationId, order: time, time, work, again: true, sent: null, error: null });
  }
}
