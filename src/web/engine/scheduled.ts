import { computed, signal } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import type { ClientId } from '../../protocol/ids.ts';
import type { Output } from '../../protocol/operations.ts';
import type { Engine } from './engine.ts';
import { newClientId } from './ids.ts';
import type { Requests } from './requests.ts';
import type { World } from './world.ts';

/** What I want sent later, as the server has it: nothing of it is stored here. */
export interface ScheduledHere extends Pick<Engine, 'scheduled'> {
  /** It may have changed. Asks only where somebody looks. */
  refresh(): void;
  forget(): void;
}

type One = Output<'scheduled.list'>['scheduled'][number];

export function makeScheduled(world: Pick<World, 'now' | 'bytes'>, requests: Pick<Requests, 'ask'>): ScheduledHere {
  const all = signal<readonly One[]>([]);
  let isWanted = false;
  let asking = 0;

  function refresh(): void {
    if (isWanted) void read(++asking).catch(() => {});
  }

  async function read(mine: number): Promise<void> {
    const found: One[] = [];
    for (let after: ClientId | null = null; ; ) {
      const page: Output<'scheduled.list'> = await requests.ask('scheduled.list', { after });
      if (mine !== asking) return;
      found.push(...page.scheduled);
      after = page.scheduled.at(-1)?.clientId ?? null;
      if (!page.more || after === null) break;
    }
    all.value = found;
  }

  function put(one: One | null, clientId: ClientId): void {
    asking++;
    const others = all.peek().filter((other) => other.clientId !== clientId);
    all.value = one === null ? others : [...others, one];
  }

  return {
    refresh,
    forget() {
      asking++;
      isWanted = false;
      all.value = [];
    },
    scheduled: {
      of(conversationId) {
        if (!isWanted) {
          isWanted = true;
          queueMicrotask(refresh);
        }
        return computed(() =>
          all.value.filter((one) => one.conversationId === conversationId).sort((a, b) => a.sendAt - b.sendAt),
        );
      },
      async create(input) {
        const clientId = newClientId(world);
        const { scheduled } = await requests.ask('scheduled.create', { ...input, clientId });
        put(scheduled, clientId);
      },
      async change(clientId, change) {
        put((await requests.ask('scheduled.change', { clientId, ...change })).scheduled, clientId);
      },
      async cancel(clientId) {
        await requests.ask('scheduled.cancel', { clientId });
        put(null, clientId);
      },
      async sendNow(clientId) {
        try {
          await requests.ask('scheduled.sendNow', { clientId });
          put(null, clientId);
        } catch (error) {
          if (error instanceof AppError && error.reason === 'no_such_scheduled') put(null, clientId);
          refresh();
          throw error;
        }
      },
    },
  };
}
