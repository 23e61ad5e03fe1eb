import type { RateLimiter } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';

interface Bucket {
  points: number;
  at: number;
  /** By then it is full again, and need not be remembered. */
  fullAt: number;
}

/** Full buckets are let go each time so many new ones were made. */
const sweepEvery = 10_000;

export function makeMemoryLimiter({ clock }: { readonly clock: Clock }): RateLimiter {
  const buckets = new Map<string, Bucket>();
  let made = 0;

  function sweep(now: number): void {
    made = 0;
    for (const [key, bucket] of buckets) if (bucket.fullAt <= now) buckets.delete(key);
  }

  function refilled(key: string, points: number, perMs: number): Bucket {
    const now = clock.now();
    const known = buckets.get(key);
    if (known !== undefined) {
      known.points = Math.min(points, known.points + (Math.max(0, now - known.at) * points) / perMs);
      known.at = now;
      return known;
    }
    made += 1;
    if (made >= sweepEvery) sweep(now);
    const bucket = { points, at: now, fullAt: now };
    buckets.set(key, bucket);
    return bucket;
  }

  function change(bucket: Bucket, by: number, points: number, perMs: number): void {
    bucket.points = Math.min(points, bucket.points + by);
    bucket.fullAt = bucket.at + ((points - bucket.points) * perMs) / points;
  }

  return {
    async take(key, points, perMs) {
      const bucket = refilled(key, points, perMs);
      if (bucket.points < 1) return { retryAfterMs: Math.ceil(((1 - bucket.points) * perMs) / points) };
      change(bucket, -1, points, perMs);
      return { retryAfterMs: 0 };
    },
    async giveBack(key, points, perMs) {
      if (buckets.has(key)) change(refilled(key, points, perMs), 1, points, perMs);
    },
  };
}
