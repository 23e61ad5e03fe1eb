import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import { withoutContent } from '../../protocol/fold.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Entry, Message, Profile } from '../../protocol/models.ts';
import { fold, isReadable } from './apply.ts';
import { type Drafts, nothingWritten } from './drafts.ts';
import type { ConversationItem, Jumped, OpenConversation, Quote, ShownMessage } from './engine.ts';
import type { Expiry } from './expiry.ts';
import type { Journal } from './journal.ts';
import type { ConversationLog, Page } from './log.ts';
import { nextMention } from './mentions.ts';
import { makeOriginals } from './originals.ts';
import type { Outbox } from './outbox.ts';
import { joined, withEntry } from './pieces.ts';
import type { Presence } from './presence.ts';
import type { Reader } from './reader.ts';
import type { Receipts } from './receipts.ts';
import type { Requests } from './requests.ts';
import { hiddenOf, makeShowing, pendingOf, type Referred, reachOf, replyToIn, replyToOf, waitingOf } from './shown.ts';
import type { State } from './state.ts';
import type { OutboxRow } from './store.ts';
import { stretchAt } from './stretches.ts';
import type { Work } from './work.ts';

export interface ViewParts {
  readonly state: State;
  readonly journal: Journal;
  readonly log: ConversationLog;
  readonly reader: Reader;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly receipts: Receipts;
  readonly presence: Presence;
  readonly requests: Requests;
  readonly expiry: Expiry;
  readonly isVisible: () => boolean;
  readonly item: ReadonlySignal<ConversationItem | null>;
  /** A screen uses it again, or does not any more. */
  readonly onUse: (isUsed: boolean) => void;
}

export interface View extends OpenConversation {
  /** A screen shows it (again): it opens where reading stopped. */
  shown(): void;
  /** What is stored may be other than it was: shows it anew. */
  reload(): void;
  /** Nobody will use it again. */
  end(): void;
}

const pageSize = 50;
/** Messages shown above the first unread one. */
const lead = 15;
/** More than anybody looks through while writing a name. */
const foundMembers = 20;

