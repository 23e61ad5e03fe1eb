import { type Selectable, sql } from 'kysely';
import type { Job, JobStore } from '../../ports/job-store.ts';
import type { Database } from './database.ts';
import type { JobRow } from './schema.ts';

/**
 * A job's id names the attempt too, so that a worker whose lease ran out cannot put back what another one works on. Its
 * `finish` counts all the same: the work is done.
 */
function jobIdOf(row: Pick<Selectable<JobRow>, 'job_id' | 'attempts'>): string {
  return `${row.job_id}.${row.attempts}`;
}

function readJobId(jobId: string): { id: number; attempt: number } {
  const [id, attempt] = jobId.split('.').map(Number);
  return { id: id ?? 0, attempt: attempt ?? 0 };
}

export function makeJobStore(database: Database): JobStore {
  const { query, dialect } = database;

  return {
    async add(jobs) {
      if (jobs.length === 0) return;
      const rows = dialect.rows({ queue: 'text', key: 'text', payload: 'text', due_at: 'number' }, joined(jobs));
      await database.write(async (transaction) => {
        await sql`
          insert into jobs (queue, key, payload, state, due_at)
          select queue, key, payload, 'waiting', due_at from ${rows} as given where true
          on conflict (queue, key) where state = 'waiting' do update set
            payload = excluded.payload,
            due_at = case when excluded.due_at < jobs.due_at then excluded.due_at else jobs.due_at end
        `.execute(transaction);
      });
    },

    async take(queues, limit, leaseMs) {
      return await database.write(async (transaction) => {
        const due = await transaction
          .selectFrom('jobs')
          .selectAll()
          .where('queue', 'in', (row) => row.selectFrom(dialect.texts(queues).as('asked')).select('asked.value'))
          .where('state', '<>', 'failed')
          .where('due_at', '<=', dialect.now())
          .orderBy('due_at')
          .orderBy('job_id')
          .limit(limit)
          .modifyEnd(dialect.lockFree())
          .execute();
        if (due.length === 0) return [];
        await transaction
          .updateTable('jobs')
          .set((row) => ({
            state: 'running',
            due_at: sql<number>`${dialect.now()} + ${sql.lit(leaseMs)}`,
            attempts: row('attempts', '+', 1),
          }))
          .where('job_id', 'in', (row) =>
            row
              .selectFrom(
                dialect
                  .rows(
                    { job_id: 'number' },
                    due.map(({ job_id }) => ({ job_id })),
                  )
                  .as('due'),
              )
              .select(sql<number>`due.job_id`.as('job_id')),
          )
          .execute();
        return due.map((row) => jobOf({ ...row, attempts: row.attempts + 1 }));
      });
    },

    async finish(jobId) {
      await query.deleteFrom('jobs').where('job_id', '=', readJobId(jobId).id).execute();
    },

    async fail(jobId, error, runAt) {
      const { id, attempt } = readJobId(jobId);
      const mine = sql<boolean>`job_id = ${id} and attempts = ${attempt} and state = 'running'`;
      await database.write(async (transaction) => {
        const job = await transaction
          .selectFrom('jobs')
          .selectAll()
          .where(mine)
          .modifyEnd(dialect.lock())
          .executeTakeFirst();
        if (!job) return;
        if (runAt === null) {
          await transaction
            .updateTable('jobs')
            .set({ state: 'failed', error, failed_at: dialect.now() })
            .where('job_id', '=', id)
            .execute();
          return;
        }
        // The one that came meanwhile under the same key stands for both.
        await transaction.deleteFrom('jobs').where('job_id', '=', id).execute();
        await transaction
          .insertInto('jobs')
          .values({
            queue: job.queue,
            key: job.key,
            payload: job.payload,
            state: 'waiting',
            due_at: runAt,
            attempts: job.attempts,
            error,
            failed_at: null,
          })
          .onConflict((conflict) =>
            conflict.columns(['queue', 'key']).where('state', '=', sql.lit('waiting')).doNothing(),
          )
          .execute();
      });
    },

    async find(keyBegin, limit) {
      const rows = await query
        .selectFrom('jobs')
        .selectAll()
        .where(sql<boolean>`substr(key, 1, ${sql.lit(keyBegin.length)}) = ${keyBegin}`)
        .orderBy('job_id', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        job: jobOf(row),
        state: row.state,
        at: row.failed_at ?? row.due_at,
        error: row.error,
      }));
    },

    async failures(limit) {
      const rows = await query
        .selectFrom('jobs')
        .selectAll()
        .where('state', '=', 'failed')
        .orderBy('failed_at', 'desc')
        .orderBy('job_id', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ job: jobOf(row), error: row.error ?? '', failedAt: row.failed_at ?? 0 }));
    },
  };
}

/** Jobs of one key in one write join too. In order of their keys, so that two writes do not wait for each other. */
function joined(jobs: Parameters<JobStore['add']>[0]): object[] {
  const byKey = new Map<string, { queue: string; key: string; payload: string; due_at: number }>();
  for (const { queue, key, payload, runAt } of jobs) {
    const name = JSON.stringify([queue, key]);
    const due_at = Math.min(runAt, byKey.get(name)?.due_at ?? runAt);
    byKey.set(name, { queue, key, payload: JSON.stringify(payload ?? null), due_at });
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function jobOf(row: Selectable<JobRow>): Job {
  return {
    jobId: jobIdOf(row),
    queue: row.queue,
    key: row.key,
    payload: JSON.parse(row.payload),
    attempts: row.attempts - 1,
  };
}
