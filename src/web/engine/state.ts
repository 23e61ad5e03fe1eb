import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { Account, Privacy, Profile } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import type { Journal } from './journal.ts';
import type { ConversationRow, Draft, Loaded, OutboxRow, Owner } from './store.ts';

/** One signal per key, made on first use. */
export interface SignalMap<K, V> {
  get(key: K): Signal<V>;
  entries(): Iterable<[K, Signal<V>]>;
  /** Every signal goes back to its first value. */
  reset(): void;
}

export function makeSignalMap<K, V>(first: V): SignalMap<K, V> {
  const signals = new Map<K, Signal<V>>();
  return {
    get(key) {
      let one = signals.get(key);
      if (!one) {
        one = signal(first);
        signals.set(key, one);
      }
      return one;
    },
    entries: () => signals.entries(),
    reset() {
      for (const one of signals.values()) one.value = first;
    },
  };
}

/** All that is known here, in memory. What lasts is written to the journal with every change. */
export interface State {
  readonly owner: Signal<Owner | null>;
  readonly me: Signal<Account | null>;
  readonly about: Signal<Output<'instance.about'> | null>;
  readonly cursor: Signal<string | null>;
  /** What I let others see of me; null until it is known. */
  readonly privacy: Signal<Privacy | null>;
  /** Whom I block, as the server knows it… */
  readonly blocks: Signal<ReadonlySet<UserId>>;
  /** …what it has still to be told… */
  readonly blockWishes: Signal<ReadonlyMap<UserId, boolean>>;
  /** …and as it will be then. */
  readonly blocked: ReadonlySignal<ReadonlySet<UserId>>;
  readonly rows: SignalMap<ConversationId, ConversationRow | null>;
  /** Another value whenever a conversation is new. */
  readonly listed: ReadonlySignal<number>;
  readonly profiles: SignalMap<UserId, Profile | null>;
  readonly outbox: SignalMap<ConversationId, readonly OutboxRow[]>;
  readonly drafts: SignalMap<ConversationId, Draft | null>;
  readonly typing: SignalMap<ConversationId, readonly UserId[]>;
  readonly presence: SignalMap<UserId, { readonly online: boolean; readonly lastSeenAt: number | null } | null>;

  setMe(me: Account): void;
  setAbout(about: Output<'instance.about'>): void;
  setCursor(cursor: string | null): void;
  setPrivacy(privacy: Privacy): void;
  setBlocks(blocks: ReadonlySet<UserId>): void;
  setBlockWishes(wishes: ReadonlyMap<UserId, boolean>): void;
  setRow(row: ConversationRow): void;
  setProfile(profile: Profile): void;
  /** Adds, or replaces the row of the same key. */
  putOutbox(row: OutboxRow): void;
  dropOutbox(row: OutboxRow): void;
  setDraft(draft: Draft): void;
  /** Takes what the store held. */
  load(loaded: Loaded): void;
  /** Takes rows of the outbox that another tab wrote. */
  loadOutbox(rows: readonly OutboxRow[]): void;
  /** Forgets what comes back by `sync`: not the outbox, not drafts. */
  forgetCache(): void;
  forgetAll(): void;
}

/** Those stored by earlier versions were never told to the server. */
const firstDraft = { replyTo: null, at: 0, owed: true };

const inOrder = (a: OutboxRow, b: OutboxRow) => a.order - b.order || (a.key < b.key ? -1 : 1);

