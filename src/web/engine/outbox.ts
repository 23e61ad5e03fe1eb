import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { type Backoff, makeBackoff } from './backoff.ts';
import { newClientId } from './ids.ts';
import { isPassing } from './requests.ts';
import type { Socket } from './socket.ts';
import type { State } from './state.ts';
import type { OutboxRow } from './store.ts';
import { entryOf, inputOf, isCarriedBy, isKeyed, laneOf, replaces, type Work } from './work.ts';
import type { World } from './world.ts';

/**
 * What is written or done here and not in the log yet: stored first, then sent, one after the other in each lane of a
 * conversation, what is written under the same clientId until it is answered. So it arrives in order and once, whatever
 * breaks in between.
 */
export interface Outbox {
  add(conversationId: ConversationId, work: Work): void;
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
/** The entry that says it is here long before; if not, nothing is shown in advance for ever. */
const shownInAdvanceMs = 10_000;

export function makeOutbox(parts: {
  readonly world: World;
  readonly socket: Pick<Socket, 'call'>;
  readonly state: State;
  /**
   * An entry of ours, made of the answer, since it may arrive before the event does; or where it is, when only the server
   * knows all of it.
   */
  readonly onStored: (entry: Entry) => void;
  readonly onPlace: (conversationId: ConversationId, seq: number) => void;
  /** Something that was shown in advance was refused, and is shown no more. */
  readonly onRefused: (error: AppError) => void;
}): Outbox {
  const { world, socket, state, onStored, onPlace, onRefused } = parts;
  const sending = new Set<string>();
  const underWay = new Set<OutboxRow['key']>();
  const backoffs = new Map<string, Backoff>();
  const defects = new Map<OutboxRow['key'], number>();
  let isOpen = false;
  let lastOrder = 0;

  const queueOf = (id: ConversationId) => state.outbox.get(id).peek();
  const isThere = (row: OutboxRow) => queueOf(row.conversationId).some((one) => one.key === row.key);

  const laneIn = ({ conversationId, work }: OutboxRow) => `${conversationId} ${laneOf(work)}`;

  function pump(id: ConversationId) {
    if (!isOpen) return;
    for (const row of queueOf(id)) {
      const lane = laneIn(row);
      if (row.sent || row.error || sending.has(lane)) continue;
      sending.add(lane);
      void send(row, lane);
    }
  }

  async function send(row: OutboxRow, lane: string) {
    underWay.add(row.key);
    const waitMs = await attempt(row);
    underWay.delete(row.key);
    const goOn = () => {
      sending.delete(lane);
      pump(row.conversationId);
    };
    if (waitMs > 0) world.after(waitMs, goOn);
    else goOn();
  }

  /** Answers how long the queue shall wait before it goes on, in ms. */
  async function attempt(row: OutboxRow): Promise<number> {
    const { conversationId, key, work } = row;
    try {
      const answer = await socket.call(work.op, inputOf(conversationId, key, work) as never);
      backoffs.delete(laneIn(row));
      if (isKeyed(work)) stored(row, answer as { seq: number; time: number });
      else taken(row);
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
    const { conversationId, key: clientId, work } = row;
    const entry = senderId ? entryOf(work, { conversationId, clientId, senderId, ...sent }) : null;
    if (entry) onStored(entry);
    else onPlace(conversationId, sent.seq);
    sweepOne(conversationId);
  }

  /** A state that the server has now. */
  function taken(row: OutboxRow) {
    defects.delete(row.key);
    if (!isThere(row)) return;
    const { conversationId, work } = row;
    if (work.op === 'message.react' || work.op === 'poll.vote') {
      state.putOutbox({ ...row, sent: { seq: 0, time: world.now() } });
      world.after(shownInAdvanceMs, () => state.dropOutbox(row));
      return;
    }
    const known = state.rows.get(conversationId).peek();
    if (known) {
      const { conversation } = known;
      const mine =
        work.op === 'message.hide'
          ? { ...conversation.mine, hidden: [...new Set([...conversation.mine.hidden, ...work.seqs])] }
          : work.op === 'conversation.setMine'
            ? { ...conversation.mine, ...work.change }
            : conversation.mine;
      state.setRow({ ...known, conversation: { ...conversation, mine } });
    }
    state.dropOutbox(row);
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
    const alone = withoutQuote(row.work, error);
    if (alone) state.putOutbox({ ...row, work: alone });
    else if (isDone(row, error)) state.dropOutbox(row);
    else if (!isKeyed(row.work)) {
      state.dropOutbox(row);
      onRefused(error);
    } else state.putOutbox({ ...row, error: error.toWire() });
    return 0;
  }

  function pauseFor(row: OutboxRow, error: AppError): number {
    const backoff = backoffs.get(laneIn(row)) ?? makeBackoff(world.fraction);
    backoffs.set(laneIn(row), backoff);
    return Math.max(1, error.retryAfter === undefined ? backoff.next() : error.retryAfter * 1000);
  }

  function sweepOne(id: ConversationId) {
    const known = state.rows.get(id).peek()?.known ?? 0;
    for (const row of queueOf(id)) if (row.sent && row.sent.seq > 0 && row.sent.seq <= known) state.dropOutbox(row);
  }

  function resume() {
    isOpen = true;
    for (const [id] of state.outbox.entries()) pump(id);
  }

  return {
    add(conversationId, work) {
      for (const row of queueOf(conversationId))
        if (replaces(work, row.work) && !underWay.has(row.key)) state.dropOutbox(row);
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
      const me = state.owner.peek()?.userId;
      if (me === undefined) return;
      for (const row of queueOf(entry.conversationId)) {
        const isIts = entry.senderId === me && row.key === entry.clientId;
        if (isIts || isCarriedBy(row.work, entry, me)) state.dropOutbox(row);
      }
    },
    sweep() {
      for (const [id] of state.outbox.entries()) {
        sweepOne(id);
        for (const row of queueOf(id)) if (row.sent?.seq === 0) state.dropOutbox(row);
      }
    },
    resume,
    pause: () => {
      isOpen = false;
    },
  };
}

/** What a reply answers is gone: what it says is sent all the same. */
function withoutQuote(work: Work, { code }: AppError): Work | null {
  if (work.op !== 'message.send' || work.replyTo === undefined || code !== 'not_found') return null;
  return { op: work.op, text: work.text };
}

/** The log holds what was asked for already, or nobody waits for it. */
function isDone({ work, again }: OutboxRow, { code, reason }: AppError): boolean {
  if (!isKeyed(work)) return false;
  if (again || reason === 'client_id_used') return true;
  return work.op === 'message.remove' && (code === 'conflict' || code === 'not_found');
}
