import type { Migration } from './migration.ts';

export const scheduledPreviews: Migration = {
  name: '0013-scheduled-previews',
  statements: ({ number }) => [`alter table scheduled add column preview ${number} not null default 1`],
};
