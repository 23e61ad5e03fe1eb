import { computed, type Signal, signal } from '@preact/signals';
import { AppError } from '../../../src/protocol/errors.ts';
import { foldMessage } from '../../../src/protocol/fold.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { Entry, Message, Profile } from '../../../src/protocol/models.ts';
import { lastOf } from '../../../src/web/engine/apply.ts';
import type { ConversationItem, OpenConversation, ShownMessage } from '../../../src/web/engine/engine.ts';
import { plain, type Referred, type Showing } from '../../../src/web/engine/shown.ts';
import { asConversation, type DemoConversation, messageAt, people, userIdOf } from './demo-world.ts';

const page = 50;
const windowSize = 600;

export interface DemoOpen {
  hear(text: string): void;
}

/** Of every conversation: a message that cannot be jumped to. */
const unreadableSeq = 7;

type ProfileOf = (id: UserId) => Signal<Profile | null>;

/** Others read all but the last few messages. */
const reachOf = ({ count }: DemoConversation) => ({ read: count - 5, delivered: count - 2 });

export function itemOf(demo: DemoConversation, profile: ProfileOf, showing: Showing): ConversationItem {
  const conversation = asConversation(demo, demo.count - demo.unread);
  const peer = conversation.peerId === null ? null : profile(conversation.peerId).peek();
  const newest = lastOf(conversation);
  const last = newest && showing.message(newest, reachOf(demo));
  return {
    conversation,
    title: demo.kind === 'group' ? demo.title : (peer?.displayName ?? ''),
    peer,
    self: peer?.userId === userIdOf(0),
    last:
      demo.failed === null || last === null
        ? last
        : { ...last, mine: true, state: 'failed', text: demo.failed, seq: null },
    lastSender: last?.sender ?? null,
    unread: demo.unread,
    mentions: demo.mentions,
    draft: demo.draft,
    typing: demo.typing.map((number) => people[number] as Profile),
    time: demo.lastTime,
  };
}

interface OpenDemo {
  readonly demo: DemoConversation | undefined;
  readonly item: Signal<ConversationItem> | Signal<ConversationItem | null>;
  readonly showing: Showing;
  readonly answer: <T>(make: () => T) => Promise<T>;
  readonly now: number;
}

