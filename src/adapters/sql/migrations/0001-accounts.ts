import type { Migration } from './migration.ts';

export const accounts: Migration = {
  name: '0001-accounts',
  statements: ({ text, number, counter }) => [
    `create table users (
      user_id ${text} primary key,
      name ${text} not null unique,
      display_name ${text} not null,
      words ${text} not null,
      password_hash ${text} not null,
      role ${text} not null,
      gone ${number} not null default 0,
      created_at ${number} not null,
      last_seen_at ${number},
      changed_at ${number} not null
    )`,
    'create index users_changed on users (changed_at)',

    `create table invites (
      invite_id ${text} primary key,
      token_hash ${text} not null unique,
      role ${text} not null,
      created_by ${text} references users (user_id),
      created_at ${number} not null,
      expires_at ${number},
      max_uses ${number},
      uses ${number} not null default 0,
      revoked_at ${number},
      note ${text} not null
    )`,
    'create index invites_created_by on invites (created_by)',

    `create table sessions (
      session_id ${text} primary key,
      user_id ${text} not null references users (user_id),
      device ${text} not null,
      address ${text} not null,
      created_at ${number} not null,
      last_seen_at ${number} not null,
      generation ${number} not null,
      confirmed_at ${number},
      closed_at ${number},
      closed_because ${text}
    )`,
    'create index sessions_open on sessions (user_id) where closed_at is null',

    `create table revocations (
      revocation_id ${counter},
      at ${number} not null,
      session_id ${text},
      user_id ${text},
      reason ${text} not null
    )`,
    'create index revocations_at on revocations (at)',

    `create table audit_events (
      event_id ${counter},
      at ${number} not null,
      action ${text} not null,
      actor_id ${text},
      subject_id ${text},
      address ${text},
      details ${text} not null
    )`,
    'create index audit_events_at on audit_events (at)',
  ],
};
