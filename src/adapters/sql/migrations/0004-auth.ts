import type { Migration } from './migration.ts';

export const auth: Migration = {
  name: '0004-auth',
  statements: ({ text, number, counter }) => [
    `alter table users add column state ${text} not null default 'active'`,
    `update users set state = 'disabled' where gone = 1`,
    'alter table users drop column gone',
    `alter table users add column email ${text}`,
    `alter table users add column language ${text}`,
    `alter table users add column password_changed_at ${number} not null default 0`,
    'update users set password_changed_at = created_at',
    `alter table users add column deletes_at ${number}`,
    'create unique index users_email on users (email)',
    'create index users_state on users (state, name)',
    'create index users_role on users (role, state)',

    `alter table invites add column conversation_ids ${text} not null default '[]'`,

    `create table authenticators (
      user_id ${text} primary key references users (user_id),
      secret ${text},
      pending_secret ${text},
      last_step ${number}
    )`,
    `create table recovery_codes (
      user_id ${text} not null references users (user_id),
      mac ${text} not null,
      primary key (user_id, mac)
    )`,

    `create table passkeys (
      passkey_id ${text} primary key,
      user_id ${text} not null references users (user_id),
      credential_id ${text} not null unique,
      public_key ${text} not null,
      sign_count ${number} not null,
      transports ${text} not null,
      name ${text} not null,
      host ${text} not null,
      created_at ${number} not null,
      last_used_at ${number}
    )`,
    'create index passkeys_user on passkeys (user_id)',

    `create table tickets (
      ticket_id ${counter},
      hash ${text} not null unique,
      purpose ${text} not null,
      user_id ${text} references users (user_id),
      data ${text} not null,
      expires_at ${number} not null
    )`,
    'create index tickets_user on tickets (user_id, purpose)',
    'create index tickets_expires on tickets (expires_at)',

    `create table devices (
      user_id ${text} not null references users (user_id),
      token_hash ${text} not null,
      trusted_until ${number},
      last_used_at ${number} not null,
      primary key (user_id, token_hash)
    )`,

    `create table api_tokens (
      api_token_id ${text} primary key,
      user_id ${text} not null references users (user_id),
      token_hash ${text} not null unique,
      name ${text} not null,
      scopes ${text} not null,
      created_at ${number} not null,
      expires_at ${number},
      last_used_at ${number},
      revoked_at ${number}
    )`,
    'create index api_tokens_user on api_tokens (user_id)',

    `alter table audit_events add column person_id ${text}`,
    `update audit_events set person_id = coalesce(
      (select users.user_id from users where users.user_id = audit_events.subject_id),
      (select sessions.user_id from sessions where sessions.session_id = audit_events.subject_id)
    )`,
    'create index audit_events_actor on audit_events (actor_id, event_id)',
    'create index audit_events_person on audit_events (person_id, event_id)',
  ],
};
