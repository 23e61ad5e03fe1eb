import type { Platform } from '../../ports/platform.ts';
import type { IndexChange } from '../../ports/search-index.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import type { Handlers } from '../call.ts';
import { changeOf } from './index-changes.ts';
import { type ReadWords, wordsVersion } from './search-words.ts';
import { isExpired } from './unexpired-log.ts';

/**
 * Keeps the search index behind the logs: by what it hears, and by reading on from each conversation's mark where it heard
 * nothing, missed something or was not there. Whatever fails is tried again; nobody who sends waits for it.
 */
export interface Indexing {
  /** This node dispatched an entry. Costs next to nothing and never throws. */
  heard(entry: Entry): void;
  /** A message is gone: it is out of the index before its text is erased. Never rejects. */
  drop(conversationId: ConversationId, seq: number): Promise<void>;
  start(): void;
  readonly handlers: Pick<Handlers, 'search.rebuild' | 'search.progress'>;
  stop(): Promise<void>;
}

/** What is heard gathers for so long, ms. */
const restMs = 250;
/** Between two attempts while a store is out of reach. */
const retryMs = 5_000;
/** How often all conversations are looked at, for what a node that never came back left undone. */
const aroundMs = 10 * 60_000;
/** A node that stored nothing for so long gave up what it held. */
const holdMs = 10_000;
/** Entries worked on at once, and their bytes: what the event loop spends on them is a few milliseconds. */
const sliceEntries = 100;
const sliceBytes = 32 * 1024;
const conversationsPerRound = 200;
/** Of all entries heard and not stored yet; others are read from the log. */
const mostKept = 5_000;
/** What disappears within so long is not worth finding. */
const goesSoonMs = 30_000;
/**
 * Above so many entries a second it leaves the machine to those who send: a slice, then so long nothing, and of few
 * conversations, so that what it holds is not held for longer than it may.
 */
const calmRate = 1_000;
const yieldMs = 200;
const conversationsWhileBusy = 20;

interface Waiting {
  /** Up to where the log is known to go. */
  seq: number;
  /** What was heard, without a gap. */
  entries: Entry[];
}

