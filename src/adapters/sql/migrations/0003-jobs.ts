import type { Migration } from './migration.ts';

export const jobs: Migration = {
  name: '0003-jobs',
  statements: ({ text, number, counter }) => [
    `create table jobs (
      job_id ${counter},
      queue ${text} not null,
      key ${text} not null,
      payload ${text} not null,
      state ${text} not null,
      due_at ${number} not null,
      attempts ${number} not null default 0,
      error ${text},
      failed_at ${number}
    )`,
    `create unique index jobs_waiting on jobs (queue, key) where state = 'waiting'`,
    `create index jobs_due on jobs (queue, due_at) where state <> 'failed'`,
    `create index jobs_failed on jobs (failed_at) where state = 'failed'`,

    `create table nodes (
      node ${text} primary key,
      roles ${text} not null,
      beat_at ${number} not null
    )`,
  ],
};
