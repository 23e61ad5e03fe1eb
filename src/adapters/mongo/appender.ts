import { setTimeout as wait } from 'node:timers/promises';
import { MongoBulkWriteError } from 'mongodb';
import type { Log } from '../../ports/log.ts';
import type { Appended, Draft } from '../../ports/message-log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, NodeId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import { makeRecent } from '../message-log/recent.ts';
import { counts, kindCode, mentionedBy, movesRules, placed, repeats } from '../message-log/rows.ts';
import {
  type Collections,
  type EntryDocument,
  type EntryKey,
  keyOf,
  keyText,
  personId,
  readEntry,
} from './collections.ts';
import { isDuplicate, isPassing, mongoError, telling } from './connection.ts';
import type { Heads } from './heads.ts';
import type { Owed } from './owed.ts';

interface Pending {
  readonly draft: Draft;
  readonly key: EntryKey;
  readonly body: string;
  /** Tried until then, by `performance.now`. */
  readonly until: number;
  readonly resolve: (answer: Appended) => void;
  readonly reject: (error: unknown) => void;
  /** Its key may be held: look before it gets a number. */
  lookUp: boolean;
  /** An earlier try may have stored it unheard. */
  sent: boolean;
}

/** The end of a log, as far as this process knows. */
type End = Pick<EntryDocument, 'seq' | 'time' | 'counted' | 'lastPlace' | 'rulesSeq'>;

/** A draft with its place, on its way into the log. */
interface Placed {
  readonly pending: Pending;
  readonly document: EntryDocument;
}

const emptyEnd: End = { seq: 0, time: 0, counted: 0, lastPlace: 0, rulesSeq: 0 };
const retryAfter = 100;
/** What one round carries at most, and of one conversation. */
const roundSize = 2_000;
const runSize = 500;
const endsKept = 20_000;

/**
 * All that was asked for while a round ran goes into the next one. A round stores at most one run of entries of each
 * conversation: single ones together in one unordered write, runs of several in an ordered write each, so that n is never
 * there before n − 1. The unique place settles who of several processes was first; who was not numbers anew. The unique key
 * settles repeats.
 */