export function openDemo({ demo, item, showing, answer, now }: OpenDemo): OpenConversation & DemoOpen {
  const total = demo?.count ?? 0;
  const start =
    demo !== undefined && demo.unread > 0 ? Math.max(1, total - demo.unread - 15) : Math.max(1, total - page);
  /** Both ends included. */
  const range = signal({ from: start, to: Math.min(total, start + page) });
  const loading = signal<OpenConversation['loading']['value']>(null);
  const added = signal<readonly ShownMessage[]>(
    demo?.failed == null ? [] : [waiting(demo.failed, now - 20_000, 'failed')],
  );
  const changed = signal<ReadonlyMap<number, Message>>(new Map());
  const hidden = signal<ReadonlySet<number>>(new Set());
  const replyTo = signal<number | null>(demo?.draft === '' ? null : total - 3);
  const draft = signal(demo?.draft ?? '');
  const shown = signal(false);

  const messageOf = (seq: number): Message => changed.value.get(seq) ?? messageAt(demo as DemoConversation, seq);
  const quoted = (message: Message): Referred | null => {
    if (message.kind !== 'message' || message.body.replyTo === undefined) return null;
    return message.body.replyTo % 7 === 0 ? 'hidden' : messageOf(message.body.replyTo);
  };
  const at = (seq: number): ShownMessage => {
    const message = messageOf(seq);
    return showing.message(message, reachOf(demo as DemoConversation), undefined, quoted(message));
  };
  const change = (seq: number, what: object) => {
    const message = messageOf(seq);
    const entry = { ...message, senderId: userIdOf(0), ...what, target: seq } as Entry;
    changed.value = new Map([...changed.peek(), [seq, foldMessage(message, entry)]]);
  };
  const atEnd = computed(() => range.value.to >= total);
  const load = async (which: 'older' | 'newer' | 'first', next: () => { from: number; to: number }) => {
    if (loading.peek() !== null) return;
    loading.value = which;
    try {
      await answer(() => {
        range.value = next();
      });
    } finally {
      loading.value = null;
    }
  };
  if (demo !== undefined) {
    void load('first', () => {
      shown.value = true;
      return range.peek();
    }).catch(() => undefined);
  }
  return {
    item,
    messages: computed(() => {
      if (demo === undefined || !shown.value) return [];
      const { from, to } = range.value;
      const list: ShownMessage[] = [];
      for (let seq = from; seq <= to; seq += 1) if (!hidden.value.has(seq)) list.push(at(seq));
      return atEnd.value ? [...list, ...added.value] : list;
    }),
    hasOlder: computed(() => range.value.from > 1),
    atEnd,
    loading,
    unreadFrom: signal(demo === undefined || demo.unread === 0 ? null : total - demo.unread + 1),
    draft,
    replyingTo: computed(() =>
      replyTo.value === null ? null : showing.quote(replyTo.value, messageOf(replyTo.value)),
    ),
    pinned: computed(() => (item.value?.conversation.pins ?? []).map((seq) => showing.quote(seq, messageOf(seq)))),
    typing: computed(() => item.value?.typing ?? []),
    loadOlder: () =>
      load('older', () => {
        const { from, to } = range.peek();
        const next = Math.max(1, from - page);
        return { from: next, to: Math.min(to, next + windowSize) };
      }),
    loadNewer: () =>
      load('newer', () => {
        const { from, to } = range.peek();
        const next = Math.min(total, to + page);
        return { from: Math.max(from, next - windowSize), to: next };
      }),
    jumpTo: (seq) =>
      answer(() => {
        if (seq === unreadableSeq) return 'unreadable';
        const from = Math.max(1, seq === 'end' ? total - page : seq - page / 2);
        const { from: have, to } = range.peek();
        if (seq === 'end' ? !atEnd.peek() : seq < have || seq > to)
          range.value = { from, to: Math.min(total, from + page) };
        if (seq === 'end') return 'there';
        return seq > total ? 'nowhere' : 'there';
      }),
    setDraft: (text) => {
      draft.value = text;
    },
    reply: (seq) => {
      replyTo.value = seq;
    },
    sendPoll: ({ question, options, several }) => {
      const poll = {
        question,
        several,
        closed: false,
        voters: 0,
        voted: false,
        options: options.map((text) => ({ text, userIds: [], mine: false })),
      };
      added.value = [...added.value, { ...waiting(question, Date.now(), 'waiting'), poll }];
    },
    forward: () => undefined,
    hide: (seq) => {
      hidden.value = new Set([...hidden.peek(), seq]);
    },
    react: (seq, emoji, on) =>
      change(seq, { kind: 'reaction', body: { changes: [{ userId: userIdOf(0), emoji, on }] } }),
    vote: (seq, options) => change(seq, { kind: 'vote', body: { votes: [{ userId: userIdOf(0), options }] } }),
    closePoll: (seq) => answer(() => change(seq, { kind: 'poll_closed', body: {} })),
    pin: (seq, on) =>
      answer(() => {
        const before = item.peek();
        if (before === null) return;
        const others = before.conversation.pins.filter((one) => one !== seq);
        const conversation = { ...before.conversation, pins: on ? [seq, ...others] : others };
        (item as Signal<ConversationItem | null>).value = { ...before, conversation };
      }),
    reactions: (seq) =>
      answer(() => (messageOf(seq).reactions ?? []).map(({ emoji, userIds }) => ({ emoji, userIds: [...userIds] }))),
    wordings: (seq) =>
      answer(() => [
        { text: 'Are you comming on Saturday?', time: now - 7_200_000 },
        { text: 'Are you coming on Saturday? At six, by the old harbour, and bring a coat.', time: now - 5_200_000 },
        { text: at(seq).text, time: now - 3_600_000 },
      ]),
    members: () => answer(() => (demo?.members ?? []).map((number) => people[number] as Profile)),
    findMembers: () => answer(() => people.slice(0, 20)),
    nextMention: () => answer(() => (demo === undefined ? null : total - 4)),
    send: (text) => {
      draft.value = '';
      replyTo.value = null;
      added.value = [...added.value, waiting(text, Date.now(), 'waiting')];
    },
    retry: (key) => {
      added.value = added.value.map((one) => (one.key === key ? { ...one, state: 'waiting', error: null } : one));
    },
    discard: (key) => {
      added.value = added.value.filter((one) => one.key !== key);
    },
    edit: (seq, text) => change(seq, { kind: 'edit', body: { text } }),
    remove: (seq) => change(seq, { kind: 'removal', body: {} }),
    markRead: (seq) => {
      const now = item.peek();
      if (now === null) return;
      const unread = Math.max(0, Math.min(now.unread, total + added.peek().length - seq));
      if (unread !== now.unread) (item as Signal<ConversationItem | null>).value = { ...now, unread };
    },
    close: () => undefined,
    hear: (text) => {
      const seq = total + added.peek().length + 1;
      const sender = people[demo?.members[1] ?? 1] as Profile;
      const message = {
        conversationId: (demo as DemoConversation).id,
        seq,
        time: Date.now(),
        clientId: `heard-${seq}` as Message['clientId'],
        senderId: sender.userId,
        kind: 'message' as const,
        body: { text },
      };
      const before = item.peek();
      added.value = [...added.value, { ...showing.message(message, { read: 0, delivered: 0 }), seq }];
      if (before !== null) (item as Signal<ConversationItem | null>).value = { ...before, unread: before.unread + 1 };
    },
  };
}

let waitingCount = 0;

function waiting(text: string, time: number, state: 'waiting' | 'failed'): ShownMessage {
  waitingCount += 1;
  return {
    ...plain,
    key: `waiting-${waitingCount}`,
    seq: null,
    message: null,
    text,
    mine: true,
    sender: null,
    time,
    state,
    error: state === 'failed' ? new AppError('forbidden', 'not_a_member') : null,
  };
}
