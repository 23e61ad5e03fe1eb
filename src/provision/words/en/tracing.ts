import type { Kind } from '../../../protocol/models.ts';
import type { PushOutcome } from '../../../protocol/trace-operations.ts';
import { pluralIn } from '../format.ts';
import type { Typed } from '../words.ts';

const count = (n: number, one: string, other: string) => `${n} ${pluralIn('en', n, { one, other })}`;

const kinds: Readonly<Record<Kind, string>> = {
  message: 'a message',
  poll: 'a poll',
  edit: 'an edit',
  removal: 'a removal',
  reaction: 'reactions',
  vote: 'votes',
  poll_closed: 'the closing of a poll',
  preview: 'a preview of its link',
  pin: 'a pin, or its end',
  created: 'the beginning of a group',
  joined: 'people who joined',
  left: 'somebody who left',
  removed: 'somebody who was removed from the group',
  role: 'a new role',
  title: 'a new title',
  settings: 'new settings',
};

const outcomes: Readonly<Record<PushOutcome | 'withheld', string>> = {
  pushed: 'told',
  waiting: 'connected, so given a moment to see it there',
  confirmed: 'not told: their devices have it',
  read: 'not told: they read it',
  muted: 'not told: they muted the conversation',
  blocked: 'not told: they block who wrote it',
  hidden: 'not told: they deleted it for themselves',
  withheld: 'not told, for a reason of their own',
};

/** What `trace` says. */
export const tracing = {
  wanted: 'the link of a message: /c/CONVERSATION/NUMBER, with or without the address before it',
  labels: {
    what: 'What',
    sender: 'From',
    time: 'Stored',
    node: 'By node',
    place: 'In',
    size: 'Size',
    target: 'Changes',
    expires: 'Disappears',
    dispatched: 'Published',
    text: 'As sent',
  },
  kinds,
  nobody: 'nobody in particular',
  deleted: 'a deleted account',
  place: (kind: 'direct' | 'group', conversationId: string, seq: number, head: number) =>
    `${kind === 'direct' ? 'a direct conversation' : 'a group'}, ${conversationId}, entry ${seq} of ${head}`,
  entry: (seq: number) => `entry ${seq}`,
  dispatched: 'yes, and its jobs are stored',
  undispatched: 'not noted yet: within a second while its node runs, else when that starts again or is missed for 30 s',
  emptied: 'nothing of it is left: it was removed, or has disappeared',
  changes: 'What changed it since',
  noChanges: 'Nothing changed it since.',
  moreChanges: 'and more',
  jobs: 'Jobs about it, or about its conversation, that are not done',
  noJobs: 'No job about it waits, runs or was given up.',
  job: {
    waiting: (at: string) => `waits, until ${at}`,
    running: () => 'runs now',
    failed: (at: string) => `given up at ${at}`,
  },
  attempts: (n: number) => count(n, 'failed attempt', 'failed attempts'),
  ended: 'done',
  members: (members: number, delivered: number, read: number) =>
    `Of ${count(members, 'other member', 'other members')} who may read it, ${delivered} received it and ${read} read it`,
  heads: { who: 'Member', delivered: 'Received', read: 'Read', pushed: 'Told by push up to' },
  yes: (at: string | null) => (at === null ? 'yes' : `yes, by ${at}`),
  no: 'no',
  withheld: 'hidden',
  leftSince: '(has left)',
  moreMembers: (n: number, typed: Typed, message: string) =>
    `${count(n, 'more', 'more')}: ${typed(`trace ${message} --all`)}`,
  node: (node: string, since: string) => `What node ${node} remembers, since ${since}`,
  published: (at: string) => `published at ${at}`,
  unheard: 'It remembers nothing of it.',
  deviceHeads: { device: 'Device', sent: 'Sent', confirmed: 'Confirmed', read: 'Read' },
  forgottenDevice: 'a device that is signed out',
  otherDevices: (n: number) => `and ${count(n, 'more device', 'more devices')}`,
  pushed: 'Push',
  outcomes,
  jobEnded: (queue: string, at: string) => `${queue} done at ${at}`,
  jobFailed: (queue: string, at: string, error: string) => `${queue} failed at ${at}: ${error}`,
  unknown: 'What is not known',
  gaps: {
    noNodes: 'No server runs: what devices were sent and confirmed is in no memory.',
    silent: (node: string) => `Node ${node} did not answer: what it remembers is missing here.`,
    gone: (node: string) => `Node ${node}, which stored it, does not run: what it remembered is gone.`,
    before: (node: string, since: string) =>
      `Node ${node} forgot what was before ${since}: when it was published, sent and confirmed until then. Jobs that were done by then left nothing.`,
    moved:
      'A time among the members is when the mark last moved: where it has moved on since, they may have had it earlier.',
    unnoted: 'A mark without a time moved before this version noted times.',
  },
};
