import type { Migration } from './migration.ts';

export const avatars: Migration = {
  name: '0008-avatars',
  statements: ({ text, number, bytes }) => [
    `alter table users add column avatar ${text}`,

    `create table avatars (
      hash ${text} primary key,
      type ${text} not null,
      content ${bytes} not null,
      stored_at ${number} not null
    )`,
  ],
};
