import { accounts } from './0001-accounts.ts';
import { conversations } from './0002-conversations.ts';
import { jobs } from './0003-jobs.ts';
import { auth } from './0004-auth.ts';
import { keeping } from './0005-keeping.ts';
import { people } from './0006-people.ts';
import type { Migration } from './migration.ts';

/** All steps, in order. New ones go to the end. */
export const migrations: readonly Migration[] = [accounts, conversations, jobs, auth, keeping, people];
