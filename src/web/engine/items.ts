import { computed, type ReadonlySignal } from '@preact/signals';
import type { ConversationId } from '../../protocol/ids.ts';
import type { ConversationItem } from './engine.ts';
import { makeShowing, reachOf, waitingOf } from './shown.ts';
import type { State } from './state.ts';

/** The list of conversations. A change in one makes one item anew, the rest stay the very same objects. */
export interface Items {
  readonly list: ReadonlySignal<readonly ConversationItem[]>;
  readonly unreadTotal: ReadonlySignal<number>;
  item(conversationId: ConversationId): ReadonlySignal<ConversationItem | null>;
}

export function makeItems(state: State, opened: ReadonlySignal<ReadonlySet<ConversationId>>): Items {
  const items = new Map<ConversationId, ReadonlySignal<ConversationItem | null>>();

  function item(id: ConversationId): ReadonlySignal<ConversationItem | null> {
    let one = items.get(id);
    if (!one) {
      one = makeItem(state, id);
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
    list: computed(() => all.value.filter((one) => isShown(one, opened.value)).sort(newestFirst)),
    unreadTotal: computed(() => all.value.reduce((sum, { unread }) => sum + unread, 0)),
  };
}

function isShown({ conversation, last, draft }: ConversationItem, opened: ReadonlySet<ConversationId>): boolean {
  return conversation.kind === 'group' || last !== null || draft !== '' || opened.has(conversation.conversationId);
}

const newestFirst = (a: ConversationItem, b: ConversationItem) =>
  b.time - a.time || (a.conversation.conversationId < b.conversation.conversationId ? -1 : 1);

function makeItem(state: State, id: ConversationId): ReadonlySignal<ConversationItem | null> {
  const showing = makeShowing(state);
  return computed(() => {
    const row = state.rows.get(id).value;
    if (!row) return null;
    const { conversation } = row;
    const me = state.owner.value?.userId ?? null;
    const profileOf = (userId: Parameters<typeof state.profiles.get>[0]) => state.profiles.get(userId).value;
    const peer = conversation.peerId === null ? null : profileOf(conversation.peerId);
    const self = conversation.kind === 'direct' && conversation.peerId === me;
    const waiting = waitingOf(state.outbox.get(id).value, row.known).at(-1);
    const stored = conversation.last && showing.message(conversation.last, reachOf(row, me), null);
    const last = waiting ? showing.waiting(waiting) : stored;
    return {
      conversation,
      title: conversation.kind === 'group' ? conversation.title : self ? '' : (peer?.displayName ?? ''),
      peer,
      self,
      last,
      lastSender: last?.sender ?? null,
      unread: conversation.mine.unread,
      draft: state.drafts.get(id).value,
      typing: state.typing.get(id).value.flatMap((userId) => profileOf(userId) ?? []),
      time: last?.time ?? conversation.createdAt,
    };
  });
}
