import { type Signal, signal } from '@preact/signals';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Entry } from '../../protocol/models.ts';
import { fold, type Kept } from './apply.ts';
import type { Journal } from './journal.ts';
import type { Requests } from './requests.ts';
import type { Referred } from './shown.ts';
import type { State } from './state.ts';
import { stretchAt } from './stretches.ts';

/** Messages that others refer to, wherever they stand: read here or asked for when they are first looked at. */
export interface Originals {
  /** As it is now; who reads it is told when that changes. */
  of(seq: number): Referred;
  /** An entry that changes another one was applied. */
  change(entry: Entry): void;
  forget(): void;
}

export function makeOriginals(
  conversationId: ConversationId,
  { state, journal, requests }: { state: State; journal: Journal; requests: Pick<Requests, 'insist'> },
): Originals {
  const found = new Map<number, Signal<Kept | 'hidden' | 'loading'>>();
  const wanted = new Set<number>();
  /** Entries that came while something was being looked up. */
  let missed: Entry[] = [];
  let looking = 0;

  function want(seq: number) {
    if (wanted.size === 0) queueMicrotask(() => void lookUp());
    wanted.add(seq);
  }

  async function lookUp() {
    const seqs = [...wanted];
    wanted.clear();
    if (looking++ === 0) missed = [];
    try {
      const unknown = await readHere(seqs);
      for (let at = 0; at < unknown.length; at += limits.pins) await ask(unknown.slice(at, at + limits.pins));
    } finally {
      looking--;
    }
  }

  /** Answers those that are not stored here. */
  async function readHere(seqs: readonly number[]): Promise<readonly number[]> {
    const unknown: number[] = [];
    for (const seq of seqs) {
      const isStored = stretchAt(state.rows.get(conversationId).peek()?.stretches ?? [], seq) !== undefined;
      const kept = isStored ? await journal.get('messages', [conversationId, seq]).catch(() => undefined) : undefined;
      if (kept) set(seq, kept);
      else unknown.push(seq);
    }
    return unknown;
  }

  async function ask(seqs: readonly number[]) {
    const asOf = state.rows.get(conversationId).peek()?.known ?? 0;
    const answer = await requests.insist('message.look', { conversationId, seqs: [...seqs] }).catch(() => null);
    const end = answer?.more ? (answer.messages.at(-1)?.seq ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    for (const seq of seqs.filter((one) => one <= end)) {
      const message = answer?.messages.find((one) => one.seq === seq);
      set(seq, message ? { message, asOf } : 'hidden');
    }
    const left = seqs.filter((one) => one > end);
    if (left.length > 0) await ask(left);
  }

  function set(seq: number, next: Kept | 'hidden') {
    const one = found.get(seq);
    if (one) one.value = next === 'hidden' ? next : missed.reduce(fold, next);
  }

  return {
    of(seq) {
      let one = found.get(seq);
      if (!one) {
        one = signal<Kept | 'hidden' | 'loading'>('loading');
        found.set(seq, one);
        want(seq);
      }
      const now = one.value;
      return typeof now === 'string' ? now : now.message;
    },
    change(entry) {
      if (looking > 0) missed.push(entry);
      const one = entry.target === undefined ? undefined : found.get(entry.target);
      const now = one?.peek();
      if (one && now && typeof now !== 'string') one.value = fold(now, entry);
    },
    forget: () => found.clear(),
  };
}