export function openView(conversationId: ConversationId, parts: ViewParts): View {
  const { state, journal, log, reader, outbox, drafts, receipts, presence, requests, expiry, item, onUse } = parts;
  const row = state.rows.get(conversationId);
  const waiting = state.outbox.get(conversationId);
  const draft = state.drafts.get(conversationId);
  const window = signal<Page | null>(null);
  const loading = signal<'older' | 'newer' | 'first' | null>(null);
  const unreadFrom = signal<number | null>(null);
  const showing = makeShowing(state, () => row.value?.conversation.kind === 'group');
  const originals = makeOriginals(conversationId, parts);
  /** Rises whenever another piece is to be shown; what was asked for the former one is then of no use. */
  let piece = 0;
  let isShown = false;
  /** Where the person jumped to last; shown again where everything is read anew. */
  let jumpedTo: number | null = null;
  let opening: Promise<void> = Promise.resolve();
  /** Entries that changed others while something was being read. */
  let missed: Entry[] = [];
  let reads = 0;
  let people: Promise<readonly Profile[]> | null = null;
  const knownSeq = () => row.peek()?.known ?? 0;

  const firstSeq = computed(() => {
    const conversation = row.value?.conversation;
    return Math.max(1, conversation?.mine.spans[0]?.from ?? 1, conversation?.head.firstSeq ?? 1);
  });
  const atEnd = computed(() => (window.value?.to ?? -1) >= (row.value?.known ?? 0));

  const hidden = computed(() => (row.value ? hiddenOf(row.value, waiting.value) : new Set<number>()));

  const bySeq = computed(() => new Map(window.value?.messages.map(({ message }) => [message.seq, message])));

  /** A message that another one refers to, taken from what is loaded where it is there. */
  function referred(seq: number): Referred {
    if (hidden.value.has(seq)) return 'hidden';
    const found = bySeq.value.get(seq) ?? originals.of(seq);
    return typeof found === 'object' && expiry.isOver(found.expiresAt) ? withoutContent(found) : found;
  }

  /** What had its time is gone without a trace. */
  const isGone = ({ seq, expiresAt }: Message) =>
    seq < firstSeq.value || hidden.value.has(seq) || expiry.isOver(expiresAt);

  const messages = computed((): readonly ShownMessage[] => {
    const here = window.value;
    const conversation = row.value;
    if (!here || !conversation) return [];
    const reach = reachOf(conversation, state.owner.value?.userId ?? null);
    const pending = pendingOf(waiting.value);
    const quoted = (replyTo: number | undefined) => (replyTo === undefined ? null : referred(replyTo));
    const shown = here.messages
      .filter(({ message }) => !isGone(message))
      .map(({ message }) => showing.message(message, reach, pending.get(message.seq), quoted(replyToOf(message))));
    if (atEnd.value) {
      const keys = new Set(shown.map((one) => one.key));
      for (const one of waitingOf(waiting.value, conversation.known))
        if (!keys.has(one.key)) shown.push(showing.waiting(one, quoted(replyToIn(one.work))));
    }
    showing.keep(shown);
    return shown;
  });

  const quoteOf = (seq: number) => showing.quote(seq, referred(seq));

  const stopListening = log.listen(conversationId, {
    applied(entry, kept, known) {
      if (!kept) {
        missed.push(entry);
        originals.change(entry);
      }
      const here = window.peek();
      if (here) window.value = withEntry(here, entry, kept, known);
    },
    reached(known, reached) {
      const here = window.peek();
      if (here && here.to >= known) window.value = { ...here, to: Math.max(here.to, reached) };
    },
    dropped: reload,
  });
  const stopWaiting = row.subscribe((known) => {
    if (!known || !isShown || loading.peek()) return;
    const here = window.peek();
    // All that is shown is older than it is kept.
    if (here && here.to > 0 && here.to < known.conversation.head.firstSeq && here.to < known.known) reload();
    else if (!here) begin();
  });

  function begin() {
    jumpedTo = null;
    const place = startOf();
    unreadFrom.value = place === 'end' ? null : place;
    openAt(place).catch(() => {});
  }

  function reload() {
    const place = stillAt();
    piece++;
    loading.value = null;
    window.value = null;
    originals.forget();
    if (isShown && row.peek()) openAt(place ?? startOf()).catch(() => {});
  }

  /** Where the person jumped to, so long as they are there. */
  function stillAt(): number | null {
    const here = window.peek();
    if (jumpedTo === null || !here) return jumpedTo;
    return !atEnd.peek() && here.from <= jumpedTo && jumpedTo <= here.to ? jumpedTo : null;
  }

  /** Why a seq cannot be jumped to, as far as that is known here; what is beyond the head may just be on its way. */
  function whyNot(seq: number): Jumped | null {
    const conversation = row.peek()?.conversation;
    if (hidden.peek().has(seq)) return 'hidden';
    return conversation && seq <= conversation.head.seq && !isReadable(conversation, seq) ? 'unreadable' : null;
  }

  async function jump(place: number | 'end'): Promise<Jumped> {
    onUse(true);
    const reason = place === 'end' ? null : whyNot(place);
    if (reason) return reason;
    jumpedTo = place === 'end' ? null : place;
    const here = window.peek();
    const isHere = place === 'end' ? atEnd.peek() : here && here.from <= place && place <= here.to;
    if (!isHere || loading.peek() === 'first') openAt(place).catch(() => {});
    // It may be read anew while it is waited for.
    for (let one: unknown = null; one !== opening; ) {
      const now = opening;
      one = now;
      await now.catch((error: unknown) => {
        if (now === opening) throw error;
      });
    }
    if (place === 'end' || bySeq.peek().has(place)) return 'there';
    return whyNot(place) ?? 'nowhere';
  }

  /** Where reading stopped, or the end. */
  function startOf(): number | 'end' {
    const conversation = row.peek()?.conversation;
    if (!conversation || conversation.mine.unread === 0) return 'end';
    return Math.max(conversation.mine.readSeq + 1, firstSeq.peek());
  }

  function openAt(place: number | 'end'): Promise<void> {
    opening = readAt(place);
    return opening;
  }

  async function readAt(place: number | 'end'): Promise<void> {
    const mine = ++piece;
    loading.value = 'first';
    try {
      await reading(
        () => (place === 'end' ? end() : around(place)),
        (page) => {
          if (mine === piece) window.value = page;
        },
      );
    } finally {
      if (mine === piece) loading.value = null;
    }
  }

  /**
   * Reads, and shows it together with what was applied in the meantime. No turn passes between the last look at the log
   * and `show`, or an entry could fall between them.
   */
  async function reading(read: () => Promise<Page | null>, show: (page: Page) => void): Promise<void> {
    if (reads++ === 0) missed = [];
    try {
      let known = knownSeq();
      let page = await read();
      while (page && page.to >= known && page.to < knownSeq()) {
        known = knownSeq();
        page = joined(page, (await newer(page)) ?? { messages: [], from: page.to, to: known }, 'newer');
      }
      if (page) show({ ...page, messages: page.messages.map((kept) => missed.reduce(fold, kept)) });
    } finally {
      reads--;
    }
  }

  async function end(): Promise<Page> {
    const last = row.peek()?.stretches.at(-1);
    if (row.peek()?.conversation.head.seq === 0) return { messages: [], from: 1, to: 0 };
    if (last && last.to >= knownSeq()) return stored(last.from, last.to, 'newest', pageSize);
    return reader.history(conversationId, null, pageSize);
  }

  async function around(seq: number): Promise<Page> {
    const stretch = stretchAt(row.peek()?.stretches ?? [], seq);
    if (!stretch) return reader.historyFrom(conversationId, Math.max(1, seq - 1), seq + pageSize - lead, pageSize);
    const [before, after] = await Promise.all([
      stored(stretch.from, seq - 1, 'newest', lead),
      stored(seq, stretch.to, 'oldest', pageSize - lead),
    ]);
    return { messages: [...before.messages, ...after.messages], from: before.from, to: after.to };
  }

  async function stored(from: number, to: number, end: 'oldest' | 'newest', limit: number): Promise<Page> {
    const found = await journal.messages({ conversationId, from, to, end, limit });
    for (const kept of found) log.mind(kept);
    if (found.length < limit) return { messages: found, from, to };
    if (end === 'newest') return { messages: found, from: found[0]?.message.seq ?? from, to };
    return { messages: found, from, to: found.at(-1)?.message.seq ?? to };
  }

  async function load(which: 'older' | 'newer', read: (here: Page) => Promise<Page | null>): Promise<void> {
    const here = window.peek();
    if (!here || loading.peek()) return;
    const mine = piece;
    loading.value = which;
    try {
      await reading(
        () => read(here),
        (page) => {
          const now = window.peek();
          if (mine === piece && now) window.value = joined(now, page, which);
        },
      );
    } finally {
      if (mine === piece) loading.value = null;
    }
  }

  async function older({ from }: Page): Promise<Page | null> {
    if (from <= firstSeq.peek()) return null;
    const stretch = stretchAt(row.peek()?.stretches ?? [], from - 1);
    return stretch
      ? stored(stretch.from, from - 1, 'newest', pageSize)
      : reader.history(conversationId, from, pageSize);
  }

  async function newer({ to }: Page): Promise<Page | null> {
    if (to >= knownSeq()) return null;
    const stretch = stretchAt(row.peek()?.stretches ?? [], to + 1);
    return stretch
      ? stored(to + 1, stretch.to, 'oldest', pageSize)
      : reader.historyFrom(conversationId, to + 1, to + 1 + pageSize, pageSize);
  }

  function rowOf(key: string): OutboxRow | undefined {
    const seq = window.peek()?.messages.find(({ message }) => message.clientId === key)?.message.seq;
    return waiting.peek().find(({ key: its, work }) => its === key || ('seq' in work && work.seq === seq));
  }

  function write(work: Work) {
    onUse(true);
    presence.type(conversationId, false);
    outbox.add(conversationId, work);
  }

  const change = (work: Work) => outbox.add(conversationId, work);
  const writing = () => draft.peek() ?? nothingWritten;

  return {
    item,
    messages,
    hasOlder: computed(() => window.value !== null && window.value.from > firstSeq.value),
    atEnd,
    loading,
    unreadFrom,
    draft: computed(() => draft.value?.text ?? ''),
    replyingTo: computed(() => (draft.value?.replyTo == null ? null : quoteOf(draft.value.replyTo))),
    pinned: computed(() => (row.value?.conversation.pins ?? []).map(quoteOf).filter(isToBeSeen)),
    typing: computed(() => item.value?.typing ?? []),
    loadOlder: () => load('older', older),
    loadNewer: () => load('newer', newer),
    jumpTo: jump,
    setDraft(text) {
      onUse(true);
      if (text === writing().text) return;
      drafts.set(conversationId, { text, replyTo: writing().replyTo });
      presence.type(conversationId, text.trim() !== '');
    },
    reply(replyTo) {
      onUse(true);
      drafts.set(conversationId, { text: writing().text, replyTo });
    },
    send(text, { preview } = {}) {
      const { replyTo } = writing();
      drafts.set(conversationId, nothingWritten);
      write({
        op: 'message.send',
        text,
        ...(replyTo === null ? {} : { replyTo }),
        ...(preview === undefined ? {} : { preview }),
      });
    },
    sendPoll: (poll) => write({ op: 'poll.create', ...poll }),
    forward({ seq, text, sender, forwarded, message }, to) {
      if (seq === null || message?.kind !== 'message') return;
      const first = message.body.forwarded ?? { userId: message.senderId, displayName: sender?.displayName ?? '' };
      const shown = {
        text,
        forwarded: { ...first, displayName: forwarded ?? first.displayName } as typeof message.body.forwarded,
      };
      outbox.add(to, { op: 'message.forward', from: { conversationId, seq }, shown });
    },
    retry(key) {
      const one = rowOf(key);
      if (one) outbox.retry(one);
    },
    discard(key) {
      const one = rowOf(key);
      if (one) outbox.discard(one);
    },
    edit: (seq, text) => change({ op: 'message.edit', seq, text }),
    remove: (seq) => change({ op: 'message.remove', seq }),
    hide: (seq) => change({ op: 'message.hide', seqs: [seq] }),
    react: (seq, emoji, on) => change({ op: 'message.react', seq, emoji, on }),
    vote: (seq, options) => change({ op: 'poll.vote', seq, options: [...options].sort((a, b) => a - b) }),
    async closePoll(seq) {
      await requests.ask('poll.close', { conversationId, seq });
    },
    async pin(seq, on) {
      await requests.ask('message.pin', { conversationId, seq, on });
    },
    reactions: (seq) => allReactions(requests, { conversationId, seq }),
    wordings: async (seq) => (await requests.ask('message.edits', { conversationId, seq })).wordings,
    members() {
      people ??= requests
        .ask('conversation.members', { conversationId, limit: limits.pageItems })
        .then(({ members }) => members.map(({ profile }) => profile));
      people.catch(() => {
        people = null;
      });
      return people;
    },
    async findMembers(query) {
      const ask = { conversationId, query, limit: foundMembers };
      return (await requests.ask('conversation.members', ask)).members.map(({ profile }) => profile);
    },
    nextMention: () => nextMention(conversationId, { state, journal, reader }),
    markRead(seq) {
      if (!parts.isVisible()) return;
      const known = row.peek();
      if (!known || seq <= known.conversation.mine.readSeq) return;
      batch(() => {
        log.read(conversationId, seq);
        receipts.read(conversationId, seq);
      });
    },
    close() {
      isShown = false;
      people = null;
      drafts.leave(conversationId);
      onUse(false);
    },
    shown() {
      if (isShown) return;
      isShown = true;
      if (!row.peek()) return;
      if (item.peek()?.conversation.mine.markedUnread)
        change({ op: 'conversation.setMine', change: { markedUnread: false } });
      const place = startOf();
      const here = window.peek();
      const isHere = here && (place === 'end' ? atEnd.peek() : here.from < place && place <= here.to);
      if (isHere) unreadFrom.value = place === 'end' ? null : place;
      else begin();
    },
    reload() {
      jumpedTo = null;
      reload();
    },
    end() {
      stopListening();
      stopWaiting();
    },
  };
}

/** A removal takes a pin down without an entry of its own. */
const isToBeSeen = ({ is }: Quote) => is === 'there' || is === 'loading';

/** All of them, page by page: an emoji that two pages share stands once. */
async function allReactions(requests: Requests, place: { conversationId: ConversationId; seq: number }) {
  const found = new Map<string, UserId[]>();
  for (let [after, more] = [0, true]; more; ) {
    const page = await requests.ask('message.reactions', { ...place, after, limit: limits.pageItems });
    for (const { emoji, userIds } of page.reactions) {
      found.set(emoji, [...(found.get(emoji) ?? []), ...userIds]);
      after += userIds.length;
    }
    more = page.more;
  }
  return [...found].map(([emoji, userIds]) => ({ emoji, userIds }));
}
