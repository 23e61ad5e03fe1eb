import type { Migration } from './migration.ts';

export const imports: Migration = {
  name: '0010-imports',
  statements: ({ text, number }) => [
    `create table imports (
      source ${text} not null,
      import_key ${text} not null,
      conversation_id ${text} not null unique,
      kind ${text} not null,
      begun_at ${number} not null,
      finished_at ${number},
      primary key (source, import_key)
    )`,
  ],
};