export function makeAppender(
  parts: {
    readonly collections: Collections;
    readonly heads: Heads;
    readonly owed: Owed;
    readonly node: NodeId;
    readonly log: Log;
    readonly storeNow: () => number;
  },
  patienceMs: number,
) {
  const { collections, heads, owed, node, log, storeNow } = parts;
  const { entries } = collections;
  const ends = makeRecent<ConversationId, End | null>(endsKept);
  const waiting: Pending[] = [];
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    // Whatever else this turn of the event loop asks for comes along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      for (let rest = waiting.splice(0, roundSize); rest.length > 0; ) rest = await round(rest);
    }
    running = null;
  }

  /** Answers those it can, and hands back the rest, in their order. */
  async function round(batch: readonly Pending[]): Promise<Pending[]> {
    try {
      const rest = new Set(await settle(batch));
      return batch.filter((pending) => rest.has(pending));
    } catch (error) {
      const told = mongoError(error);
      for (const { draft } of batch) ends.set(draft.conversationId, null);
      if (told instanceof AppError && told.reason === 'store_unreachable') return patient(batch, told);
      for (const pending of batch) pending.reject(told);
      return [];
    }
  }

  /** Those that may be tried again, a moment later. */
  async function patient(batch: readonly Pending[], error: AppError): Promise<Pending[]> {
    log.warn({ err: error, drafts: batch.length }, 'appending again');
    await wait(retryAfter);
    const now = performance.now();
    return batch.filter((pending) => {
      if (pending.until > now) return true;
      pending.reject(error);
      return false;
    });
  }

  async function settle(batch: readonly Pending[]): Promise<readonly Pending[]> {
    const runs = runsOf(batch);
    const first = runs.flatMap(({ drafts }) => drafts);
    await learnEnds(runs.map(({ conversationId }) => conversationId));
    const held = await holders(first.filter((pending) => pending.lookUp || isOutdated(pending)));
    const answered = new Set<Pending>();
    const numbered = runs.map(({ conversationId, drafts }) => {
      const { answers, placed } = number(drafts, ends.get(conversationId) ?? emptyEnd, held);
      for (const [pending, answer] of answers) {
        pending.resolve(answer);
        answered.add(pending);
      }
      return placed;
    });
    for (const pending of await store(numbered.filter((run) => run.length > 0))) answered.add(pending);
    return batch.filter((pending) => !answered.has(pending));
  }

  async function learnEnds(conversationIds: readonly ConversationId[]): Promise<void> {
    const unknown = conversationIds.filter((id) => (ends.get(id) ?? null) === null);
    await Promise.all(
      unknown.map(async (id) => ends.set(id, (await heads.last(keyOf(id, null, id).conversation)) ?? emptyEnd)),
    );
  }

  function isOutdated({ draft }: Pending): boolean {
    return draft.rulesSeq !== null && draft.rulesSeq < (ends.get(draft.conversationId)?.rulesSeq ?? 0);
  }

  /** The entries that these keys hold. */
  async function holders(pendings: readonly Pending[]): Promise<ReadonlyMap<string, Entry>> {
    if (pendings.length === 0) return new Map();
    const found = await telling(() => entries.find({ _id: { $in: pendings.map(({ key }) => key) } }).toArray());
    return new Map(found.map((document) => [keyText(document._id), readEntry(document)]));
  }

  /** The outcome of each draft in turn, where it is known before storing, and the places of the others. */
  function number(drafts: readonly Pending[], end: End, held: ReadonlyMap<string, Entry>) {
    const answers: [Pending, Appended][] = [];
    const run: Placed[] = [];
    const added = new Set<string>();
    let last = end;
    for (const pending of drafts) {
      const { draft, key, body } = pending;
      const at = keyText(key);
      const holder = held.get(at);
      if (holder !== undefined) {
        answers.push([pending, answerOf(pending, holder)]);
        continue;
      }
      if (draft.rulesSeq !== null && draft.rulesSeq < last.rulesSeq) {
        // By rules of this very run: a key might still be held, so the next round looks it up.
        if (last.rulesSeq > end.rulesSeq) break;
        answers.push([pending, { outcome: 'outdated' }]);
        continue;
      }
      // The same key again: what comes of it is known once the first is stored.
      if (added.has(at)) {
        pending.lookUp = true;
        break;
      }
      added.add(at);
      const target = draft.target ?? null;
      const seq = last.seq + 1;
      last = {
        seq,
        time: Math.max(last.time, draft.time),
        counted: last.counted + (counts(draft.kind) ? 1 : 0),
        lastPlace: target === null ? seq : last.lastPlace,
        rulesSeq: movesRules(draft.kind) ? seq : last.rulesSeq,
      };
      const { conversation } = key;
      const place = { _id: key, conversation, ...last, kind: kindCode(draft.kind), target, body };
      const mentioned = mentionedBy(draft).map(personId);
      const mentions = mentioned.length === 0 ? {} : { mentions: mentioned };
      const { expiresAt } = draft;
      const lifetime = expiresAt === undefined ? {} : { expiresAt, expiring: expiresAt };
      run.push({ pending, document: { ...place, ...mentions, ...lifetime, node, storedAt: storeNow() } });
    }
    return { answers, placed: run };
  }

  /** Answers what it stored or what failed for good; those are what it returns. */
  async function store(runs: readonly (readonly Placed[])[]): Promise<Pending[]> {
    if (runs.length === 0) return [];
    const begun = await owed.begin(
      runs.map(([first]) => {
        const { pending, document } = first as Placed;
        return { conversationId: pending.draft.conversationId, seq: document.seq - 1 };
      }),
    );
    const singles = runs.filter(({ length }) => length === 1).flat();
    const several = runs.filter(({ length }) => length > 1);
    const outcomes = await Promise.all([insert(singles, false), ...several.map((run) => insert(run, true))]);
    begun.done(outcomes.flatMap(({ stored }) => stored.map(({ document }) => document)));
    const answered = outcomes.flatMap(conclude);
    const away = outcomes.find((outcome) => outcome.away !== null)?.away ?? null;
    if (away !== null) {
      log.warn({ err: away }, 'appending again');
      await wait(retryAfter);
    }
    return answered;
  }

  /** What each of them came to. Never throws. */
  async function insert(run: readonly Placed[], ordered: boolean): Promise<Outcome> {
    if (run.length === 0) return { stored: [], failed: [], again: [], away: null };
    const documents = run.map(({ document }) => document);
    try {
      await entries.insertMany(documents, { ordered });
      return { stored: run, failed: [], again: [], away: null };
    } catch (error) {
      return outcomeOf(run, ordered, mongoError(error));
    }
  }

  /** Answers what was stored or failed for good, and returns those. */
  function conclude({ stored, failed, again, away }: Outcome): Pending[] {
    for (const { pending, document } of stored) {
      const { draft } = pending;
      ends.set(draft.conversationId, document);
      pending.resolve({ outcome: 'appended', entry: placed(draft, document.seq, document.time) });
    }
    for (const { pending, error } of failed) pending.reject(error);
    for (const { pending } of [...failed, ...again]) ends.set(pending.draft.conversationId, null);
    for (const { pending } of again) {
      // What failed may be tried again; a duplicate is either a key that is held or a place that is taken: the next round finds out.
      pending.lookUp = true;
      pending.sent ||= away !== null;
    }
    const late = away === null ? [] : again.filter(({ pending }) => pending.until <= performance.now());
    for (const { pending } of late) pending.reject(away);
    return [...stored, ...failed, ...late].map(({ pending }) => pending);
  }

  return {
    append(draft: Draft): Promise<Appended> {
      return new Promise((resolve, reject) => {
        const key = keyOf(draft.conversationId, draft.senderId, draft.clientId);
        const until = performance.now() + patienceMs;
        waiting.push({
          draft,
          key,
          body: JSON.stringify(draft.body),
          until,
          resolve,
          reject,
          lookUp: false,
          sent: false,
        });
        running ??= run();
      });
    },
    /** Once everything asked for so far is answered. */
    async idle() {
      await running;
    },
  };
}