export function makeState(journal: Journal): State {
  const owner = signal<Owner | null>(null);
  const me = signal<Account | null>(null);
  const about = signal<Output<'instance.about'> | null>(null);
  const cursor = signal<string | null>(null);
  const privacy = signal<Privacy | null>(null);
  const blocks = signal<ReadonlySet<UserId>>(new Set());
  const blockWishes = signal<ReadonlyMap<UserId, boolean>>(new Map());
  const listed = signal(0);
  const rows = makeSignalMap<ConversationId, ConversationRow | null>(null);
  const profiles = makeSignalMap<UserId, Profile | null>(null);
  const outbox = makeSignalMap<ConversationId, readonly OutboxRow[]>([]);
  const drafts = makeSignalMap<ConversationId, Draft | null>(null);
  const typing = makeSignalMap<ConversationId, readonly UserId[]>([]);
  const presence: State['presence'] = makeSignalMap<UserId, { online: boolean; lastSeenAt: number | null } | null>(
    null,
  );

  /** What was dropped here may still be read from the store by who asked before. */
  const dropped = new Set<OutboxRow['key']>();

  function showRow(row: ConversationRow) {
    const one = rows.get(row.conversation.conversationId);
    const isNew = one.peek() === null;
    batch(() => {
      one.value = row;
      if (isNew) listed.value++;
    });
  }

  function showOutbox(row: OutboxRow) {
    const list = outbox.get(row.conversationId);
    list.value = [...list.value.filter((one) => one.key !== row.key), row].sort(inOrder);
  }

  /** Neither of us sees any more whether the other is there. */
  function forgetPresence(userIds: Iterable<UserId>) {
    for (const userId of userIds) if (presence.get(userId).peek() !== null) presence.get(userId).value = null;
  }

  function forgetCache() {
    batch(() => {
      cursor.value = null;
      rows.reset();
      typing.reset();
    });
  }

  return {
    owner,
    me,
    about,
    cursor,
    privacy,
    blocks,
    blockWishes,
    blocked: computed(() => withWishes(blocks.value, blockWishes.value)),
    rows,
    listed,
    profiles,
    outbox,
    drafts,
    typing,
    presence,
    setMe(account) {
      me.value = account;
      journal.put('facts', 'me', account);
    },
    setAbout(now) {
      about.value = now;
      journal.put('facts', 'about', now);
    },
    setCursor(next) {
      cursor.value = next;
      journal.put('facts', 'cursor', next ?? undefined);
    },
    setPrivacy(decided) {
      privacy.value = decided;
      journal.put('facts', 'privacy', decided);
    },
    setBlocks(now) {
      forgetPresence(now);
      blocks.value = now;
      journal.put('facts', 'blocks', [...now]);
    },
    setBlockWishes(wishes) {
      forgetPresence([...wishes].flatMap(([userId, on]) => (on ? [userId] : [])));
      blockWishes.value = wishes;
      journal.put('facts', 'blockWishes', wishes.size === 0 ? undefined : [...wishes]);
    },
    setRow(row) {
      showRow(row);
      journal.put('conversations', row.conversation.conversationId, row);
    },
    setProfile(profile) {
      const one = profiles.get(profile.userId);
      if (JSON.stringify(one.peek()) === JSON.stringify(profile)) return;
      one.value = profile;
      journal.put('profiles', profile.userId, profile);
    },
    putOutbox(row) {
      showOutbox(row);
      journal.put('outbox', row.key, row);
    },
    dropOutbox(row) {
      dropped.add(row.key);
      const list = outbox.get(row.conversationId);
      list.value = list.value.filter((one) => one.key !== row.key);
      journal.put('outbox', row.key, undefined);
    },
    setDraft(draft) {
      const { conversationId, text, replyTo, owed } = draft;
      drafts.get(conversationId).value = draft;
      const isOver = text === '' && replyTo === null && !owed;
      journal.put('drafts', conversationId, isOver ? undefined : draft);
    },
    load(loaded) {
      batch(() => {
        owner.value = loaded.facts.owner ?? null;
        me.value = loaded.facts.me ?? null;
        about.value ??= loaded.facts.about ?? null;
        cursor.value = loaded.facts.cursor ?? null;
        privacy.value = loaded.facts.privacy ?? null;
        blocks.value = new Set(loaded.facts.blocks);
        blockWishes.value = new Map(loaded.facts.blockWishes);
        for (const profile of loaded.profiles) profiles.get(profile.userId).value = profile;
        for (const row of loaded.conversations) showRow(row);
        for (const draft of loaded.drafts) drafts.get(draft.conversationId).value = { ...firstDraft, ...draft };
        for (const row of loaded.outbox) showOutbox(row);
      });
    },
    loadOutbox(found) {
      batch(() => {
        for (const row of found) {
          const known = outbox.get(row.conversationId).value.some((one) => one.key === row.key);
          if (!known && !dropped.has(row.key)) showOutbox(row);
        }
      });
    },
    forgetCache,
    forgetAll() {
      batch(() => {
        forgetCache();
        owner.value = null;
        me.value = null;
        privacy.value = null;
        blocks.value = new Set();
        blockWishes.value = new Map();
        profiles.reset();
        outbox.reset();
        drafts.reset();
        presence.reset();
      });
    },
  };
}

function withWishes(blocks: ReadonlySet<UserId>, wishes: ReadonlyMap<UserId, boolean>): ReadonlySet<UserId> {
  if (wishes.size === 0) return blocks;
  const wanted = new Set(blocks);
  for (const [userId, on] of wishes) {
    if (on) wanted.add(userId);
    else wanted.delete(userId);
  }
  return wanted;
}
