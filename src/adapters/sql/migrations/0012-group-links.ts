import type { Migration } from './migration.ts';

export const groupLinks: Migration = {
  name: '0012-group-links',
  statements: ({ text, number }) => [
    `alter table members add column barred ${number} not null default 0`,

    `create table group_links (
      group_link_id ${text} primary key,
      conversation_id ${text} not null references conversations (conversation_id),
      secret_hash ${text} not null unique,
      created_by ${text} not null references users (user_id),
      created_at ${number} not null,
      expires_at ${number},
      max_uses ${number},
      uses ${number} not null default 0,
      revoked_at ${number}
    )`,
    'create index group_links_conversation on group_links (conversation_id, created_at)',

    `create table group_link_uses (
      group_link_id ${text} not null references group_links (group_link_id),
      user_id ${text} not null references users (user_id),
      primary key (group_link_id, user_id)
    )`,
  ],
};
