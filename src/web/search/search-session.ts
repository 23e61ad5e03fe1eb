import type { UserId } from '../../protocol/ids.ts';
import type { Engine, SearchAsk } from '../engine/engine.ts';
import { showFragment } from '../routing/navigation.ts';
import { type After, type MessageSearch, makeMessageSearch, writeAsk } from './message-search.ts';

interface Session {
  readonly engine: Engine;
  /** Undefined so long as it is not known here. */
  userId: UserId | undefined;
  readonly search: MessageSearch;
  /** What stands behind the # and was taken from there, or written there by the search itself. */
  address: string | null;
  /** Where the results were left, for coming back to them. */
  left: { readonly hit: string; readonly top: number } | null;
}

let session: Session | null = null;

/** Writes into the address what is looked for. */
export function showInAddress(shown: Session, ask: SearchAsk): void {
  shown.address = writeAsk(ask);
  showFragment(shown.address);
}

export const afterTimeout: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** The search goes on while its screen is away; whoever signs in next begins another one. */
export function searchSession(engine: Engine): Session {
  const userId = engine.me.peek()?.userId;
  if (session?.engine === engine) session.userId ??= userId;
  if (session?.engine !== engine || session.userId !== userId) {
    const search = makeMessageSearch(engine.search.find, afterTimeout);
    session = { engine, userId, search, address: null, left: null };
  }
  return session;
}
