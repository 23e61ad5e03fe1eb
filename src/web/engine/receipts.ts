import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits, pace } from '../../protocol/limits.ts';
import { isPassing } from './requests.ts';
import type { Socket } from './socket.ts';
import type { State } from './state.ts';
import type { ConversationRow, DeviceMarks } from './store.ts';
import type { World } from './world.ts';

/**
 * Tells how far this device received and the person read: the first mark at once, then at most one a second in each
 * conversation, the latest; those of all conversations together. What could not be told is told with the next connection.
 */
export interface Receipts {
  delivered(conversationId: ConversationId, seq: number): void;
  read(conversationId: ConversationId, seq: number): void;
  resume(): void;
  pause(): void;
}

export function makeReceipts(parts: {
  readonly world: World;
  readonly socket: Pick<Socket, 'call'>;
  readonly state: State;
}): Receipts {
  const { world, socket, state } = parts;
  const due = new Map<ConversationId, number>();
  const toldAt = new Map<ConversationId, number>();
  let isOpen = false;
  let isTelling = false;
  let cancel: (() => void) | null = null;

  const rowOf = (id: ConversationId) => state.rows.get(id).peek();
  const owes = ({ marks, told }: ConversationRow) => marks.delivered > told.delivered || marks.read > told.read;

  function raise(id: ConversationId, by: Partial<DeviceMarks>) {
    const row = rowOf(id);
    if (!row) return;
    const marks = {
      delivered: Math.max(row.marks.delivered, by.delivered ?? 0),
      read: Math.max(row.marks.read, by.read ?? 0),
    };
    if (marks.delivered === row.marks.delivered && marks.read === row.marks.read) return;
    state.setRow({ ...row, marks });
    want(id);
  }

  function want(id: ConversationId) {
    if (!due.has(id)) due.set(id, Math.max(world.now(), (toldAt.get(id) ?? Number.NEGATIVE_INFINITY) + pace.receipts));
    plan();
  }

  function plan() {
    if (!isOpen || isTelling || due.size === 0) return;
    cancel?.();
    cancel = world.after(Math.max(0, Math.min(...due.values()) - world.now()), () => void tell());
  }

  async function tell() {
    const now = world.now();
    const ids = [...due]
      .filter(([, at]) => at <= now)
      .map(([id]) => id)
      .slice(0, limits.marksPerRequest);
    const owed = ids.flatMap((id) => rowOf(id) ?? []).filter(owes);
    for (const id of ids) due.delete(id);
    for (const row of owed) toldAt.set(row.conversation.conversationId, now);
    isTelling = true;
    if (owed.length > 0) await send(owed);
    isTelling = false;
    plan();
  }

  async function send(owed: readonly ConversationRow[]) {
    try {
      await socket.call('receipts.mark', { marks: owed.map(markOf) });
    } catch (error) {
      if (!(error instanceof AppError) || isPassing(error)) {
        for (const row of owed) want(row.conversation.conversationId);
        return;
      }
      // Refused for good, e.g. in a conversation one was removed from: nobody is told, and nobody asks again.
    }
    for (const { conversation, marks } of owed) {
      const row = rowOf(conversation.conversationId);
      if (row) state.setRow({ ...row, told: marks });
    }
  }

  return {
    delivered: (id, seq) => raise(id, { delivered: seq }),
    read: (id, seq) => raise(id, { read: seq, delivered: seq }),
    resume() {
      isOpen = true;
      for (const [id, row] of state.rows.entries()) {
        const known = row.peek();
        if (known && owes(known)) want(id);
      }
      plan();
    },
    pause: () => {
      isOpen = false;
      cancel?.();
    },
  };
}

function markOf({ conversation, marks, told }: ConversationRow) {
  return {
    conversationId: conversation.conversationId,
    ...(marks.delivered > told.delivered ? { deliveredSeq: marks.delivered } : {}),
    ...(marks.read > told.read ? { readSeq: marks.read } : {}),
  };
}
