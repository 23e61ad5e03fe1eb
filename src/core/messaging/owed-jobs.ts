import type { JobStore, NewJob } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Entry } from '../../protocol/models.ts';

/** Work that stored entries owe. Whoever has some is named in `messaging.ts`, and does it in a queue of its own. */
export interface OwesJobs {
  /**
   * The job an entry owes; null, as for most: none. Called for every entry this node stores, on its way to the people: it
   * looks at nothing but the entry, and never throws. Jobs of one queue and key join: the latest payload, the earliest time.
   */
  jobOf(entry: Entry): NewJob | null;
  /**
   * Asked at most once a second, before what gathered is stored: which of its jobs are needed after all. Those that it answers
   * are stored. Rejects to be asked again with them later.
   */
  needed?(jobs: readonly NewJob[]): Promise<readonly NewJob[]>;
}

/** Jobs that gather until they are stored in one write. */
export interface OwedJobs {
  note(entry: Entry): void;
  /** Resolves when all that was noted before is stored; rejects when it may not be: it is noted still. */
  store(): Promise<void>;
}

export function makeOwedJobs(
  { bus, jobs }: { readonly bus: Platform['bus']; readonly jobs: Pick<JobStore, 'add'> },
  owes: readonly OwesJobs[],
): OwedJobs {
  const noted = owes.map((owing) => ({ owing, waiting: new Map<string, NewJob>() }));

  async function neededOf({ owing, waiting }: (typeof noted)[number]): Promise<readonly NewJob[]> {
    const all = [...waiting.values()];
    return all.length > 0 && owing.needed ? owing.needed(all) : all;
  }

  return {
    note(entry) {
      for (const { owing, waiting } of noted) {
        const job = owing.jobOf(entry);
        if (job) join(waiting, job);
      }
    },

    async store() {
      const taken = noted.map(({ owing, waiting }) => ({ owing, waiting: new Map(waiting) }));
      for (const { waiting } of noted) waiting.clear();
      try {
        const needed = (await Promise.all(taken.map(neededOf))).flat();
        if (needed.length === 0) return;
        await jobs.add(needed);
      } catch (error) {
        noted.forEach(({ waiting }, i) => {
          const later = [...waiting.values()];
          waiting.clear();
          for (const job of [...(taken[i]?.waiting.values() ?? []), ...later]) join(waiting, job);
        });
        throw error;
      }
      bus.publish('nodes', { type: 'jobs' });
    },
  };
}

function join(waiting: Map<string, NewJob>, job: NewJob): void {
  const name = `${job.queue} ${job.key}`;
  const first = waiting.get(name);
  waiting.set(name, first && first.runAt < job.runAt ? { ...job, runAt: first.runAt } : job);
}
