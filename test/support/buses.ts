import { afterAll, beforeAll } from 'vitest';
import { makeMemoryBus } from '../../src/adapters/memory/bus.ts';
import { makeMemoryLimiter } from '../../src/adapters/memory/limiter.ts';
import { makeMemoryPresence } from '../../src/adapters/memory/presence.ts';
import { openRedis } from '../../src/adapters/redis/redis.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { Bus, PresenceBoard, RateLimiter } from '../../src/ports/bus.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { silent } from './message-logs.ts';
import { startRedis, type TestRedis } from './redis.ts';

/** What processes share, as one of them has it. */
export interface Shared {
  readonly bus: Bus;
  readonly presence: PresenceBoard;
  readonly limiter: RateLimiter;
  close(): Promise<void>;
}

export interface SharedKind {
  readonly name: string;
  /** As many processes' views of the same; null where the service is absent. */
  open(processes: number): Promise<readonly Shared[] | null>;
}

/** The beats of the bus run by the system's clock; buckets by a clock that `clock` moves. */
export function sharedKinds(clock: Clock): readonly SharedKind[] {
  let redis: TestRedis | null = null;
  let opened = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.stop();
  });
  return [
    {
      name: 'memory',
      async open(processes) {
        const bus = makeMemoryBus();
        const shared = { bus, presence: makeMemoryPresence({ clock }), limiter: makeMemoryLimiter({ clock }) };
        return Array.from({ length: processes }, () => ({ ...shared, close: bus.close }));
      },
    },
    {
      name: 'Redis',
      async open(processes) {
        const server = redis;
        if (server === null) return null;
        const prefix = `test-${++opened}:`;
        const { after } = systemClock(silent);
        const open = (_: unknown, i: number) =>
          openRedis({ url: server.url, node: `node-${i}`, clock: { now: clock.now, after }, log: silent, prefix });
        return await Promise.all(Array.from({ length: processes }, open));
      },
    },
  ];
}
