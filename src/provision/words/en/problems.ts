import type { ProblemWords } from '../words.ts';
import { mistakes } from './mistakes.ts';
import { transferProblems } from './transfer.ts';

export const problems: ProblemWords = {
  ...transferProblems,
  not_an_instance: ({ home }, typed) => ({
    what: `There is no instance in ${home}.`,
    why: 'An instance is a folder with a messenger.yaml; --instance or MESSENGER_HOME name another one.',
    mend: [typed('init')],
  }),
  folder_not_empty: ({ home }) => ({
    what: `${home} holds other files.`,
    why: 'An instance wants a folder of its own, so that nothing of yours is mixed with it.',
    mend: ['Name a new folder with --instance or MESSENGER_HOME.'],
  }),
  config_invalid: ({ file, mistakes }, typed) => ({
    what:
      mistakes.length === 1 ? `There is a mistake in ${file}.` : `There are ${mistakes.length} mistakes in ${file}.`,
    mend: [`Mend them in ${file}, then: ${typed('doctor')}`],
  }),
  secrets_missing: ({ file }, typed) => ({
    what: `The keys of this instance are not there: ${file}`,
    why: 'Without them nobody’s sign-in can be checked.',
    mend: [
      'Bring the file back from a backup.',
      `If there is none, make new keys; everybody then signs in again: ${typed('init --yes')}`,
    ],
  }),
  secrets_invalid: ({ file }, typed) => ({
    what: `The keys of this instance cannot be read: ${file} is damaged.`,
    mend: [
      'Bring the file back from a backup.',
      `If there is none, move it away and make new keys; everybody then signs in again: ${typed('init --yes')}`,
    ],
  }),
  wrong_owner: ({ path, owner, me }) => ({
    what: `${path} belongs to ${owner}, and you are ${me}.`,
    why: 'Files that another user writes there could not be read by the instance afterwards.',
    mend: [`Run the command as ${owner}: sudo -u ${owner} …`],
  }),
  not_permitted: ({ path }) => ({
    what: `You are not allowed to do that: ${path}`,
    why: 'The file or the process belongs to another user.',
    mend: ['Run the command as the owner of the instance, or name another folder with --instance.', `ls -ld ${path}`],
  }),
  read_only: ({ path }) => ({
    what: `Nothing can be written to ${path}.`,
    why: 'The file system is mounted read-only, or the file may not be changed. Nothing was damaged.',
    mend: ['Mount it writable, or give the file back its permissions (chmod u+w), then try again.'],
  }),
  disk_full: ({ path }, typed) => ({
    what: `The disk is full: ${path}`,
    why: 'What was stored before is unharmed; nothing more can be stored.',
    mend: [`Free some space (df -h), then: ${typed('doctor')}`],
  }),
  port_in_use: ({ port }, typed) => ({
    what: `Port ${port} is in use by another program.`,
    mend: [
      `Take another port: ${typed(`config set port ${port + 1}`)}`,
      `Or only this once: ${typed(`up --port ${port + 1}`)}`,
      `Or see who has it: ss -ltnp 'sport = :${port}' (macOS: lsof -i :${port})`,
    ],
  }),
  port_not_permitted: ({ port }, typed) => ({
    what: `You are not allowed to listen on port ${port}.`,
    why: 'Ports below 1024 are kept for root.',
    mend: [`Take one above: ${typed('config set port 8080')}`],
  }),
  host_not_here: ({ host }, typed) => ({
    what: `This host has no address ${host} to listen on.`,
    mend: [`Listen on all of them: ${typed('config set host 0.0.0.0')}`],
  }),
  already_running: ({ home }, typed) => ({
    what: `The instance in ${home} is running already.`,
    mend: [typed('status'), typed('restart')],
  }),
  not_running: ({ home }, typed) => ({
    what: `The instance in ${home} is not running.`,
    mend: [typed('up')],
  }),
  not_answering: ({ home, pid }, typed) => ({
    what:
      pid === 0
        ? `The instance in ${home} runs and does not answer.`
        : `The instance in ${home} runs (process ${pid}) and does not answer.`,
    mend: [typed('logs'), typed('restart')],
  }),
  start_failed: ({ log, said }) => ({
    what: 'The server ended before it was ready.',
    why: said,
    mend: [`The log says more: ${log}`],
  }),
  start_timeout: ({ log, seconds }, typed) => ({
    what: `The server was not ready after ${seconds} seconds, and was ended.`,
    mend: [`The log says more: ${log}`, `Start it in the foreground and watch: ${typed('up')}`],
  }),
  stop_timeout: ({ pid, seconds }, typed) => ({
    what: `The server (process ${pid}) did not end within ${seconds} seconds.`,
    why: 'What was acknowledged is stored; it can be ended without asking.',
    mend: [typed('down --force')],
  }),
  database_newer: ({ file }) => ({
    what: `A newer version of Messenger made this database: ${file}`,
    why: 'This version does not know its form, and leaves it untouched.',
    mend: ['Install the newer version again, or restore a backup made before it.'],
  }),
  database_damaged: ({ file }, typed) => ({
    what: `The database is damaged: ${file}`,
    mend: [typed('doctor'), 'Stop the instance and restore the latest backup.'],
  }),
  store_unreachable: ({ what }, typed) => ({
    what: `${what} cannot be reached.`,
    mend: [`See that it runs and that its address is right: ${typed('config show')}`, typed('doctor')],
  }),
  unknown_setting: ({ path, nearest }, typed) => ({
    what: `There is no setting ${path}.`,
    ...(nearest === null ? {} : { why: `Is ${nearest} meant?` }),
    mend: [`All of them: ${typed('config show')}`],
  }),
  not_a_single_setting: ({ path }, typed) => ({
    what: `${path} is a section, not a setting.`,
    mend: [`Its settings: ${typed(`config show ${path}`)}`],
  }),
  setting_invalid: ({ mistake }, typed) => ({
    what: `That does not fit: ${mistakes.says(mistake)}.`,
    why: 'The configuration stays as it was.',
    mend: [`What it means: ${typed(`config show ${mistake.path}`)}`],
  }),
  needs_answer: ({ flag }) => ({
    what: `Nobody can be asked here, and ${flag} does not say it.`,
    why: 'This is no terminal (or --yes was given).',
    mend: [`Add ${flag}.`],
  }),
  needs_yes: () => ({
    what: 'Nothing was done: nobody can be asked here whether it is meant.',
    mend: ['Add --yes when it is.'],
  }),
  bad_answer: ({ flag, wanted }) => ({
    what: `${flag} is not right.`,
    why: wanted,
    mend: [`Give ${flag} another value.`],
  }),
  no_password: () => ({
    what: 'No password came in on standard input.',
    mend: ['printf %s "$PASSWORD" | … --password -', 'Or leave --password away: one is made for you.'],
  }),
  password_shown: () => ({
    what: 'A password does not belong on the command line.',
    why: 'It would stay in the history of the shell, and other users of this host see it while the command runs.',
    mend: [
      'printf %s "$PASSWORD" | … --password -',
      'Or leave --password away: you are asked, or one is made for you.',
    ],
  }),
  file_missing: ({ path }) => ({ what: `There is no file ${path}.`, mend: ['Name the file as it is called.'] }),
  file_exists: ({ path }) => ({
    what: `${path} is there already.`,
    why: 'Nothing of yours is overwritten.',
    mend: ['Name a new file, or move that one away.'],
  }),
  folder_missing: ({ path }) => ({ what: `There is no folder ${path}.`, mend: [`mkdir -p ${path}`] }),
  not_a_file: ({ path }) => ({ what: `${path} is not a file.`, mend: ['Name a file.'] }),
  list_not_utf8: ({ path }) => ({
    what: `${path} is not written in UTF-8.`,
    why: 'Names with other letters than a–z would be spoilt.',
    mend: ['Save it as “CSV UTF-8” in the spreadsheet.', `Or: iconv -f CP1252 -t UTF-8 ${path} > new.csv`],
  }),
  list_broken: ({ path, line, says }) => ({
    what: `${path} is not CSV: it breaks off at line ${line}.`,
    why: says,
    mend: ['Mostly a quotation mark is left open there: one within a value is written twice ("").'],
  }),
  list_empty: ({ path }) => ({
    what: `${path} lists nobody.`,
    mend: ['The first line names the columns, each line below it is a person: name,display_name,email,role'],
  }),
  list_column_unknown: ({ path, column, known }) => ({
    what: `${path} has a column “${column}”, and nobody knows what it means.`,
    mend: [`The columns are: ${known.join(', ')}`, 'Rename or remove that column.'],
  }),
  list_column_twice: ({ path, column }) => ({
    what: `${path} has the column “${column}” twice.`,
    mend: ['Remove one of them.'],
  }),
  list_column_missing: ({ path, column, found }) => ({
    what: `${path} has no column “${column}”.`,
    why: `Its first line names: ${found.join(', ')}`,
    mend: [
      'The first line names the columns: name,display_name,email,role,language,password. Only name must be there.',
    ],
  }),
};
