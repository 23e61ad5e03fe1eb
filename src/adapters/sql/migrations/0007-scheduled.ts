import type { Migration } from './migration.ts';

export const scheduled: Migration = {
  name: '0007-scheduled',
  statements: ({ text, number }) => [
    `create table scheduled (
      user_id ${text} not null references users (user_id),
      client_id ${text} not null,
      conversation_id ${text} not null references conversations (conversation_id),
      body ${text} not null,
      reply_to ${number},
      send_at ${number} not null,
      begun ${number} not null default 0,
      refused ${text},
      primary key (user_id, client_id)
    )`,
    'create index scheduled_due on scheduled (send_at) where refused is null',
  ],
};
