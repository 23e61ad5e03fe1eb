import type { CommandWords } from '../words.ts';
import { transferCommands } from './transfer.ts';

/** Flags that every command has. */
export const globalFlags = {
  instance: 'The folder of the instance. Else MESSENGER_HOME, else the one in your data directory.',
  lang: 'The language of what is printed. Else that of the terminal.',
  json: 'Print one JSON document for programs instead.',
  yes: 'Ask nothing: take the defaults.',
};

export const commands = {
  ...transferCommands,
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
  'mail test': {
    summary: 'Send a mail to see whether mail works.',
    description:
      'Says what the mail server said. Whether the mail arrives, and not among the spam, shows in the mailbox. See docs/mail.md.',
    args: { address: 'Whom to send it to.' },
  },
  'search rebuild': {
    summary: 'Make the search index anew.',
    description:
      'Waits until all messages are in it again; a running server goes on with it when this is interrupted, and what is in it already is found meanwhile. It is needed only when searches miss messages: the index mends itself after crashes and upgrades.',
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
    summary: 'Make an account for somebody, or for everybody in a list.',
    description:
      'Without --password it asks for one; where nobody can be asked, it makes one and prints it once.\n\n--from reads a CSV file whose first line names its columns: name, and where wanted display_name, email, role, language, password. Commas, semicolons and tabs separate; the file is UTF-8. A row without a password gets a strong one. Rows are taken one by one: one that fails stops no other, and those who have an account already are left as they are, so that the same list can be given again. It ends with 1 when a row failed.',
    args: { name: 'What they sign in with: letters and digits, joined by . _ or -' },
    flags: {
      'display-name': 'What others see them called. Else the name.',
      email: 'Their e-mail address. It counts as confirmed.',
      role: 'What they may do on the instance. For a list: of those whose row names none.',
      language: 'What mails to them are written in. Else as the instance has it.',
      password: '“-”: read the password from standard input.',
      bot: 'Make a bot: programs speak for it with API tokens, and nobody signs in to it.',
      from: 'Make an account for each row of this CSV file.',
      'dry-run': 'Only say what would happen.',
      'passwords-to':
        'Write the passwords that were made to this file, which only you may read, instead of printing them.',
    },
  },
  'users list': {
    summary: 'List accounts.',
    args: { query: 'Only those whose name begins so.' },
    flags: {
      state: 'Only those in this state. Else all but the deleted.',
      limit: 'At most so many.',
      after: 'Those behind this name.',
    },
  },
  'users show': { summary: 'Show one account with its devices.', args: { user: 'Name or id.' } },
  'users approve': {
    summary: 'Let people in who registered and wait.',
    args: { users: 'Names or ids.' },
  },
  'users disable': {
    summary: 'Keep somebody out until further notice. Their sessions and tokens end at once.',
    args: { user: 'Name or id.' },
  },
  'users enable': {
    summary: 'Let somebody in again who was disabled, or is about to be deleted.',
    args: { user: 'Name or id.' },
  },
  'users delete': {
    summary: 'Delete an account, after a time in which it can still be undone.',
    description:
      'They are signed out everywhere at once. When the time is over, profile and personal data are emptied; their messages stay under “Deleted account” unless --remove-messages is given. Until then `users enable` undoes it.',
    args: { user: 'Name or id.' },
    flags: {
      'grace-days': 'For how many days it can be undone; 0: not at all.',
      'remove-messages': 'Remove what they wrote, too.',
      export: 'First write everything kept about them to this new file.',
      yes: 'Do not ask whether it is meant.',
    },
  },
  'users export': {
    summary: 'Write everything kept about somebody to a file: JSON lines.',
    description: 'The file is new, whole, and only you may read it. It holds nothing that signs in.',
    args: { user: 'Name or id.' },
    flags: { to: 'The new file.' },
  },
  'users password': {
    summary: 'Give somebody a new password, or a link with which they choose one.',
    description:
      'Their devices are signed out; two-factor stays. Without --password it asks for one; where nobody can be asked, it makes one and prints it once.',
    args: { user: 'Name or id.' },
    flags: {
      link: 'Make a link instead, good once and for a day, with a QR code.',
      password: '“-”: read the password from standard input.',
      'no-qr': 'Do not draw the QR code.',
    },
  },
  'users role': {
    summary: 'Change what somebody may do on the instance.',
    args: { user: 'Name or id.', role: 'The role they get.' },
  },
  'users sessions': {
    summary: 'List the devices on which somebody is signed in.',
    args: { user: 'Name or id.' },
    flags: { close: 'Sign them out everywhere.' },
  },
  '2fa status': {
    summary: 'Show whether somebody has a second factor, and which.',
    args: { user: 'Name or id.' },
  },
  '2fa reset': {
    summary: 'Forget the second factors of somebody who lost theirs.',
    description:
      'Authenticator app, passkeys, recovery codes and trusted devices are forgotten. Where a second factor is required they set one up at the next sign-in; else the password alone signs in from then on.',
    args: { user: 'Name or id.' },
    flags: { yes: 'Do not ask whether it is meant.' },
  },
  'tokens create': {
    summary: 'Make an API token with which a bot or a script speaks for somebody.',
    description: 'It is shown once. It may what its scopes say, and never more than the account it belongs to.',
    flags: {
      user: 'Whose it is: name or id.',
      name: 'What it is for.',
      scope: 'What it may do. Several times for several.',
      'expires-in-days': 'How long it counts.',
      never: 'It counts until it is revoked.',
    },
  },
  'tokens list': { summary: 'List API tokens.', flags: { user: 'Only those of this account: name or id.' } },
  'tokens revoke': { summary: 'End an API token at once.', args: { token: 'Its id, as the list shows it.' } },
  'webhooks list': { summary: 'List the webhooks of all conversations, and whether what goes out arrives.' },
  'webhooks revoke': {
    summary: 'Remove a webhook. Its bot leaves the conversation; what it wrote stays.',
    args: { webhook: 'Its id, as the list shows it.' },
  },
  audit: {
    summary: 'Show security events and admin actions: who, what, from where, when.',
    description:
      'The newest stand last. A time is 30m, 12h, 2d or 1w ago, a day (2026-11-24) or a moment (2026-11-24T18:30). With --json it prints one document, with --follow one a line.',
    flags: {
      follow: 'Go on showing what happens, until Ctrl-C.',
      user: 'Only what was done by or to this account: name or id.',
      action: 'Only this action, or those that begin so: session.',
      since: 'Only from then on.',
      until: 'Only until then; a day counts to its end.',
      limit: 'How many events of the past, at most.',
    },
  },
  'invites create': {
    summary: 'Make an invite: a link and a QR code.',
    flags: {
      role: 'What who accepts it may do on the instance.',
      uses: 'How many people it admits; 0: any number.',
      days: 'How long it holds; 0: for ever.',
      note: 'What you want to remember about it.',
      conversation: 'The id of a group they are added to. Several times for several.',
      'no-qr': 'Do not draw the QR code.',
    },
  },
  'invites show': {
    summary: 'Show what an invite carries: role, uses, time and groups. Not its link, which was shown once.',
    args: { invite: 'Its id, as the list shows it.' },
  },
  'invites list': {
    summary: 'List invites that can still be used.',
    flags: { spent: 'Those used up, expired and revoked too.' },
  },
  'invites revoke': {
    summary: 'Make an invite useless from now on.',
    args: { invite: 'Its id, as the list shows it.' },
  },
  trace: {
    summary: 'Show what happened to one message: stored, published, delivered, read, pushed.',
    description:
      'The text is left out unless you ask for it. What only the memory of running servers holds reaches back an hour at most; what is not known is said. It is noted in the audit log. See docs/trace.md.',
    args: { message: 'Its link, as the client copies it, or CONVERSATION/NUMBER.' },
    flags: { text: 'With what it says.', all: 'All members, not only the first 50.' },
  },
  'reports list': {
    summary: 'List messages that people reported, the oldest first.',
    flags: {
      state: 'Only those in this state.',
      limit: 'At most so many.',
      after: 'Those behind this one.',
    },
  },
  'reports show': {
    summary: 'Show what was reported, by whom, and why.',
    description: 'The message stands there as it was when it was reported, whatever became of it.',
    args: { report: 'Its id, as the list shows it.' },
  },
  'reports resolve': {
    summary: 'Settle a report.',
    description:
      'It says what came of it, and with --remove takes the message away for everybody. What else is to be done is done with other commands. The first outcome stays.',
    args: { report: 'Its id, as the list shows it.' },
    flags: {
      outcome: 'acted: something was done about it; dismissed: nothing had to be.',
      note: 'What other moderators should know.',
      remove: 'Remove the message for everybody, too. Only with --outcome acted.',
    },
  },
} satisfies Record<string, CommandWords>;
