import type { Migration } from './migration.ts';

export const delivery: Migration = {
  name: '0011-delivery',
  statements: ({ number }) => [
    `alter table members add column delivered_at ${number}`,
    `alter table members add column read_at ${number}`,
    `alter table members add column pushed_seq ${number} not null default 0`,
    `alter table conversations add column pushed_seq ${number} not null default 0`,
  ],
};
