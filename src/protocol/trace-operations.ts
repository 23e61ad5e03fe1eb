import * as z from 'zod';
import { conversationId, sessionId, userId } from './ids.ts';
import { bodies, type Kind, kinds, profile, seq, time } from './models.ts';
import { operation } from './operation.ts';

/**
 * Whether somebody was told of a message by push: `pushed`; `waiting`: they are connected, and have a moment to see it there;
 * else why not. `confirmed`: all their devices that could be reached have it.
 */
const pushOutcomes = ['pushed', 'waiting', 'confirmed', 'read', 'muted', 'blocked', 'hidden'] as const;
export type PushOutcome = (typeof pushOutcomes)[number];
/** `withheld`: not told, for a reason of their own. */
const shownOutcome = z.enum([...pushOutcomes, 'withheld']);

const kind = z.enum(Object.keys(kinds) as [Kind, ...Kind[]]);
const node = z.string();

/** A signed-in device, as far as it is still known. */
const device = z.object({
  sessionId,
  userId: userId.nullable().describe('Null: the session is forgotten.'),
  device: z.string().nullable(),
});

/** What a node remembers of the last hour; nothing of it is stored. */
const nodeMemory = z.object({
  node,
  /** It answered. Else it does not run any more, or is out of reach. */
  answered: z.boolean(),
  /** It remembers what happened since then; null: it did not answer. */
  since: time.nullable(),
  /** When it gave the entry to the bus; null: it did not, or forgot it. */
  publishedAt: time.nullable(),
  devices: z.array(
    device.extend({
      /** When it was first written to the device's connection; null: not from here, or it read it by itself. */
      sentAt: time.nullable(),
      /** When the device said that it has it. */
      confirmedAt: time.nullable(),
      /** When it said that its person read it; null: it did not, or they hide it from who asks. */
      readAt: time.nullable(),
    }),
  ),
  /** Devices it was written to beside those. */
  otherDevices: z.int().nonnegative(),
  pushes: z.array(z.object({ at: time, userId, outcome: shownOutcome, devices: z.array(device) })),
  /** Jobs about it, or about its conversation, that ended at this node. */
  jobs: z.array(z.object({ at: time, queue: z.string(), error: z.string().nullable().describe('Null: it is done.') })),
});

/** What happened to one message. */
export const traceOperations = {
  'message.trace': operation({
    summary:
      'The life of one entry of a log: who stored it, its jobs, what changed it, how far members came and when, and what nodes remember of the last hour. Noted in the audit log. See docs/trace.md.',
    access: 'inspect',
    input: z.strictObject({
      conversationId,
      seq: seq.positive(),
      text: z
        .boolean()
        .default(false)
        .describe('With what it says: for the owner of the host, and for who may read it anyway.'),
      after: userId.nullable().default(null).describe('Members behind this one; the rest is the same.'),
      limit: z.int().min(1).max(200).default(100).describe('Members in one answer.'),
    }),
    output: z.object({
      conversation: z.object({ conversationId, kind: z.enum(['direct', 'group']), head: seq }),
      entry: z.object({
        seq,
        kind,
        time,
        sender: profile.nullable().describe('Null: nobody in particular.'),
        node: node.describe('The node that stored it.'),
        /** Of its body, as JSON. */
        bytes: z.int().nonnegative(),
        /** What it changes; null: nothing. */
        target: seq.nullable(),
        expiresAt: time.nullable(),
        emptied: z.boolean().describe('Removed or expired: nothing of what it said is left.'),
        body: z
          .union([bodies.message, z.object({})])
          .nullable()
          .describe('Null unless asked for.'),
      }),
      dispatched: z
        .boolean()
        .describe(
          'Its node noted that it is published and its jobs are stored. Else within a second, or when it starts again.',
        ),
      jobs: z.array(
        z.object({
          queue: z.string(),
          state: z.enum(['waiting', 'running', 'failed']),
          /** Of one that waits, when it may run; of one that was given up, when that was. */
          at: time,
          attempts: z.int().nonnegative(),
          error: z.string().nullable(),
        }),
      ),
      changes: z.array(z.object({ seq, kind, time, senderId: userId.nullable() })),
      moreChanges: z.boolean(),
      /** Of those who may read it and did not write it. */
      counts: z.object({ members: z.int(), delivered: z.int(), read: z.int() }),
      members: z.array(
        z.object({
          profile,
          member: z.boolean().describe('Is in now.'),
          delivered: z.boolean(),
          deliveredSeq: seq,
          /** When that mark last moved; null: never, or before this was noted. */
          deliveredAt: time.nullable(),
          /** Null, as the two below: they hide it from who asks. */
          read: z.boolean().nullable(),
          readSeq: seq.nullable(),
          readAt: time.nullable(),
          /** They were told by push up to here. */
          pushedSeq: seq,
        }),
      ),
      more: z.boolean().describe('There are further members.'),
      nodes: z.array(nodeMemory),
    }),
  }),
} as const;
