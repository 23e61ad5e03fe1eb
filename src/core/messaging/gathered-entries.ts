import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import type { Content } from './authoring.ts';
import { mustReach } from './discretion.ts';
import type { Dispatching } from './dispatching.ts';
import { type Lanes, NothingToAppend } from './lanes.ts';
import { isSaid, targeting } from './message-looks.ts';
import { covers, memberOf, type Rules } from './rules.ts';

/** What one person changes of a message. */
export interface Change<C> {
  readonly userId: UserId;
  readonly what: C;
}

/**
 * Changes of messages that many make at once: the first on a message is appended at once, under its person's name; more on
 * it within a second wait on this node, and make one entry without a sender.
 */
export interface GatheredEntries<C> {
  /** Resolves after the commit of the entry that holds it, or where it changes nothing. */
  add(conversationId: ConversationId, seq: number, change: Change<C>): Promise<void>;
  /** Appends what waits. Nothing may be added afterwards. */
  stop(): Promise<void>;
}

/** What is gathered: reactions, votes. */
export interface Gathered<C, S> {
  /** Of two kinds on one message, each has a number of its own, up to 4095. */
  readonly number: number;
  /** What became of a message so far, by all that targets it; anew each time. */
  readonly stateOf: (message: Entry, targeting: readonly Entry[]) => S;
  /** Changes the state. False: it was so before. Throws AppError where it may not be, and changes nothing. */
  readonly apply: (state: S, change: Change<C>) => boolean;
  readonly contentOf: (changes: readonly Change<C>[], seq: number) => Content;
}

const gatherMs = 1_000;
const mostChanges = 500;
const judgements = 10;
const wholeLog = [{ from: 1, to: null }];

interface Ask<C> {
  readonly change: Change<C>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A message on which something is being changed, or was within the last second. */
interface Place<C> {
  readonly conversationId: ConversationId;
  readonly seq: number;
  waiting: Ask<C>[];
  /** Takes the end of the second back; null: there is none to be waited for. */
  endSoon: (() => void) | null;
}

interface Judged<C> {
  readonly taken: Ask<C>[];
  readonly idle: Ask<C>[];
  readonly refused: (readonly [Ask<C>, AppError])[];
}

export function makeGatheredEntries<C, S>(
  {
    clock,
    messages,
    lanes,
    dispatching,
  }: Pick<Platform, 'clock' | 'messages'> & { lanes: Lanes; dispatching: Dispatching },
  how: Gathered<C, S>,
): GatheredEntries<C> {
  const places = new Map<string, Place<C>>();
  const underWay = new Map<string, Promise<void>>();
  let stopping = false;

  function run(name: string, place: Place<C>, gathered: boolean) {
    place.endSoon = null;
    const asks = place.waiting.splice(0, mostChanges);
    const work = storeAll(place, asks, gathered).then((appended) => {
      underWay.delete(name);
      const isFull = place.waiting.length > 0 && (asks.length === mostChanges || !appended || stopping);
      if (isFull) run(name, place, appended);
      else if (appended && !stopping) place.endSoon = clock.after(gatherMs, () => end(name, place));
      else places.delete(name);
    });
    underWay.set(name, work);
  }

  function end(name: string, place: Place<C>) {
    if (place.waiting.length > 0) run(name, place, true);
    else places.delete(name);
  }

  /** Answers all of them; whether an entry was appended. Never rejects. */
  async function storeAll(place: Place<C>, asks: readonly Ask<C>[], gathered: boolean): Promise<boolean> {
    try {
      const { judged, entry } = await store(place, asks, gathered);
      for (const { resolve } of [...judged.taken, ...judged.idle]) resolve();
      for (const [{ reject }, error] of judged.refused) reject(error);
      return entry !== null;
    } catch (error) {
      for (const { reject } of asks) reject(error);
      return false;
    }
  }

  async function store(place: Place<C>, asks: readonly Ask<C>[], gathered: boolean) {
    for (let i = 0; i < judgements; i++) {
      const stored = await tryToStore(place, asks, gathered);
      if (stored !== null) return stored;
    }
    throw new AppError('unavailable', 'too_many_changes_at_once');
  }

  /** Null: another node was faster, so that what is to be changed is not what it was judged by. */
  async function tryToStore(
    { conversationId, seq }: Place<C>,
    asks: readonly Ask<C>[],
    gathered: boolean,
  ): Promise<{ judged: Judged<C>; entry: Entry | null } | null> {
    const message = await messages.entry(conversationId, seq);
    const after: Entry[] = [];
    for await (const entry of targeting(messages, { conversationId, seq }, wholeLog)) after.push(entry);
    const clientId = keyOf(how.number, seq, after.at(-1)?.seq ?? 0);
    let judged: Judged<C> = { taken: [], idle: [], refused: [] };
    try {
      const stored = await lanes.append(conversationId, (rules) => {
        judged = judge(rules, asks, seq, message, after);
        const changes = judged.taken.map(({ change }) => change);
        if (changes.length === 0) throw new NothingToAppend();
        const senderId = gathered || changes.length > 1 ? null : (changes[0]?.userId ?? null);
        const base = { conversationId, senderId, clientId, time: clock.now(), rulesSeq: rules.rulesSeq };
        return { ...base, ...how.contentOf(changes, seq) };
      });
      if (stored.outcome === 'conflict') return null;
      if (stored.outcome === 'appended') void dispatching.dispatch(stored.entry);
      return { judged, entry: stored.entry };
    } catch (error) {
      if (error instanceof NothingToAppend) return { judged, entry: null };
      throw error;
    }
  }

  function judge(
    rules: Rules,
    asks: readonly Ask<C>[],
    seq: number,
    message: Entry | null,
    after: readonly Entry[],
  ): Judged<C> {
    const judged: Judged<C> = { taken: [], idle: [], refused: [] };
    const isGone = message?.emptied === true || after.some(({ kind }) => kind === 'removal');
    const state = message === null || !isSaid(message) ? null : how.stateOf(message, after);
    for (const ask of asks) {
      try {
        const { spans } = memberOf(rules, ask.change.userId);
        mustReach(rules, ask.change.userId);
        if (state === null || !covers(spans, seq)) throw new AppError('not_found', 'no_such_message');
        if (isGone) throw new AppError('conflict', 'message_removed');
        (how.apply(state, ask.change) ? judged.taken : judged.idle).push(ask);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        judged.refused.push([ask, error]);
      }
    }
    return judged;
  }

  return {
    add: (conversationId, seq, change) =>
      new Promise((resolve, reject) => {
        const name = `${conversationId} ${seq}`;
        const place = places.get(name) ?? { conversationId, seq, waiting: [], endSoon: null };
        places.set(name, place);
        place.waiting.push({ change, resolve, reject });
        if (!underWay.has(name) && place.endSoon === null) run(name, place, false);
      }),
    async stop() {
      stopping = true;
      for (const [name, place] of places) {
        place.endSoon?.();
        if (!underWay.has(name)) end(name, place);
      }
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

/**
 * The key of an entry that was judged by what targets its message up to a seq: of two nodes that judge by the same, one is
 * told so, and judges again.
 */
export function keyOf(number: number, seq: number, upTo: number): ClientId {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const [of, until] = [hex(seq, 12), hex(upTo, 12)];
  return `${of.slice(0, 8)}-${of.slice(8)}-8${hex(number, 3)}-8000-${until}` as ClientId;
}
