import type { Platform } from '../../ports/platform.ts';
import type { Dispatching } from '../messaging/dispatching.ts';
import type { Membership } from '../messaging/membership.ts';
import type { Scheduling } from '../messaging/scheduling.ts';
import type { Forgetting } from './forgetting.ts';

/** Repeats what a stopped or killed node left undone. */
export interface Sweeper {
  /** Does what this node itself left behind when it last ended, then keeps looking after the others. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** One round, for those who do not want to wait for it. */
  sweep(): Promise<void>;
}

const roundMs = 5_000;
/** A node that was not heard for this long counts as dead. */
const silenceMs = 30_000;
/** A change whose entry is not in the log after this long was left behind. */
const owedForMs = 5_000;
const owedPage = 100;
/** Between two looks at what is older than it is kept. */
const betweenRetirementsMs = 10 * 60_000;

export function makeSweeper({
  node,
  clock,
  log,
  conversations,
  messages,
  nodes,
  sessions,
  dispatching,
  membership,
  forgetting,
  scheduling,
}: Pick<Platform, 'node' | 'clock' | 'log' | 'conversations' | 'messages' | 'nodes' | 'sessions'> & {
  dispatching: Dispatching;
  membership: Membership;
  forgetting: Forgetting;
  scheduling: Pick<Scheduling, 'rescue'>;
}): Sweeper {
  let cancel: (() => void) | null = null;
  let round: Promise<void> = Promise.resolve();
  let stopped = false;
  let retiredAt = Number.NEGATIVE_INFINITY;

  async function settleOwed(before: number): Promise<void> {
    const left = new Set<string>();
    for (;;) {
      const owing = (await conversations.owing(before, owedPage)).filter((id) => !left.has(id));
      if (owing.length === 0) return;
      for (const conversationId of owing) {
        left.add(conversationId);
        await membership.settle(conversationId);
      }
    }
  }

  async function sweep(): Promise<void> {
    await nodes.beat(node, ['api']);
    await settleOwed((await sessions.now()) - owedForMs);
    const alive = new Map((await nodes.list()).map((other) => [other.node, other.silentMs <= silenceMs]));
    for (const other of await messages.nodes())
      if (other !== node && alive.get(other) !== true) await dispatching.catchUp(other);
    await forgetting.expire();
    if (clock.now() < retiredAt + betweenRetirementsMs) return;
    retiredAt = clock.now();
    await scheduling.rescue();
    await forgetting.retire();
  }

  function schedule() {
    if (stopped) return;
    cancel = clock.after(roundMs, () => {
      round = sweep()
        .catch((error: unknown) => log.warn({ error }, 'the sweeper could not finish its round'))
        .finally(schedule);
    });
  }

  return {
    sweep,
    start: async () => {
      await nodes.beat(node, ['api']);
      await settleOwed(await sessions.now());
      await dispatching.catchUp(node);
      schedule();
    },
    stop: async () => {
      stopped = true;
      cancel?.();
      await round;
    },
  };
}
