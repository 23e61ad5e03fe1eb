import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { type Backoff, makeBackoff } from './backoff.ts';
import { newClientId } from './ids.ts';
import { isPassing } from './requests.ts';
import type { Socket } from './socket.ts';
import type { State } from './state.ts';
import type { OutboxRow } from './store.ts';
import type { World } from './world.ts';

/**
 * What is written here and not in the log yet: stored first, then sent, one after the other in each conversation, under
 * the same clientId until it is answered. So it arrives in order and once, whatever breaks in between.
 */
export interface Outbox {
  add(conversationId: ConversationId, work: OutboxRow['work']): void;
  retry(row: OutboxRow): void;
  discard(row: OutboxRow): void;
  /** An entry was applied here; if it is one of ours, nothing waits for it any more. */
  settle(entry: Entry): void;
  /** The log is known here up to its row's `known`: what was stored before need not wait for its entry. */
  sweep(): void;
  /** There is a connection: send what waits. */
  resume(): void;
  pause(): void;
}

const mostDefects = 3;

export function makeOutbox(parts: {
  readonly world: World;
  readonly socket: Pick<Socket, 'call'>;
  readonly state: State;
  /** An entry of ours, made of the answer, since it may arrive before the event does. */
  readonly onStored: (entry: Entry) => void;
}): Outbox {
  const { world, socket, state, onStored } = parts;
  const sending = new Set<ConversationId>();
  const backoffs = new Map<ConversationId, Backoff>();
  const defects = new Map<OutboxRow['key'], number>();
  let isOpen = false;
  let lastOrder = 0;

  const queueOf = (id: ConversationId) => state.outbox.get(id).peek();
  const isThere = (row: OutboxRow) => queueOf(row.conversationId).some((one) => one.key === row.key);

  function pump(id: ConversationId) {
    if (!isOpen || sending.has(id)) return;
    const row = queueOf(id).find((one) => !one.sent && !one.error);
    if (!row) return;
    sending.add(id);
    void attempt(row).then((waitMs) => {
      if (waitMs > 0) {
        world.after(waitMs, () => {
          sending.delete(id);
          pump(id);
        });
        return;
      }
      sending.delete(id);
      pump(id);
    });
  }

  /** Answers how long the queue shall wait before it goes on, in ms. */
  async function attempt(row: OutboxRow): Promise<number> {
    const { conversationId, key, work } = row;
    try {
      const { op, ...rest } = work;
      const sent = await socket.call(op, { conversationId, clientId: key, ...rest } as never);
      backoffs.delete(conversationId);
      stored(row, sent as { seq: number; time: number });
      return 0;
    } catch (error) {
      return error instanceof AppError ? refused(row, error) : refused(row, new AppError('internal', 'defect'));
    }
  }

  function stored(row: OutboxRow, sent: { seq: number; time: number }) {
    defects.delete(row.key);
    if (!isThere(row)) return;
    state.putOutbox({ ...row, sent });
    const senderId = state.owner.peek()?.userId;
    if (senderId) onStored(entryOf(row, senderId, sent));
    sweepOne(row.conversationId);
  }

  function refused(row: OutboxRow, error: AppError): number {
    if (isPassing(error) || error.code === 'unauthenticated') {
      if (error.reason === 'disconnected') return isOpen ? 1000 : 0;
      const failures = (defects.get(row.key) ?? 0) + 1;
      if (error.code === 'internal') defects.set(row.key, failures);
      if (error.code !== 'internal' || failures < mostDefects) return pauseFor(row, error);
    }
    defects.delete(row.key);
    if (!isThere(row)) return 0;
    if (isDone(row, error)) state.dropOutbox(row);
    else state.putOutbox({ ...row, error: error.toWire() });
    return 0;
  }

  function pauseFor({ conversationId }: OutboxRow, error: AppError): number {
    const backoff = backoffs.get(conversationId) ?? makeBackoff(world.fraction);
    backoffs.set(conversationId, backoff);
    return Math.max(1, error.retryAfter === undefined ? backoff.next() : error.retryAfter * 1000);
  }

  function sweepOne(id: ConversationId) {
    const known = state.rows.get(id).peek()?.known ?? 0;
    for (const row of queueOf(id)) if (row.sent && row.sent.seq <= known) state.dropOutbox(row);
  }

  function resume() {
    isOpen = true;
    for (const [id] of state.outbox.entries()) pump(id);
  }

  return {
    add(conversationId, work) {
      lastOrder = Math.max(world.now(), lastOrder + 1);
      const row = { key: newClientId(world), conversationId, order: lastOrder, time: world.now(), work };
      state.putOutbox({ ...row, again: false, sent: null, error: null });
      pump(conversationId);
    },
    retry(row) {
      state.putOutbox({ ...row, error: null });
      pump(row.conversationId);
    },
    discard: (row) => state.dropOutbox(row),
    settle(entry) {
      const row = queueOf(entry.conversationId).find((one) => one.key === entry.clientId);
      if (row && entry.senderId === state.owner.peek()?.userId) state.dropOutbox(row);
    },
    sweep() {
      for (const [id] of state.outbox.entries()) sweepOne(id);
    },
    resume,
    pause: () => {
      isOpen = false;
    },
  };
}

/** The log holds what was asked for already, or nobody waits for it. */
function isDone({ work, again }: OutboxRow, { code, reason }: AppError): boolean {
  if (again || reason === 'client_id_used') return true;
  if (code === 'conflict') return work.op !== 'message.edit';
  return work.op === 'message.remove' && code === 'not_found';
}

function entryOf(row: OutboxRow, senderId: UserId, sent: { seq: number; time: number }): Entry {
  const { conversationId, key, work } = row;
  const base = { conversationId, seq: sent.seq, time: sent.time, senderId, clientId: key };
  if (work.op === 'message.send') return { ...base, kind: 'message', body: { text: work.text } };
  if (work.op === 'message.edit') return { ...base, kind: 'edit', body: { text: work.text }, target: work.seq };
  return { ...base, kind: 'removal', body: {}, target: work.seq };
}
