import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Job, JobHandler, JobStore } from '../ports/job-store.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';

export interface Worker {
  start(): Promise<void>;
  /** Takes nothing more, and resolves when what it took is done. */
  stop(): Promise<void>;
}

/** Jobs at once. */
const concurrency = 8;
/** A job that runs longer is taken for lost, and is due again. */
const leaseMs = 60_000;
/** The bus wakes a worker; what becomes due by itself is looked for this often. */
const betweenLooksMs = 1_000;
const firstRetryMs = 1_000;
const longestRetryMs = 60 * 60_000;
/** With the waits doubling, about half a day. */
const attemptsInAll = 24;

export function makeWorker(parts: {
  readonly jobs: JobStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly handlers: Readonly<Record<string, JobHandler>>;
}): Worker {
  const { jobs, bus, clock, random, handlers } = parts;
  const log = parts.log.child({ component: 'worker' });
  const queues = Object.keys(handlers);
  const underWay = new Set<Promise<void>>();
  let running = false;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let takeBack = () => {};
  let unsubscribe = () => {};

  /** One look at a time; who asks during one gets another behind it. */
  function look(): void {
    if (!running) return;
    if (looking !== null) {
      lookAgain = true;
      return;
    }
    takeBack();
    lookAgain = false;
    looking = takeDue()
      .catch((error: unknown) => log.warn({ err: error }, 'jobs not taken'))
      .then(() => {
        looking = null;
        if (lookAgain) look();
        else if (running) takeBack = clock.after(betweenLooksMs, look);
      });
  }

  async function takeDue(): Promise<void> {
    const room = concurrency - underWay.size;
    if (room <= 0) return;
    const taken = await jobs.take(queues, room, leaseMs);
    for (const job of taken) begin(job);
    if (taken.length === room) lookAgain = true;
  }

  function begin(job: Job): void {
    const doing = doJob(job).finally(() => {
      underWay.delete(doing);
      if (underWay.size === concurrency - 1) look();
    });
    underWay.add(doing);
  }

  async function doJob(job: Job): Promise<void> {
    const { jobId, queue } = job;
    try {
      await handlers[queue]?.(job);
      await jobs.finish(jobId);
    } catch (error) {
      await giveBack(job, error);
    }
  }

  /** If this fails too, the lease ends by itself. */
  async function giveBack({ jobId, queue, attempts }: Job, error: unknown): Promise<void> {
    const last = attempts + 1 >= attemptsInAll;
    log.warn({ err: error, queue, jobId, attempts, last }, 'job failed');
    const says = error instanceof Error ? error.message : String(error);
    try {
      await jobs.fail(jobId, says, last ? null : clock.now() + backOff(attempts, random.fraction()));
    } catch (failure) {
      log.warn({ err: failure, queue, jobId }, 'job not given back');
    }
  }

  return {
    async start() {
      if (queues.length === 0) return;
      running = true;
      unsubscribe = bus.subscribe('nodes', (message) => {
        if (message.type === 'jobs') look();
      });
      look();
    },
    async stop() {
      running = false;
      takeBack();
      unsubscribe();
      await looking;
      await Promise.all(underWay);
    },
  };
}

/** Doubles with every attempt, up to an hour; spread by half, so that what failed together does not return together. */
export function backOff(attempts: number, fraction: number): number {
  const whole = Math.min(longestRetryMs, firstRetryMs * 2 ** attempts);
  return Math.round(whole * (0.5 + fraction / 2));
}
