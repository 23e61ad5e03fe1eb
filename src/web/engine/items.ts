import { computed, type ReadonlySignal } from '@preact/signals';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Conversation, Message } from '../../protocol/models.ts';
import { lastOf } from './apply.ts';
import type { Beneath } from './beneath.ts';
import type { ConversationItem, ShownMessage } from './engine.ts';
import type { Expiry } from './expiry.ts';
import { hiddenOf, makeShowing, pendingOf, reachOf, waitingOf } from './shown.ts';
import type { State } from './state.ts';
import type { OutboxRow } from './store.ts';

/** The list of conversations. A change in one makes one item anew, the rest stay the very same objects. */
export interface Items {
  readonly list: ReadonlySignal<readonly ConversationItem[]>;
  readonly unreadTotal: ReadonlySignal<number>;
  item(conversationId: ConversationId): ReadonlySignal<ConversationItem | null>;
}

export function makeItems(
  state: State,
  opened: ReadonlySignal<ReadonlySet<ConversationId>>,
  { beneath, expiry, now }: { readonly beneath: Beneath; readonly expiry: Expiry; readonly now: () => number },
): Items {
  const items = new Map<ConversationId, ReadonlySignal<ConversationItem | null>>();

  function item(id: ConversationId): ReadonlySignal<ConversationItem | null> {
    let one = items.get(id);
    if (!one) {
      one = makeItem(state, id, beneath, expiry);
      items.set(id, one);
    }
    return one;
  }

  const all = computed(() => {
    state.listed.value;
    const found: ConversationItem[] = [];
    for (const [id] of state.rows.entries()) {
      const one = item(id).value;
      if (one) found.push(one);
    }
    return found;
  });

  return {
    item,
    list: computed(() => all.value.filter((one) => isShown(one, opened.value)).sort(inOrder)),
    unreadTotal: computed(() => all.value.reduce((sum, one) => sum + countedOf(one, now()), 0)),
  };
}

/** What a conversation adds to the badge of the app. */
function countedOf({ conversation: { mine }, unread, mentions }: ConversationItem, now: number): number {
  const isQuiet = mine.archived || (mine.mutedUntil ?? 0) > now;
  return isQuiet ? mentions : Math.max(unread, mine.markedUnread ? 1 : 0);
}

function isShown({ conversation, last, draft }: ConversationItem, opened: ReadonlySet<ConversationId>): boolean {
  return conversation.kind === 'group' || last !== null || draft !== '' || opened.has(conversation.conversationId);
}

const isPinned = (item: ConversationItem) => Number(item.conversation.mine.pinned);
const inOrder = (a: ConversationItem, b: ConversationItem) =>
  isPinned(b) - isPinned(a) ||
  b.time - a.time ||
  (a.conversation.conversationId < b.conversation.conversationId ? -1 : 1);

function makeItem(
  state: State,
  id: ConversationId,
  beneath: Beneath,
  expiry: Expiry,
): ReadonlySignal<ConversationItem | null> {
  const showing = makeShowing(state, () => state.rows.get(id).value?.conversation.kind === 'group');
  return computed(() => {
    const row = state.rows.get(id).value;
    if (!row) return null;
    const rows = state.outbox.get(id).value;
    const conversation = withKeeping(row.conversation, rows);
    const me = state.owner.value?.userId ?? null;
    const profileOf = (userId: Parameters<typeof state.profiles.get>[0]) => state.profiles.get(userId).value;
    const peer = conversation.peerId === null ? null : profileOf(conversation.peerId);
    const self = conversation.kind === 'direct' && conversation.peerId === me;
    const waiting = waitingOf(rows, row.known).at(-1);
    const last = waiting ? showing.waiting(waiting) : stored();
    return {
      conversation,
      title: conversation.kind === 'group' ? conversation.title : self ? '' : (peer?.displayName ?? ''),
      peer,
      self,
      last,
      lastSender: last?.sender ?? null,
      unread: conversation.mine.unread,
      mentions: conversation.mine.mentions,
      draft: state.drafts.get(id).value?.text ?? '',
      typing: state.typing.get(id).value.flatMap((userId) => profileOf(userId) ?? []),
      time: last?.time ?? conversation.createdAt,
    };

    function stored(): ShownMessage | null {
      const newest = lastOf(conversation);
      if (!row || !newest) return null;
      const message = (last: Message) => showing.message(last, reachOf(row, me), pendingOf(rows).get(last.seq));
      const gone = expiry.isOver(newest.expiresAt) ? [newest.seq] : [];
      const hidden = new Set([...hiddenOf(row, rows), ...gone]);
      if (!hidden.has(newest.seq)) return message(newest);
      const below = beneath.under(newest, hidden);
      return below ? message(below) : { ...message(newest), text: '', removed: true, state: null };
    }
  });
}

/** As it will be when what waits is stored. */
export function withKeeping(conversation: Conversation, rows: readonly OutboxRow[]): Conversation {
  const changes = rows.flatMap(({ work }) => (work.op === 'conversation.setMine' ? [work.change] : []));
  if (changes.length === 0) return conversation;
  return { ...conversation, mine: Object.assign({ ...conversation.mine }, ...changes) };
}
