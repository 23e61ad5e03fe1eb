import { accounts } from './0001-accounts.ts';
import { conversations } from './0002-conversations.ts';
import { jobs } from './0003-jobs.ts';
import { auth } from './0004-auth.ts';
import { keeping } from './0005-keeping.ts';
import { people } from './0006-people.ts';
import { scheduled } from './0007-scheduled.ts';
import { avatars } from './0008-avatars.ts';
import { bots } from './0009-bots.ts';
import { imports } from './0010-imports.ts';
import { delivery } from './0011-delivery.ts';
import { groupLinks } from './0012-group-links.ts';
import { scheduledPreviews } from './0013-scheduled-previews.ts';
import type { Migration } from './migration.ts';

/** All steps, in order. New ones go to the end. */
export const migrations: readonly Migration[] = [
  accounts,
  conversations,
  jobs,
  auth,
  keeping,
  people,
  scheduled,
  avatars,
  bots,
  imports,
  delivery,
  groupLinks,
  scheduledPreviews,
];
