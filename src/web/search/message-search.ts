import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Engine, SearchAsk, SearchHit } from '../engine/engine.ts';

/** What is looked for, and what was found so far. One request is under way at a time; late answers are dropped. */
export interface MessageSearch {
  readonly ask: ReadonlySignal<SearchAsk>;
  readonly hits: ReadonlySignal<readonly SearchHit[]>;
  /** What the hits answer; null before the first answer, and where nothing is asked. */
  readonly answered: ReadonlySignal<SearchAsk | null>;
  readonly busy: ReadonlySignal<'first' | 'more' | null>;
  /** There are older ones, or may be. */
  readonly more: ReadonlySignal<boolean>;
  /** Why it failed, so long as it did. */
  readonly failure: ReadonlySignal<unknown>;
  /** Words wait for the next key; the rest is asked for at once. */
  change(change: Partial<SearchAsk>): void;
  loadMore(): void;
  again(): void;
}

/** Runs something later; answers the way to prevent it. */
export type After = (ms: number, run: () => void) => () => void;

const pause = 200;

export const nothingAsked: SearchAsk = {
  query: '',
  conversationId: null,
  senderId: null,
  since: null,
  until: null,
  hasLink: false,
};

/** A conversation or a date alone is nothing to look for: the server then finds nothing. */
export const isAskable = ({ query, senderId, hasLink }: SearchAsk): boolean =>
  query.trim() !== '' || senderId !== null || hasLink;

export const sameAsk = (a: SearchAsk, b: SearchAsk): boolean =>
  a.query.trim() === b.query.trim() &&
  a.conversationId === b.conversationId &&
  a.senderId === b.senderId &&
  a.since === b.since &&
  a.until === b.until &&
  a.hasLink === b.hasLink;

export function makeMessageSearch(find: Engine['search']['find'], after: After, first = nothingAsked): MessageSearch {
  const ask = signal(first);
  const hits = signal<readonly SearchHit[]>([]);
  const answered = signal<SearchAsk | null>(null);
  const busy = signal<'first' | 'more' | null>(null);
  const more = signal(false);
  const failure = signal<unknown>(null);
  let cursor: string | null = null;
  let isUnderWay = false;
  /** What was typed waits no longer for the next key, but for the answer that is under way. */
  let isDue = false;
  let cancel = () => {};

  function plan(ms: number) {
    cancel();
    isDue = false;
    failure.value = null;
    if (!isAskable(ask.peek())) {
      show([], null, null);
      busy.value = null;
      return;
    }
    busy.value = 'first';
    cancel = after(ms, () => {
      if (isUnderWay) isDue = true;
      else void run('first');
    });
  }

  function show(found: readonly SearchHit[], of: SearchAsk | null, next: string | null) {
    batch(() => {
      hits.value = found;
      answered.value = of;
      more.value = next !== null;
      failure.value = null;
    });
    cursor = next;
  }

  async function run(which: 'first' | 'more') {
    isUnderWay = true;
    isDue = false;
    busy.value = which;
    const asked = ask.peek();
    try {
      await read(asked, which);
    } catch (cause) {
      if (asked === ask.peek()) failure.value = cause;
    } finally {
      isUnderWay = false;
      if (asked === ask.peek()) busy.value = null;
      else if (isDue) void run('first');
    }
  }

  /** A page may hold nothing although there are more. */
  async function read(asked: SearchAsk, which: 'first' | 'more') {
    let next = which === 'more' ? cursor : null;
    const before = which === 'more' ? hits.peek() : [];
    do {
      const page = await find(asked, next);
      if (asked !== ask.peek()) return;
      next = page.cursor;
      if (page.results.length === 0 && next !== null) continue;
      show([...before, ...page.results], asked, next);
      return;
    } while (next !== null);
  }

  if (isAskable(first)) plan(0);
  return {
    ask,
    hits,
    answered,
    busy,
    more,
    failure,
    change(change) {
      const next = { ...ask.peek(), ...change };
      if (sameAsk(next, ask.peek())) return;
      ask.value = next;
      plan('query' in change ? pause : 0);
    },
    loadMore() {
      if (more.peek() && busy.peek() === null) void run('more');
    },
    again() {
      if (busy.peek() === null && isAskable(ask.peek())) void run(answered.peek() === ask.peek() ? 'more' : 'first');
    },
  };
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** As it stands behind the # of the address: never sent to anybody. */
export function writeAsk({ query, conversationId, senderId, since, until, hasLink }: SearchAsk): string {
  const written = new URLSearchParams();
  if (query.trim() !== '') written.set('q', query.trim());
  if (senderId !== null) written.set('by', senderId);
  if (conversationId !== null) written.set('in', conversationId);
  if (since !== null) written.set('since', String(since));
  if (until !== null) written.set('until', String(until));
  if (hasLink) written.set('has', 'link');
  return written.toString();
}

export function readAsk(text: string): SearchAsk {
  const written = new URLSearchParams(text);
  const id = (name: string) => {
    const value = written.get(name);
    return value !== null && uuid.test(value) ? value : null;
  };
  const time = (name: string) => {
    const value = written.get(name);
    return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
  };
  return {
    query: (written.get('q') ?? '').slice(0, 500),
    conversationId: id('in') as ConversationId | null,
    senderId: id('by') as SearchAsk['senderId'],
    since: time('since'),
    until: time('until'),
    hasLink: written.get('has') === 'link',
  };
}
