import type { Redis } from 'ioredis';
import type { Bus, BusMessage, Topic } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { makeTopics } from '../memory/topics.ts';
import { makeCalls } from './calls.ts';
import { openChannels } from './channels.ts';

/** A call is claimed by the process that answers it, and the claim is kept this long, ms. */
const claimMs = 60_000;

/** The bus over Redis: everything is heard by every process, and told apart there. */
export function makeRedisBus(options: {
  readonly sending: Redis;
  readonly hearing: Redis;
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
}): Bus {
  const { sending, prefix, log } = options;
  const topics = makeTopics();
  const gaps = new Set<{ readonly heal: () => void }>();
  let gapDue = false;

  function missed(): void {
    if (gapDue) return;
    gapDue = true;
    log.warn({}, 'bus messages may have been missed');
    setImmediate(() => {
      gapDue = false;
      for (const { heal } of gaps) heal();
    });
  }

  const channels = openChannels({
    ...options,
    missed,
    hear: (item) => {
      if (!calls.hear(item)) topics.deliver(item[0] as Topic, item[1] as BusMessage);
    },
  });
  const calls = makeCalls({
    self: channels.self,
    say: channels.say,
    log,
    async claim(id) {
      return (await sending.set(`${prefix}call:${id}`, channels.self, 'PX', claimMs, 'NX')) === 'OK';
    },
  });

  return {
    publish: (topic, message) => channels.say(topic, [topic, message]),
    subscribe: topics.subscribe,
    onGap(listener) {
      const mine = { heal: listener };
      gaps.add(mine);
      return () => gaps.delete(mine);
    },
    call: calls.call,
    serve: calls.serve,
    health: () => (channels.open() ? { ok: true, says: 'Redis answers' } : { ok: false, says: 'cut off from Redis' }),
    async close() {
      channels.close();
      topics.clear();
      calls.clear();
      gaps.clear();
    },
  };
}
