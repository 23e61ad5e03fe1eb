import type { UserId } from '../../protocol/ids.ts';
import type { Engine } from '../engine/engine.ts';
import { type After, type MessageSearch, makeMessageSearch } from './message-search.ts';

interface Session {
  readonly engine: Engine;
  /** Undefined so long as it is not known here. */
  userId: UserId | undefined;
  readonly search: MessageSearch;
  /** Where the results were left, for coming back to them. */
  left: { readonly hit: string; readonly top: number } | null;
}

let session: Session | null = null;

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
    session = { engine, userId, search, left: null };
  }
  return session;
}
