import type { Migration } from './migration.ts';

export const keeping: Migration = {
  name: '0005-keeping',
  statements: ({ text, number }) => [
    `alter table conversations add column settings ${text} not null default '{}'`,
    `alter table conversations add column pins ${text} not null default '[]'`,

    `alter table members add column joined_seq ${number}`,
    `alter table members add column pinned ${number} not null default 0`,
    `alter table members add column archived ${number} not null default 0`,
    `alter table members add column muted_until ${number}`,
    `alter table members add column marked_unread ${number} not null default 0`,
    `alter table members add column draft_text ${text}`,
    `alter table members add column draft_reply_to ${number}`,
    `alter table members add column draft_at ${number}`,
    `alter table members add column hidden ${text} not null default '[]'`,

    `alter table owed_entries add column target ${number}`,
    `alter table owed_entries add column opens_at ${number}`,
  ],
};
