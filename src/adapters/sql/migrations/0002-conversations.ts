import type { Migration } from './migration.ts';

export const conversations: Migration = {
  name: '0002-conversations',
  statements: ({ text, number }) => [
    `create table conversations (
      conversation_id ${text} primary key,
      kind ${text} not null,
      title ${text} not null,
      created_at ${number} not null,
      version ${number} not null,
      member_count ${number} not null,
      changed_at ${number} not null,
      low_id ${text} references users (user_id),
      high_id ${text} references users (user_id),
      creator_id ${text} references users (user_id),
      client_id ${text},
      unique (low_id, high_id),
      unique (creator_id, client_id)
    )`,

    `create table members (
      conversation_id ${text} not null references conversations (conversation_id),
      user_id ${text} not null references users (user_id),
      role ${text} not null,
      member ${number} not null,
      spans ${text} not null,
      delivered_seq ${number} not null default 0,
      read_seq ${number} not null default 0,
      changed_at ${number} not null,
      marks_changed_at ${number} not null,
      joined_at ${number} not null,
      primary key (conversation_id, user_id)
    )`,
    'create index members_user on members (user_id, conversation_id)',
    'create index members_joined on members (conversation_id, joined_at)',
    'create index members_marks on members (conversation_id, marks_changed_at)',

    `create table owed_entries (
      conversation_id ${text} not null references conversations (conversation_id),
      version ${number} not null,
      client_id ${text} not null,
      sender_id ${text} not null,
      kind ${text} not null,
      body ${text} not null,
      created_at ${number} not null,
      settled_seq ${number},
      primary key (conversation_id, version)
    )`,
    'create index owed_entries_created on owed_entries (created_at) where settled_seq is null',
  ],
};
