/**
 * How long to wait before the next attempt, in ms: chosen evenly between nothing and a bound that doubles from `first` to
 * `most` (full jitter), so that clients of a restarted server do not all return at once.
 */
export interface Backoff {
  next(): number;
  reset(): void;
}

export function makeBackoff(fraction: () => number, first = 500, most = 30_000): Backoff {
  let bound = first;
  return {
    next() {
      const wait = fraction() * bound;
      bound = Math.min(most, bound * 2);
      return wait;
    },
    reset: () => {
      bound = first;
    },
  };
}
