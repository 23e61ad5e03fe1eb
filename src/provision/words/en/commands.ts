import type { CommandWords } from '../words.ts';

/** Flags that every command has. */
export const globalFlags = {
  instance: 'The folder of the instance. Else MESSENGER_HOME, else the one in your data directory.',
  lang: 'The language of what is printed. Else that of the terminal.',
  json: 'Print one JSON document for programs instead.',
  yes: 'Ask nothing: take the defaults.',
};

export const commands = {
  init: {
    summary: 'Make a new instance.',
    description:
      'Makes the instance’s folder with its configuration, its keys and room for its data. What is there already stays as it is, so a second run does no harm.',
    flags: {
      name: 'What people see the instance called.',
      address: 'The address people use, like https://chat.example.org. Else this host’s address on the local network.',
      port: 'The port it listens on.',
      registration: 'Who may make an account.',
    },
  },
  up: {
    summary: 'Start the instance.',
    description:
      'Runs in the foreground until Ctrl-C, or with --detach in the background. Prints the addresses and, while there is no account, an invite for the first one, which will own the instance.',
    flags: {
      detach: 'Run in the background; return once it answers.',
      init: 'Make the instance first where there is none.',
      port: 'Listen on this port, this once.',
    },
  },
  down: {
    summary: 'Stop the instance.',
    flags: {
      force: 'End it without asking. What was acknowledged is stored all the same.',
      timeout: 'Seconds to wait for it to end.',
    },
  },
  restart: {
    summary: 'Stop the instance, if it runs, and start it in the background.',
    flags: { timeout: 'Seconds to wait for it to end.' },
  },
  status: { summary: 'Show how the instance is doing. Ends with 3 when it is not running.' },
  logs: {
    summary: 'Show the log.',
    flags: {
      follow: 'Go on showing what is logged.',
      lines: 'How many lines of the past.',
      level: 'Only what is at least this grave.',
      json: 'Print the lines as they are: one JSON document each.',
    },
  },
  doctor: {
    summary: 'Check the host and the instance, and say what mends each trouble.',
    description: 'Ends with 1 when something is wrong. Advice alone is not wrong.',
  },
  migrate: { summary: 'Bring the databases to the form this version needs. Starting does it too.' },
  'keys rotate': {
    summary: 'Add a new key that signs access tokens. Nobody is signed out.',
    description:
      'The key before it goes on verifying what it signed, and is dropped by a later rotation. Where several server processes have folders of their own, copy secrets.json to each of them before the new key signs.',
    flags: { minutes: 'How long until the new key signs.' },
  },
  'config get': {
    summary: 'Print one setting.',
    args: { setting: 'Dotted, like log.level.' },
  },
  'config set': {
    summary: 'Change one setting. The file keeps its comments.',
    description:
      'The password of the mail server, mail.password, is kept apart in secrets.json and never shown again. “-” reads it from standard input, so that it does not stay in the history of the shell.',
    args: { setting: 'Dotted, like log.level.', value: 'The new value; “default” brings the default back.' },
  },
  'config show': {
    summary: 'Show the settings with what they mean.',
    args: { section: 'Only the settings under it, like log.' },
    flags: { changed: 'Only those that differ from their default.' },
  },
  'users add': {
    summary: 'Make an account for somebody.',
    description:
      'Without --password-stdin it asks for a password; where nobody can be asked, it makes one and prints it once.',
    args: { name: 'What they sign in with: letters and digits, joined by . _ or -' },
    flags: {
      'display-name': 'What others see them called. Else the name.',
      role: 'What they may do on the instance.',
      'password-stdin': 'Read the password from standard input.',
    },
  },
  'users list': {
    summary: 'List accounts.',
    flags: { query: 'Only those whose name begins so.', limit: 'At most so many.', after: 'Those behind this name.' },
  },
  'users show': { summary: 'Show one account with its devices.', args: { user: 'Name or id.' } },
  'invites create': {
    summary: 'Make an invite: a link and a QR code.',
    flags: {
      role: 'What who accepts it may do on the instance.',
      uses: 'How many people it admits; 0: any number.',
      days: 'How long it holds; 0: for ever.',
      note: 'What you want to remember about it.',
      'no-qr': 'Do not draw the QR code.',
    },
  },
  'invites list': {
    summary: 'List invites that can still be used.',
    flags: { spent: 'Those used up, expired and revoked too.' },
  },
  'invites revoke': {
    summary: 'Make an invite useless from now on.',
    args: { invite: 'Its id, as the list shows it.' },
  },
} satisfies Record<string, CommandWords>;
