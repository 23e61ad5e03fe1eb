import type { Bus, PresenceBoard, RateLimiter } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { NodeId } from '../../protocol/ids.ts';
import { makeRedisBus } from './bus.ts';
import { connect } from './connection.ts';
import { makeRedisLimiter } from './limiter.ts';
import { makeRedisPresence } from './presence.ts';

/** At the start Redis must answer within this, ms. Later it may come and go. */
const patienceMs = 10_000;

/** Throws AppError `unavailable` where Redis does not answer. `prefix` begins every key and channel: one per instance. */
export async function openRedis(options: {
  readonly url: string;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly log: Log;
  readonly prefix?: string;
}): Promise<{
  readonly bus: Bus;
  readonly presence: PresenceBoard;
  readonly limiter: RateLimiter;
  health(): ReturnType<Bus['health']>;
  close(): Promise<void>;
}> {
  const { url, node, clock, log, prefix = 'messenger:' } = options;
  let reason: Error | undefined;
  const failed = (error: Error) => {
    if (reason?.message !== error.message) log.warn({ err: error }, 'redis is out of reach');
    reason = error;
  };
  const sending = connect(url, `${node}-sending`, failed);
  const hearing = connect(url, `${node}-hearing`, failed);
  const bus = makeRedisBus({ sending, hearing, prefix, clock, log });
  const reachable = () => bus.health().ok;

  async function close(): Promise<void> {
    await bus.close();
    sending.disconnect();
    hearing.disconnect();
  }

  if (!(await settled(reachable))) {
    await close();
    throw new AppError('unavailable', 'bus_unreachable', { cause: reason });
  }
  return {
    bus,
    presence: makeRedisPresence(sending, prefix, reachable),
    limiter: makeRedisLimiter(sending, prefix, clock, reachable),
    health: bus.health,
    close,
  };
}

/** Whether it comes true in time. */
async function settled(ready: () => boolean): Promise<boolean> {
  const until = performance.now() + patienceMs;
  while (!ready()) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
