import type { UserId } from '../../protocol/ids.ts';
import type { Message, Profile } from '../../protocol/models.ts';
import type { ShownMessage } from './engine.ts';
import { appError } from './http.ts';
import type { State } from './state.ts';
import type { ConversationRow, OutboxRow } from './store.ts';

/** What a message's looks depend on, beside itself. */
interface Around {
  readonly me: UserId | null;
  readonly sender: Profile | null;
  /** The furthest that anybody else received and read. */
  readonly delivered: number;
  readonly read: number;
  /** A change of it that waits in the outbox. */
  readonly change: OutboxRow | null;
}

export interface Reach {
  readonly delivered: number;
  readonly read: number;
}

/** How far others received and read. In notes to self that is everything. */
export function reachOf({ conversation }: ConversationRow, me: UserId | null): Reach {
  if (conversation.peerId === me && conversation.kind === 'direct') return { delivered: Infinity, read: Infinity };
  const others = conversation.marks.filter((mark) => mark.userId !== me);
  const read = Math.max(0, ...others.map((mark) => mark.readSeq));
  return { read, delivered: Math.max(read, ...others.map((mark) => mark.deliveredSeq)) };
}

/**
 * Makes messages as screens show them. The same message under the same circumstances is the same object, so that what did
 * not change is not drawn again.
 */
export interface Showing {
  message(message: Message, reach: Reach, change: OutboxRow | null): ShownMessage;
  waiting(row: OutboxRow): ShownMessage;
  /** Forgets all but these. */
  keep(shown: readonly ShownMessage[]): void;
}

interface Known {
  readonly of: Message | OutboxRow;
  readonly sender: Profile | null;
  readonly state: ShownMessage['state'];
  readonly change: OutboxRow | null;
  readonly shown: ShownMessage;
}

export function makeShowing(state: Pick<State, 'owner' | 'profiles'>): Showing {
  let known = new Map<string, Known>();

  const profileOf = (userId: UserId | null) => (userId === null ? null : state.profiles.get(userId).value);
  const myId = () => state.owner.value?.userId ?? null;

  function same(key: string, now: Omit<Known, 'shown'>, make: () => ShownMessage): ShownMessage {
    const before = known.get(key);
    if (
      before &&
      before.of === now.of &&
      before.sender === now.sender &&
      before.state === now.state &&
      before.change === now.change
    )
      return before.shown;
    const shown = make();
    known.set(key, { ...now, shown });
    return shown;
  }

  return {
    message(message, { delivered, read }, change) {
      const sender = profileOf(message.senderId);
      const around = { me: myId(), sender, delivered, read, change };
      const now = { of: message, sender, change, state: stateOf(message, around) };
      return same(message.clientId, now, () => storedMessage(message, around, now.state));
    },
    waiting(row) {
      const sender = profileOf(myId());
      const now = { of: row, sender, change: null, state: waitingState(row) };
      return same(row.key, now, () => waitingMessage(row, sender));
    },
    keep(shown) {
      if (known.size <= 2 * shown.length + 50) return;
      const keys = new Set(shown.map((one) => one.key));
      known = new Map([...known].filter(([key]) => keys.has(key)));
    },
  };
}

function stateOf(
  { kind, seq, senderId, emptied }: Message,
  { me, delivered, read, change }: Around,
): ShownMessage['state'] {
  if (kind !== 'message' || senderId !== me || emptied) return null;
  if (change) return change.error ? 'failed' : 'waiting';
  if (seq <= read) return 'read';
  return seq <= delivered ? 'delivered' : 'sent';
}

function storedMessage(message: Message, { me, sender, change }: Around, state: ShownMessage['state']): ShownMessage {
  const isRemoved = message.emptied === true || (change?.work.op === 'message.remove' && !change.error);
  const edited = change?.work.op === 'message.edit' ? change.work.text : null;
  const stored = message.kind === 'message' ? (message.body.text ?? '') : '';
  return {
    key: message.clientId,
    seq: message.seq,
    message,
    text: isRemoved ? '' : (edited ?? stored),
    mine: message.senderId === me,
    sender,
    time: message.time,
    edited: !isRemoved && (edited !== null || message.editedAt !== undefined),
    removed: isRemoved,
    state: isRemoved ? null : state,
    error: change?.error ? appError(change.error) : null,
  };
}

const waitingState = ({ sent, error }: OutboxRow): ShownMessage['state'] =>
  error ? 'failed' : sent ? 'sent' : 'waiting';

function waitingMessage(row: OutboxRow, sender: Profile | null): ShownMessage {
  return {
    key: row.key,
    seq: row.sent?.seq ?? null,
    message: null,
    text: row.work.op === 'message.send' ? row.work.text : '',
    mine: true,
    sender,
    time: row.sent?.time ?? row.time,
    edited: false,
    removed: false,
    state: waitingState(row),
    error: row.error ? appError(row.error) : null,
  };
}

/** Messages of the outbox that are shown behind the log's end. */
export function waitingOf(rows: readonly OutboxRow[], known: number): OutboxRow[] {
  return rows.filter((row) => row.work.op === 'message.send' && !row.again && !(row.sent && row.sent.seq <= known));
}

/** The change of each message that waits, the latest. */
export function changesOf(rows: readonly OutboxRow[]): ReadonlyMap<number, OutboxRow> {
  return new Map(rows.flatMap((row) => (row.work.op === 'message.send' ? [] : [[row.work.seq, row] as const])));
}