/** What became of entries that were to be stored. */
interface Outcome {
  readonly stored: readonly Placed[];
  /** For good. */
  readonly failed: readonly (Placed & { readonly error: unknown })[];
  /** Not stored, or nobody knows; they are to be numbered anew. */
  readonly again: readonly Placed[];
  /** Why nobody knows; null: it is known. */
  readonly away: AppError | null;
}

function outcomeOf(run: readonly Placed[], ordered: boolean, error: unknown): Outcome {
  if (error instanceof AppError && error.reason === 'store_unreachable') {
    return { stored: [], failed: [], again: run, away: error };
  }
  if (!(error instanceof MongoBulkWriteError)) {
    return { stored: [], failed: run.map((each) => ({ ...each, error })), again: [], away: null };
  }
  const errors = new Map([error.writeErrors].flat().map(({ index, code }) => [index, code]));
  const first = Math.min(...errors.keys());
  const stored: Placed[] = [];
  const failed: (Placed & { readonly error: unknown })[] = [];
  const again: Placed[] = [];
  run.forEach((each, i) => {
    const code = errors.get(i);
    if (code === undefined && (!ordered || i < first)) stored.push(each);
    else if (code === undefined || isDuplicate(code) || isPassing(code)) again.push(each);
    else failed.push({ ...each, error });
  });
  const isAway = [...errors.values()].some(isPassing);
  return {
    stored,
    failed,
    again,
    away: isAway ? new AppError('unavailable', 'store_unreachable', { cause: error }) : null,
  };
}

/** The drafts of each conversation, in their order; of one that has more than a run the rest waits. */
function runsOf(batch: readonly Pending[]) {
  const runs = new Map<ConversationId, Pending[]>();
  for (const pending of batch) {
    const { conversationId } = pending.draft;
    const run = runs.get(conversationId);
    if (run === undefined) runs.set(conversationId, [pending]);
    else if (run.length < runSize) run.push(pending);
  }
  return [...runs].map(([conversationId, drafts]) => ({ conversationId, drafts }));
}

/** `sent`: it is this draft itself that was stored unheard. */
function answerOf({ draft, sent }: Pending, holder: Entry): Appended {
  if (!repeats(draft, holder)) return { outcome: 'conflict' };
  return { outcome: sent ? 'appended' : 'repeated', entry: holder };
}
