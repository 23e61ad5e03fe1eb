import { pluralIn } from '../format.ts';
import type { Explanation, Typed } from '../words.ts';

const count = (n: number, one: string, other: string) => `${n} ${pluralIn('en', n, { one, other })}`;

export const transferProblems = {
  import_unknown: ({ path }: { readonly path: string }) => ({
    what: `Nobody knows what ${path} is.`,
    why: 'It is no export of Messenger, Telegram or WhatsApp.',
    mend: [
      'Messenger: the folder or .tar.gz that “messenger export” wrote.',
      'Telegram: result.json of “Export chat history” or “Export Telegram data” in Telegram Desktop, in the format JSON.',
      'WhatsApp: the .zip or .txt of “Export chat”.',
    ],
  }),
  import_unreadable: ({ path, says }: { readonly path: string; readonly says: string }) => ({
    what: `${path} cannot be read to its end.`,
    why: says,
    mend: ['Fetch or make the export again: it may have been cut off on its way.'],
  }),
  import_damaged: ({ path, file }: { readonly path: string; readonly file: string }) => ({
    what: `The export is damaged: ${path}`,
    why: `${file} is not there, or not as it was written.`,
    mend: ['Copy the export again from where it was made, or make it anew. Nothing was imported.'],
  }),
  import_newer: ({ path }: { readonly path: string }) => ({
    what: `A newer version of Messenger wrote ${path}.`,
    mend: ['Install that version, or a newer one.'],
  }),
  import_person: ({ path }: { readonly path: string }, typed: Typed) => ({
    what: `${path} is an export of one person.`,
    why: 'It holds what they could read, with gaps where they were not in: it is for them, and for other programs.',
    mend: [`What can be imported is a whole instance: ${typed('export --to FOLDER')}`],
  }),
} as const;

export const transferRefusals = {
  no_such_import: () => ({ what: 'This conversation is not being imported.', mend: ['Run the import again.'] }),
  import_finished: () => ({
    what: 'This conversation was imported already.',
    why: 'Another import finished it in the meantime.',
    mend: ['Run the import again: what is there is left alone.'],
  }),
  import_gap: () => ({
    what: 'Something is missing in the middle of the import.',
    mend: ['Run the import again: it goes on where it was.'],
  }),
  import_conflict: () => ({
    what: 'The instance holds something else under the same number.',
    why: 'The source changed since the import began, or two imports run at once.',
    mend: ['Import the file that the import began with, one at a time.'],
  }),
  import_name: () => ({
    what: 'That cannot be the name of an account.',
    why: 'Names have 2 to 32 lower-case letters and digits, joined by single dots, dashes or underscores.',
    mend: ['Change it in the list that --people names.'],
  }),
} satisfies Record<string, (typed: Typed) => Explanation>;

