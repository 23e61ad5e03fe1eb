import type { Migration } from './migration.ts';

export const people: Migration = {
  name: '0006-people',
  statements: ({ text, number }) => [
    `alter table members add column delivered_before ${number} not null default 0`,

    `create table privacy (
      user_id ${text} primary key references users (user_id),
      last_seen ${text} not null default 'everybody',
      read_receipts ${number} not null default 1,
      blocks_changed_at ${number} not null default 0
    )`,

    `create table blocks (
      user_id ${text} not null references users (user_id),
      blocked_id ${text} not null references users (user_id),
      created_at ${number} not null,
      primary key (user_id, blocked_id)
    )`,
    'create index blocks_blocked on blocks (blocked_id)',

    `create table reports (
      report_id ${text} primary key,
      reporter_id ${text} not null references users (user_id),
      author_id ${text} not null references users (user_id),
      conversation_id ${text} not null references conversations (conversation_id),
      seq ${number} not null,
      reason ${text} not null,
      note ${text} not null,
      message ${text} not null,
      created_at ${number} not null,
      resolved_at ${number},
      resolved_by ${text} references users (user_id),
      outcome ${text},
      outcome_note ${text}
    )`,
    `create unique index reports_once on reports (reporter_id, conversation_id, seq) where resolved_at is null`,
    'create index reports_open on reports (report_id) where resolved_at is null',
    'create index reports_resolved on reports (resolved_at) where resolved_at is not null',
    'create index reports_reporter on reports (reporter_id, report_id)',
  ],
};
