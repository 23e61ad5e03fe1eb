import { signal } from '@preact/signals';
import type { World } from './world.ts';

/** What disappears at its time, by the server's clock as far as it is known here. */
export interface Expiry {
  /** Whoever reads it while something is computed is told when that moment comes. */
  isOver(expiresAt: number | undefined): boolean;
  /** Calls back once it is over: at once where it is. The same key again waits for nothing more. */
  whenOver(expiresAt: number, key: string, run: () => void): void;
  /** Forgets who waits. */
  forget(): void;
}

/** Browsers take no longer timers. */
const longestMs = 2 ** 31 - 1;

export function makeExpiry(world: Pick<World, 'now' | 'after'>, skew: () => number): Expiry {
  const rung = signal(0);
  const waiting = new Map<string, { readonly at: number; readonly run: () => void }>();
  let next = Number.POSITIVE_INFINITY;
  let cancel = () => {};
  const now = () => world.now() + skew();

  function arm(at: number): void {
    if (at >= next) return;
    cancel();
    next = at;
    cancel = world.after(Math.min(Math.max(0, at - now()), longestMs), ring);
  }

  function ring(): void {
    next = Number.POSITIVE_INFINITY;
    const time = now();
    for (const [key, { at, run }] of waiting) {
      if (at > time) arm(at);
      else {
        waiting.delete(key);
        run();
      }
    }
    // Those that are not over yet ask again, and are waited for again.
    rung.value++;
  }

  return {
    isOver(expiresAt) {
      if (expiresAt === undefined) return false;
      rung.value;
      if (expiresAt <= now()) return true;
      arm(expiresAt);
      return false;
    },
    whenOver(expiresAt, key, run) {
      if (expiresAt <= now()) return run();
      waiting.set(key, { at: expiresAt, run });
      arm(expiresAt);
    },
    forget: () => waiting.clear(),
  };
}
