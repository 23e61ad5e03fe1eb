import { pluralIn } from '../format.ts';
import type { Typed } from '../words.ts';
import { accountPrinting } from './account-printing.ts';
import { tracing } from './tracing.ts';
import { transferPrinting } from './transfer.ts';

const count = (n: number, one: string, other: string) => `${n} ${pluralIn('en', n, { one, other })}`;

/** What commands say when all goes well. */
export const printing = {
  next: 'What next',
  mend: 'What helps',
  advice: 'advice',
  yes: 'yes',
  no: 'no',
  none: 'none',
  never: 'never',
  anyNumber: 'any number',
  forEver: 'for ever',
  default: 'default',
  usage: (typed: string) => `See ${typed} --help`,
  interrupted: 'Stopped by you.',
  ago: (seconds: number) => {
    if (seconds < 90) return count(Math.round(seconds), 'second', 'seconds');
    if (seconds < 5400) return count(Math.round(seconds / 60), 'minute', 'minutes');
    if (seconds < 129_600) return count(Math.round(seconds / 3600), 'hour', 'hours');
    return count(Math.round(seconds / 86_400), 'day', 'days');
  },
  help: {
    headings: {} as Readonly<Record<string, string>>,
    topics: {
      config: 'Read and change the settings of an instance.',
      users: 'Accounts: add, approve, disable, delete, and help those who cannot get in.',
      '2fa': 'Second factors: see them, and help those who lost theirs.',
      tokens: 'API tokens for bots and scripts: create, list, revoke.',
      webhooks: 'Webhooks of all conversations: list, revoke.',
      invites: 'Invite links: create, list, show, revoke.',
      keys: 'Keys that sign access tokens.',
      mail: 'Mail: try it.',
      search: 'The index that searches look into.',
      reports: 'Messages that people reported: list, show, resolve.',
    },
    noCommand: (typed: string) => `There is no command “${typed}”.`,
  },
  init: {
    made: (home: string) => `The instance is made: ${home}`,
    there: (home: string) => `The instance was there already: ${home}`,
    kept: (typed: Typed) => `Its settings stay as they are; ${typed('config set')} changes them.`,
    askName: 'What shall it be called?',
    askAddress: 'The address people will use',
    askRegistration: 'Who may make an account?',
    registration: {
      invite: 'who has an invite',
      approval: 'anybody, once you approve them',
      open: 'anybody',
      closed: 'nobody; you make the accounts',
    },
    next: (typed: Typed) => [`${typed('up')}   start it`, `${typed('doctor')}   check the host`],
  },
  up: {
    ready: (name: string) => `${name} is running.`,
    local: 'On this host',
    lan: 'On your network',
    public: 'For everybody',
    firstInvite: 'Open this to make the first account, which will own the instance:',
    inviteHint: 'It is for one person, and for seven days.',
    stop: 'Ctrl-C stops it.',
    stopping: 'Stopping …',
    stopped: 'Stopped.',
    detached: (pid: number) => `It runs in the background (process ${pid}).`,
    there: (pid: number) => `It is running already (process ${pid}).`,
    movedPort: (address: string, port: number) =>
      `The configured address ${address} does not name port ${port}: invites lead there all the same.`,
    next: (typed: Typed) => [
      `${typed('invites create')}   invite somebody`,
      `${typed('status')}   see how it is doing`,
    ],
    nextDetached: (typed: Typed) => [`${typed('logs --follow')}   watch it`, `${typed('down')}   stop it`],
  },
  down: { stopped: (pid: number) => `Stopped (process ${pid}).`, wasDown: 'It was not running.' },
  status: {
    running: 'running',
    stopped: 'not running',
    labels: {
      state: 'State',
      instance: 'Instance',
      addresses: 'Addresses',
      version: 'Version',
      process: 'Process',
      since: 'Running for',
      profile: 'Profile',
      users: 'Accounts',
      conversations: 'Conversations',
      entries: 'Entries',
      connections: 'Connections',
      memory: 'Memory',
      data: 'Data',
    },
  },
  logs: { none: (file: string) => `Nothing is logged yet in ${file}` },
  doctor: {
    well: 'Everything is well.',
    wrong: (n: number) => `${count(n, 'thing is', 'things are')} wrong.`,
    advised: (n: number) => `${count(n, 'piece', 'pieces')} of advice.`,
  },
  migrate: {
    done: (version: string) => `The databases have the form that version ${version} needs.`,
  },
  keys: {
    added: 'A new key is added. Nobody is signed out.',
    takenByItself: 'The running server takes it by itself.',
    takenAtStart: 'The server takes it when it starts.',
    labels: { kid: 'Key', signsFrom: 'Signs from', kept: 'Keys kept beside it', dropped: 'Keys dropped' },
  },
  mail: {
    accepted: (address: string) => `The mail server took a mail for ${address}.`,
    said: 'It said',
    look: 'Look into the mailbox, and into its spam folder.',
  },
  search: {
    indexed: (indexed: string, total: string) => `${indexed} of ${total} entries are in the index.`,
    rebuilt: (n: number) => `The index is made anew, of ${count(n, 'entry', 'entries')}.`,
  },
  tracing,
  reports: {
    labels: {
      id: 'Id',
      at: 'Reported',
      state: 'State',
      reason: 'Reason',
      author: 'Written by',
      reporter: 'Reported by',
      note: 'They say',
      conversation: 'In',
      written: 'Written',
      message: 'Message',
      removed: 'Removed since',
      outcome: 'Outcome',
      resolvedAt: 'Settled',
      resolvedBy: 'Settled by',
      outcomeNote: 'Note',
    },
    reasons: {
      spam: 'spam',
      harassment: 'harassment',
      violence: 'violence',
      illegal: 'against the law',
      other: 'something else',
    },
    open: 'open',
    outcomes: { acted: 'acted on', dismissed: 'dismissed' },
    directly: 'a direct conversation',
    none: 'There are no such reports.',
    noneOpen: 'No report is open.',
    more: (typed: Typed, rest: string) => `There are more: ${typed(`reports list ${rest}`)}`,
    settled: (outcome: string) => `The report is settled: ${outcome}.`,
    next: (typed: Typed, reportId: string, author: string) => [
      `${typed(`users disable ${author}`)}   keep out who wrote it`,
      `${typed(`reports resolve ${reportId} --outcome acted`)}   say that something was done`,
      `${typed(`reports resolve ${reportId} --outcome acted --remove`)}   remove the message for everybody`,
      `${typed(`reports resolve ${reportId} --outcome dismissed`)}   say that nothing has to be`,
    ],
  },
  config: {
    set: (path: string, value: string) => `${path} is now ${value}.`,
    same: (path: string, value: string) => `${path} was ${value} already.`,
    restart: (typed: Typed) => `It takes effect with: ${typed('restart')}`,
    secret: '(set, not shown)',
    askSecret: (path: string) => `${path} (nothing is shown; empty: none)`,
  },
  ...accountPrinting,
  transfer: transferPrinting,
};
