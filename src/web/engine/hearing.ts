import { batch } from '@preact/signals';
import type { EventBody, ServerEvent } from '../../protocol/events.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { isUnreadFor, withMarks } from './apply.ts';
import type { ConversationLog } from './log.ts';
import type { Outbox } from './outbox.ts';
import type { Presence } from './presence.ts';
import type { Reader } from './reader.ts';
import type { Receipts } from './receipts.ts';
import type { State } from './state.ts';
import type { Sync } from './sync.ts';
import type { World } from './world.ts';

/** An event comes within this after the answer, or it was lost. */
const lateMs = 2_000;

/** Puts what the server tells where it belongs, and asks for what it hints at. */
export function makeHearing(parts: {
  readonly world: Pick<World, 'after'>;
  readonly state: State;
  readonly log: ConversationLog;
  readonly reader: Reader;
  readonly outbox: Outbox;
  readonly receipts: Receipts;
  readonly presence: Presence;
  readonly sync: Sync;
}) {
  const { world, state, log, reader, outbox, receipts, presence, sync } = parts;
  const sought = new Set<UserId>();
  /** Marks that were heard while states are asked for, which may say less. */
  let overtaking: EventBody<'receipts.moved'>[] | null = null;
  const me = () => state.owner.peek()?.userId ?? null;

  function hear(entry: Entry) {
    const heard = log.hear(entry);
    if (heard === 'unknown') sync.run();
    if (heard === 'gap') reader.readOn(entry.conversationId, entry.seq).then(outbox.sweep, () => {});
  }

  /** Who that is comes by `sync`. */
  function seek(userId: UserId) {
    if (state.profiles.get(userId).peek() || sought.has(userId)) return;
    sought.add(userId);
    sync.run();
  }

  function onMarks({ conversationId, marks }: EventBody<'receipts.moved'>) {
    const row = state.rows.get(conversationId).peek();
    if (!row) return;
    const own = marks.find((mark) => mark.userId === me());
    const others = marks.filter((mark) => mark.userId !== me());
    const conversation = { ...row.conversation, marks: withMarks(row.conversation.marks, others) };
    const told = { ...row.told, read: Math.max(row.told.read, own?.readSeq ?? 0) };
    state.setRow({ ...row, conversation, told });
    if (own) log.read(conversationId, own.readSeq);
  }

  function hearMarks(moved: EventBody<'receipts.moved'>) {
    overtaking?.push(moved);
    onMarks(moved);
  }

  return {
    hear,
    /** States are asked for. */
    onAsk() {
      overtaking = [];
    },
    /** They were learnt. */
    onLearnt() {
      for (const moved of overtaking ?? []) onMarks(moved);
      overtaking = null;
    },
    /** There is an entry, of which the event must come. */
    expect(conversationId: ConversationId, seq: number) {
      world.after(lateMs, () => {
        const known = state.rows.get(conversationId).peek()?.known ?? seq;
        if (known < seq) reader.readOn(conversationId, seq).then(outbox.sweep, () => {});
      });
    },
    onEvent(event: ServerEvent) {
      if (event.event === 'entry.appended') hear(event.body);
      else if (event.event === 'receipts.moved') batch(() => hearMarks(event.body));
      else if (event.event === 'profiles.changed') {
        batch(() => {
          for (const profile of event.body.profiles) state.setProfile(profile);
        });
      } else if (event.event === 'typing.changed') presence.typing(event.body);
      else if (event.event === 'presence.changed') presence.seen(event.body.people);
      else if (event.event === 'changed') sync.run();
    },
    /** An entry has taken its place in the log. */
    onEntry(entry: Entry) {
      const { conversationId, senderId, seq } = entry;
      outbox.settle(entry);
      if (isUnreadFor(me(), entry)) receipts.delivered(conversationId, seq);
      if (senderId) seek(senderId);
      if (entry.kind !== 'joined' || entry.emptied) return;
      for (const userId of entry.body.userIds) {
        // My new span comes by `sync`.
        if (userId === me()) sync.run();
        else seek(userId);
      }
    },
  };
}