export const transferPrinting = {
  exported: (people: number, conversations: number, entries: number, to: string) =>
    `Exported: ${count(people, 'person', 'people')}, ${count(conversations, 'conversation', 'conversations')}, ${count(entries, 'entry', 'entries')} → ${to}`,
  checked: (files: number, entries: number) =>
    `The export is whole: ${count(files, 'file', 'files')}, ${count(entries, 'entry', 'entries')}.`,
  progress: (entries: string) => `… ${entries} entries`,
  source: 'From',
  sources: { messenger: 'Messenger', telegram: 'Telegram', whatsapp: 'WhatsApp' },
  span: 'Time',
  dateOrder: 'Dates read as',
  dateOrders: { dmy: 'day, month, year', mdy: 'month, day, year', ymd: 'year, month, day' },
  unsure: '(both are possible: --date-order)',
  people: 'People',
  conversations: 'Conversations',
  messages: 'Entries',
  leftOut: 'Not carried over',
  heads: {
    source: 'There',
    displayName: 'Called',
    name: 'Account here',
    outcome: 'How',
    title: 'Conversation',
    entries: 'Entries',
    first: 'First',
    last: 'Last',
  },
  direct: '(direct)',
  deleted: '(deleted account)',
  personOutcomes: { as: 'as you said', here: 'came before', matched: 'has the same name', made: 'new, disabled' },
  outcomes: {
    new: 'new',
    begun: 'goes on',
    finished: 'imported before',
    here: 'is of this instance; left alone',
  },
  kinds: {
    message: 'messages',
    poll: 'polls',
    edit: 'edits',
    removal: 'removals',
    removed_message: 'removed messages',
    reaction: 'reactions',
    vote: 'votes',
    poll_closed: 'polls closed',
    preview: 'link previews',
    pin: 'pins',
    created: 'groups made',
    joined: 'joins',
    left: 'departures',
    removed: 'people removed',
    role: 'roles changed',
    title: 'titles changed',
    settings: 'settings changed',
  } as Readonly<Record<string, string>>,
  reasons: {
    avatar: 'pictures of people',
    call: 'calls',
    custom_emoji: 'reactions with emoji of Telegram’s own',
    deleted_message: 'messages that were deleted there',
    edit_time: 'edited messages: only the last wording is known, not when',
    email: 'e-mail addresses',
    email_taken: 'e-mail addresses that somebody has here',
    empty: 'messages without anything to show',
    formatting: 'bold, italic and the like (the text is there)',
    group_picture: 'pictures of groups',
    media: 'photos, voice messages and files (a mark with their name stands in their place)',
    poll_votes: 'votes: who voted for what is not in the file',
    reaction_names: 'reactions of people whom the file does not name',
    reply_elsewhere: 'references to messages that are not in the file',
    role: 'roles above member: give them again where they are due',
    service: 'other notices',
    topic: 'topics: their messages stand in one conversation',
  },
  more: (n: number) => `… and ${n} more (--json lists all)`,
  would: 'Nothing was changed. So it would be:',
  ask: 'Import this?',
  imported: (conversations: number, entries: number, people: number) =>
    `Imported: ${count(entries, 'entry', 'entries')} in ${count(conversations, 'conversation', 'conversations')}; ${count(people, 'account', 'accounts')} made.`,
  nothing: 'All of it was here already.',
  next: (typed: Typed) => [
    `${typed('users list --state disabled')}   see the accounts that were made`,
    `${typed('users enable NAME')}   let one of them in`,
    `${typed('users password NAME --link')}   give them a link to choose a password`,
  ],
};

export const transferCommands = {
  export: {
    summary: 'Write people, conversations and messages to a folder or file.',
    description:
      'JSON lines with a manifest that names every file with its checksum; see docs/export.md. It is written while the server runs, whole or not at all, and readable by you alone. Nothing that signs in is in it: to be able to restore an instance, make backups.',
    flags: {
      to: 'A new folder, a new file that ends in .tar.gz, or - for standard output.',
      user: 'Only what this person has and may read.',
      check: 'Compare an export with its manifest, and write nothing.',
    },
  },
  import: {
    summary: 'Bring in conversations from an export of Messenger, Telegram or WhatsApp.',
    description:
      'First says what would come, who people are here, and what cannot be carried over; then asks. Nobody is notified. It may be run again: what came before is not brought twice, and what was interrupted goes on. See docs/import.md.',
    args: { source: 'Folder or .tar.gz (Messenger), result.json (Telegram), .zip or .txt (WhatsApp).' },
    flags: {
      'dry-run': 'Only say what would come.',
      people: 'CSV with the columns source,name: who people of the source are here.',
      as: 'The account of whoever made the export.',
      title: 'WhatsApp: what the conversation is called, instead of the name of the file.',
      'time-zone':
        'WhatsApp and old exports of Telegram: where the clock stood, e.g. Europe/Berlin. Else that of this host.',
      'date-order': 'WhatsApp: the order of day (d), month (m) and year (y), where it cannot be told.',
    },
  },
};
