import type { Migration } from './migration.ts';

export const bots: Migration = {
  name: '0009-bots',
  statements: ({ text, number }) => [
    `alter table users add column bot ${number} not null default 0`,

    `create table webhooks (
      webhook_id ${text} primary key,
      conversation_id ${text} not null references conversations (conversation_id),
      direction ${text} not null,
      name ${text} not null,
      bot_id ${text} not null references users (user_id),
      created_by ${text} references users (user_id),
      created_at ${number} not null,
      secret_hash ${text},
      sealed_secret ${text},
      url ${text},
      triggered_by ${text},
      word ${text},
      seq ${number} not null,
      last_used_at ${number},
      last_status ${number},
      last_error ${text},
      failures ${number} not null default 0,
      failing_since ${number},
      retry_at ${number} not null default 0,
      disabled_at ${number},
      busy_until ${number} not null default 0
    )`,
    'create unique index webhooks_secret on webhooks (secret_hash) where secret_hash is not null',
    'create index webhooks_conversation on webhooks (conversation_id, webhook_id)',
  ],
};
