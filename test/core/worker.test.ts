import { describe, expect, test } from 'vitest';
import { makeMemoryBus } from '../../src/adapters/memory/bus.ts';
import { makeLog } from '../../src/adapters/system/log.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import type { Job, JobStore } from '../../src/ports/job-store.ts';
import { backOff, makeWorker } from '../../src/workers/worker.ts';
import { makeHandClock } from '../support/clock.ts';

interface Row {
  readonly job: Job;
  runAt: number;
  error: string | null;
}

/** A worker over jobs in memory. */
function setUp(handlers: Parameters<typeof makeWorker>[0]['handlers'], payloads: readonly unknown[] = []) {
  const clock = makeHandClock();
  const bus = makeMemoryBus();
  const log = makeLog({ level: 'error', destination: { write: () => {} } });
  const rows: Row[] = [];
  const finished: string[] = [];
  const failures: Row[] = [];
  const add = (payload: unknown) => {
    const jobId = `job-${rows.length + finished.length}`;
    rows.push({ job: { jobId, queue: 'push', key: jobId, payload, attempts: 0 }, runAt: clock.now(), error: null });
  };
  payloads.forEach(add);
  const find = (jobId: string) => rows.findIndex(({ job }) => job.jobId === jobId);
  const jobs: JobStore = {
    add: async () => {},
    async take(queues, limit, leaseMs) {
      const due = rows.filter(({ job, runAt }) => queues.includes(job.queue) && runAt <= clock.now()).slice(0, limit);
      for (const row of due) row.runAt = clock.now() + leaseMs;
      return due.map(({ job }) => job);
    },
    async finish(jobId) {
      finished.push(jobId);
      rows.splice(find(jobId), 1);
    },
    async fail(jobId, error, runAt) {
      const [row] = rows.splice(find(jobId), 1);
      if (row === undefined) return;
      const job = { ...row.job, attempts: row.job.attempts + 1 };
      if (runAt === null) failures.push({ ...row, error });
      else rows.push({ job, runAt, error });
    },
    find: async () => [],
    failures: async () => [],
  };
  const worker = makeWorker({ jobs, bus, clock, random: { ...systemRandom(), fraction: () => 1 }, log, handlers });
  return { worker, clock, bus, rows, finished, failures, add };
}

describe('a worker', () => {
  test('does what is due, in the order it became due', async () => {
    const done: unknown[] = [];
    const { worker, clock, finished } = setUp({ push: async ({ payload }) => void done.push(payload) }, [1, 2, 3]);
    await worker.start();
    await clock.pass(0);
    expect(done).toEqual([1, 2, 3]);
    expect(finished).toHaveLength(3);
    await worker.stop();
  });

  test('does many more than fit at once, without waiting for the next look', async () => {
    const done: unknown[] = [];
    const payloads = Array.from({ length: 100 }, (_, index) => index);
    const { worker, clock } = setUp({ push: async ({ payload }) => void done.push(payload) }, payloads);
    await worker.start();
    await expect.poll(() => done.length).toBe(100);
    expect(clock.now()).toBe(makeHandClock().now());
    await worker.stop();
  });

  test('does no more than eight at once', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let underWay = 0;
    const { worker, clock, finished } = setUp(
      {
        push: async () => {
          underWay++;
          await held;
        },
      },
      Array.from({ length: 20 }),
    );
    await worker.start();
    await clock.pass(2_000);
    expect(underWay).toBe(8);
    release();
    await expect.poll(() => finished.length).toBe(20);
    await worker.stop();
  });

  test('is woken by the bus, and looks by itself every second', async () => {
    const done: unknown[] = [];
    const { worker, clock, bus, add } = setUp({ push: async ({ payload }) => void done.push(payload) });
    await worker.start();
    await clock.pass(10);
    add('called');
    bus.publish('nodes', { type: 'jobs' });
    await clock.pass(0);
    expect(done).toEqual(['called']);
    add('found');
    await clock.pass(1_000);
    expect(done).toEqual(['called', 'found']);
    await worker.stop();
  });

  test('tries what failed again, later each time, and keeps it for the operator in the end', async () => {
    const attempts: number[] = [];
    const { worker, clock, failures, rows } = setUp(
      {
        push: async ({ attempts: before }) => {
          attempts.push(before);
          throw new Error('no route');
        },
      },
      ['x'],
    );
    await worker.start();
    await clock.pass(0);
    expect(rows[0]).toMatchObject({ error: 'no route', runAt: clock.now() + 1_000 });
    await clock.pass(1_000);
    expect(rows[0]?.runAt).toBe(clock.now() + 2_000);
    for (let i = 0; i < 24; i++) await clock.pass(Math.max(0, (rows[0]?.runAt ?? 0) - clock.now()) + 1_000);
    expect(attempts).toEqual(Array.from({ length: 24 }, (_, index) => index));
    expect(failures).toHaveLength(1);
    await worker.stop();
  });

  test('drains: what it took is finished before it has stopped, and nothing more is taken', async () => {
    let release = () => {};
    const { worker, clock, finished, add } = setUp(
      {
        push: () =>
          new Promise<void>((resolve) => {
            release = resolve;
          }),
      },
      ['x'],
    );
    await worker.start();
    await clock.pass(0);
    add('y');
    let stopped = false;
    const stopping = worker.stop().then(() => {
      stopped = true;
    });
    await clock.pass(5_000);
    expect(stopped).toBe(false);
    release();
    await stopping;
    expect(finished).toEqual(['job-0']);
  });
});

test('waits double up to an hour', () => {
  expect([0, 1, 2, 3].map((attempts) => backOff(attempts, 1))).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(backOff(30, 1)).toBe(3_600_000);
  expect(backOff(0, 0)).toBe(500);
});