export function makeIndexing({
  node,
  clock,
  log,
  messages,
  conversations,
  search,
  stemmer,
  readWords,
}: Pick<Platform, 'node' | 'clock' | 'log' | 'messages' | 'conversations' | 'search' | 'stemmer'> & {
  readonly readWords: ReadWords;
}): Indexing {
  const waiting = new Map<ConversationId, Waiting>();
  const rate = makeRate(() => clock.now());
  let kept = 0;
  let prepared = false;
  /** Which conversations were looked at in this turn around; null: all were. */
  let around: ConversationId | '' | null = null;
  let timer: { readonly at: number; readonly cancel: () => void } | null = null;
  let aroundTimer: (() => void) | null = null;
  let running: Promise<void> | null = null;
  /** Ends a pause. */
  let wake = () => {};
  let stopped = false;

  function schedule(ms: number): void {
    const at = clock.now() + ms;
    if (stopped || running !== null || (timer !== null && timer.at <= at)) return;
    timer?.cancel();
    timer = { at, cancel: clock.after(ms, begin) };
  }

  function begin(): void {
    timer = null;
    let next: number | null = retryMs;
    running = work()
      .then((ms) => {
        next = ms;
      })
      .catch((error: unknown) => log.warn({ err: error }, 'the search index falls behind; it is tried again'))
      .finally(() => {
        running = null;
        // What was heard in these very last moments found nobody who would come for it.
        if (next === null && waiting.size > 0) next = restMs;
        if (next !== null) schedule(next);
      });
  }

  /** Answers when there is more to do; null: when something is heard. */
  async function work(): Promise<number | null> {
    if (!prepared) await prepare();
    if (around !== null && waiting.size < conversationsPerRound) await lookFurther(around);
    const progressed = await round();
    if (waiting.size === 0 && around === null) return null;
    return progressed || around !== null ? 0 : restMs;
  }

  async function prepare(): Promise<void> {
    const made = `${wordsVersion} ${stemmer.version} ${await messages.epoch()}`;
    if (await search.prepare(made)) log.info({ made }, 'search index begun anew');
    prepared = true;
  }

  async function lookFurther(after: ConversationId | ''): Promise<void> {
    const ids = await conversations.ids(after === '' ? null : after, conversationsPerRound);
    const [heads, marks] = [await messages.heads(ids), await search.marks(ids)];
    for (const [i, { conversationId, seq }] of heads.entries()) {
      const mark = marks[i] ?? 0;
      // The log lost what the index has: it is not the log that was indexed.
      if (mark > seq) await search.forget(conversationId);
      if (mark !== seq) expect(conversationId, seq);
    }
    around = ids.length < conversationsPerRound ? null : (ids.at(-1) ?? null);
  }

  function expect(conversationId: ConversationId, seq: number): Waiting {
    const known = waiting.get(conversationId);
    const one = known ?? { seq, entries: [] };
    one.seq = Math.max(one.seq, seq);
    if (known === undefined) waiting.set(conversationId, one);
    return one;
  }

  /** One slice of each conversation that waits, of at most so many. Answers whether any mark rose. */
  async function round(): Promise<boolean> {
    const wants = [...waiting].slice(0, isBusy() ? conversationsWhileBusy : conversationsPerRound);
    if (wants.length === 0) return false;
    const claims = await search.claim(
      node,
      wants.map(([conversationId, { seq }]) => ({ conversationId, seq })),
      holdMs,
    );
    const began = clock.now();
    let changes: IndexChange[] = [];
    let [entries, progressed] = [0, false];
    const store = async () => {
      const stored = changes;
      changes = [];
      entries = 0;
      if (stored.length === 0) return;
      const marks = await search.store(node, stored);
      stored.forEach(({ conversationId, from }, i) => {
        const mark = marks[i] ?? from;
        progressed ||= mark > from;
        settle(conversationId, mark);
      });
      if (isBusy() && !stopped) await pause(yieldMs);
    };
    for (const { conversationId, mark, mine } of claims) {
      // Somebody else may have taken over what was held too long.
      if (stopped || clock.now() > began + holdMs / 2) break;
      settle(conversationId, mark);
      if (!mine) continue;
      const change = await nextOf(conversationId, mark);
      if (change === null) continue;
      changes.push(change);
      entries += change.to - change.from;
      if (entries >= sliceEntries) await store();
    }
    await store();
    // Those that others hold let the ones behind them go first.
    for (const [conversationId] of wants) requeue(conversationId);
    return progressed;
  }

  /** All up to the mark is in the index. */
  function settle(conversationId: ConversationId, mark: number): void {
    const one = waiting.get(conversationId);
    if (one === undefined) return;
    const left = one.entries.filter(({ seq }) => seq > mark);
    kept -= one.entries.length - left.length;
    one.entries = left;
    if (one.seq <= mark) waiting.delete(conversationId);
  }

  function requeue(conversationId: ConversationId): void {
    const one = waiting.get(conversationId);
    if (one === undefined) return;
    waiting.delete(conversationId);
    waiting.set(conversationId, one);
  }

  async function nextOf(conversationId: ConversationId, mark: number): Promise<IndexChange | null> {
    const heard = waiting.get(conversationId)?.entries ?? [];
    const page =
      heard[0]?.seq === mark + 1 ? { entries: sliceOf(heard), head: mark } : await read(conversationId, mark);
    const entries = page.entries.map(unlessItGoesSoon);
    if (entries.length > 0) return changeOf(conversationId, mark, entries, readWords);
    // All the rest is older than it is kept.
    if (page.head > mark) return { conversationId, from: mark, to: page.head, added: [], edited: [], dropped: [] };
    // The log does not go as far as was heard: an older one took its place.
    waiting.delete(conversationId);
    kept -= heard.length;
    return null;
  }

  /** What is erased while its words are on their way into the index would stay in it. */
  const unlessItGoesSoon = (entry: Entry): Entry =>
    isExpired(entry, clock.now() + goesSoonMs) ? ({ ...entry, body: {}, emptied: true } as Entry) : entry;

  async function read(conversationId: ConversationId, after: number) {
    const spans = [{ from: 1, to: null }];
    const ask = { conversationId, after, spans, limit: sliceEntries, maxBytes: sliceBytes };
    return await messages.entries(ask);
  }

  const isBusy = () => rate.perSecond() > calmRate;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  function goAround(): void {
    around = '';
    schedule(0);
    aroundTimer = clock.after(aroundMs, goAround);
  }

  return {
    heard(entry) {
      rate.count();
      const one = expect(entry.conversationId, entry.seq);
      const follows = one.entries.length === 0 || one.entries.at(-1)?.seq === entry.seq - 1;
      if (follows && kept < mostKept) {
        one.entries.push(entry);
        kept++;
      }
      schedule(restMs);
    },

    async drop(conversationId, seq) {
      try {
        await search.drop(conversationId, seq);
      } catch (error) {
        // The entry that removed it does so again when its turn comes.
        log.warn({ err: error, conversationId, seq }, 'could not take a message out of the search index yet');
      }
    },

    start: goAround,

    handlers: {
      // What is in it already is found while the rest is on its way.
      'search.rebuild': async () => {
        if (!prepared) await prepare();
        await search.clear();
        around = '';
        schedule(0);
        return {};
      },
      'search.progress': async () => {
        const [indexed, total] = await Promise.all([search.count(), messages.count()]);
        return { indexed, total };
      },
    },

    async stop() {
      stopped = true;
      timer?.cancel();
      aroundTimer?.();
      wake();
      await running;
    },
  };
}

/** Heard entries may be large; one slice is bounded as a page of the log is. */
function sliceOf(entries: readonly Entry[]): readonly Entry[] {
  let bytes = 0;
  const slice: Entry[] = [];
  for (const entry of entries) {
    bytes += entry.kind === 'message' && !entry.emptied ? entry.body.text.length : 0;
    if (slice.length > 0 && (bytes > sliceBytes || slice.length >= sliceEntries)) break;
    slice.push(entry);
  }
  return slice;
}

/** How many in the last second or so. */
function makeRate(now: () => number) {
  let [since, counted, before] = [now(), 0, 0];
  const turn = () => {
    const passed = now() - since;
    if (passed < 1_000) return;
    before = (counted * 1_000) / passed;
    counted = 0;
    since = now();
  };
  return {
    count: () => {
      turn();
      counted++;
    },
    perSecond: () => {
      turn();
      return Math.max(before, counted);
    },
  };
}
