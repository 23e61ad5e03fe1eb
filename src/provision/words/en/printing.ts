import { pluralIn } from '../format.ts';
import type { Typed } from '../words.ts';

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
      users: 'Accounts: add, list, show.',
      invites: 'Invite links: create, list, revoke.',
      keys: 'Keys that sign access tokens.',
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
  config: {
    set: (path: string, value: string) => `${path} is now ${value}.`,
    same: (path: string, value: string) => `${path} was ${value} already.`,
    restart: (typed: Typed) => `It takes effect with: ${typed('restart')}`,
    secret: '(set, not shown)',
    askSecret: (path: string) => `${path} (nothing is shown; empty: none)`,
  },
  users: {
    added: (name: string) => `The account ${name} is made.`,
    password: 'Its password, shown this once',
    askName: 'Name',
    askPassword: 'Password (nothing is shown)',
    askAgain: 'Once more',
    differ: 'The two are not the same.',
    tooShort: (min: number) => `At least ${min} characters.`,
    labels: {
      name: 'Name',
      displayName: 'Shown as',
      role: 'Role',
      created: 'Since',
      lastSeen: 'Last seen',
      id: 'Id',
      device: 'Device',
      address: 'From',
      gone: 'gone',
    },
    nobody: 'There is no account yet.',
    more: (typed: Typed, name: string) => `There are more: ${typed(`users list --after ${name}`)}`,
    noDevices: 'No device is signed in.',
    next: (typed: Typed) => [`${typed('invites create')}   let people make their own accounts`],
  },
  invites: {
    made: 'The invite is made. Its link is shown this once:',
    holds: (uses: number | null, until: string | null) =>
      `It admits ${uses === null ? 'any number of people' : count(uses, 'person', 'people')}${until === null ? '' : `, until ${until}`}.`,
    labels: { id: 'Id', role: 'Role', uses: 'Used', expires: 'Until', created: 'Made', note: 'Note', state: 'State' },
    states: { open: 'open', revoked: 'revoked', expired: 'expired', spent: 'used up' },
    nobody: 'There is no invite.',
    revoked: 'The invite is of no use any more.',
  },
};
