import type { Platform } from '../../ports/platform.ts';
import { makeBoundedMap } from './bounded-map.ts';

/** Uses are gathered for this long and stored in one write. */
const gatherMs = 250;
/** Later uses of the same thing are stored only this long after the last one that was. */
const pauseMs = 60_000;
const mostRemembered = 100_000;

/** Notes that things are used, without a write for each use. */
export interface Gathering<Use> {
  /** Never waits. A use that could not be stored is noted again with the next one. */
  note(use: Use): void;
  /** Stores what is gathered. */
  flush(): Promise<void>;
}

export function makeGathering<Key, Use extends { readonly at: number }>(
  { clock, log }: Platform,
  how: {
    readonly keyOf: (use: Use) => Key;
    /** What a use adds to the one that was stored: null where that can wait until the pause is over. */
    readonly news: (use: Use, stored: Use) => Use | null;
    /** Each key is named once. */
    readonly store: (uses: readonly Use[]) => Promise<void>;
    /** Said in the log where storing failed. */
    readonly failed: string;
  },
): Gathering<Use> {
  const stored = makeBoundedMap<Key, Use>(mostRemembered);
  let gathered = new Map<Key, Use>();
  let takeBack: (() => void) | null = null;

  async function flush(): Promise<void> {
    takeBack?.();
    takeBack = null;
    if (gathered.size === 0) return;
    const uses = gathered;
    gathered = new Map();
    try {
      await how.store([...uses.values()]);
    } catch (error) {
      for (const key of uses.keys()) stored.delete(key);
      log.warn({ err: error, uses: uses.size }, how.failed);
    }
  }

  return {
    note(use) {
      const key = how.keyOf(use);
      const before = stored.get(key);
      const isDue = before === undefined || use.at >= before.at + pauseMs;
      const noted = isDue ? use : how.news(use, before);
      if (noted === null) return;
      stored.set(key, noted);
      gathered.set(key, noted);
      takeBack ??= clock.after(gatherMs, () => void flush());
    },
    flush,
  };
}
