import type { Explanation, Typed } from '../words.ts';
import { accountRefusals } from './account-refusals.ts';
import { transferRefusals } from './transfer.ts';

/** What an operation's error means to who runs the instance, by its reason. */
export const refusals = {
  ...accountRefusals,
  ...transferRefusals,
  throttled: () => ({ what: 'That was too often.', mend: ['Wait a little, then try again.'] }),
  busy: () => ({ what: 'The server has too much to do just now.', mend: ['Wait a little, then try again.'] }),
  store_away: (typed) => ({ what: 'The store cannot be reached.', mend: [typed('doctor')] }),
  store_unreachable: (typed) => ({ what: 'The store cannot be reached.', mend: [typed('doctor')] }),
  store_damaged: (typed) => ({
    what: 'The database is damaged.',
    mend: [typed('doctor'), 'Stop the instance and restore the latest backup.'],
  }),
  database_newer: () => ({
    what: 'A newer version of Messenger made this database.',
    why: 'This version does not know its form, and leaves it untouched.',
    mend: ['Install the newer version again, or restore a backup made before it.'],
  }),
  migration_changed: () => ({
    what: 'The database was made by an altered version of Messenger.',
    why: 'One of the steps that made it is not the one this version has. It was left untouched.',
    mend: ['Install an unaltered version of Messenger.'],
  }),
  disk_full: (typed) => ({
    what: 'The disk is full.',
    why: 'What was stored before is unharmed; nothing more can be stored.',
    mend: [`Free some space (df -h), then: ${typed('doctor')}`],
  }),
  read_only: (typed) => ({
    what: 'Nothing can be written to the instance’s folder.',
    why: 'The file system is mounted read-only, or the files may not be changed. Nothing was damaged.',
    mend: ['Mount it writable, or give the files back their permissions (chmod u+w), then try again.', typed('doctor')],
  }),
  removing_is_acting: () => ({
    what: 'Who removes the message has acted on the report.',
    mend: ['Use --outcome acted with --remove, or leave --remove away.'],
  }),
  no_such_message: () => ({
    what: 'There is no such message.',
    why: 'The conversation is another, it has fewer entries, or the message was older than what is kept.',
    mend: ['Copy the link of the message in the client, and give it as it is.'],
  }),
  no_such_report: (typed) => ({ what: 'There is no such report.', mend: [typed('reports list --state all')] }),
  timed_out: (typed) => ({ what: 'The server did not answer in time.', mend: [typed('status'), typed('logs')] }),
  not_permitted: () => ({
    what: 'The instance belongs to another user.',
    mend: ['Run the command as the owner of the instance (sudo -u OWNER …).'],
  }),
  invalid_input: () => ({ what: 'The server does not take these values.', mend: ['See --help for what is right.'] }),
  internal: (typed) => ({
    what: 'The server made a mistake.',
    mend: [`The log says more: ${typed('logs --level error')}`],
  }),
} satisfies Record<string, (typed: Typed) => Explanation>;
