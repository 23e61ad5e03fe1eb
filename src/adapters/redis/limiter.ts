import type { Redis } from 'ioredis';
import type { RateLimiter } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * A bucket is a hash: points left, and when that was so. Key: the bucket. Arguments: points, ms in which they refill, now,
 * how many are wanted (−1 gives one back). Answers the ms until there are as many; 0: taken.
 */
const takeScript = `
local points, perMs, now, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known = redis.call('HMGET', KEYS[1], 'left', 'at')
if not known[1] and wanted < 0 then return 0 end
local left, at = tonumber(known[1] or points), tonumber(known[2] or now)
left = math.min(points, left + math.max(0, now - at) * points / perMs)
local wait = 0
if left < wanted then wait = math.ceil((wanted - left) * perMs / points) else left = math.min(points, left - wanted) end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', math.max(now, at))
redis.call('PEXPIRE', KEYS[1], math.ceil(perMs) + 1000)
return wait
`;

export function makeRedisLimiter(redis: Redis, prefix: string, clock: Clock, reachable: () => boolean): RateLimiter {
  async function run(key: string, points: number, perMs: number, wanted: number): Promise<number> {
    if (!reachable()) return 0;
    const bucket = `${prefix}limit:${key}`;
    try {
      return (await redis.eval(takeScript, 1, bucket, points, perMs, clock.now(), wanted)) as number;
    } catch {
      // Out of reach: it admits.
      return 0;
    }
  }
  return {
    take: async (key, points, perMs) => ({ retryAfterMs: await run(key, points, perMs, 1) }),
    giveBack: async (key, points, perMs) => {
      await run(key, points, perMs, -1);
    },
  };
}
