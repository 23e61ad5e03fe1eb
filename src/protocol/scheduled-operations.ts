import * as z from 'zod';
import { clientId, conversationId } from './ids.ts';
import { limits } from './limits.ts';
import { seq, text, time } from './models.ts';
import { done, operation } from './operation.ts';

const content = {
  text,
  replyTo: seq.positive().optional().describe('A message of this conversation that I may read.'),
  preview: z.literal(false).optional().describe('Do not look up what its links lead to.'),
};
const sendAt = time.describe('When it is sent, ms: at once where that has passed, and at most a year ahead.');

const scheduled = z.object({
  conversationId,
  /** Names it, and is the key under which it is sent. */
  clientId,
  ...content,
  sendAt,
  refused: z.string().nullable().describe('It was due and might not be sent: the `reason`, as errors have it.'),
});
export type Scheduled = z.infer<typeof scheduled>;

/** Messages that are sent at their time, whether or not a device of their author is there. */
export const scheduledOperations = {
  'scheduled.create': operation({
    summary:
      'Send a text later. The same `clientId` again answers the same one; other content under it answers `conflict`.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, clientId, ...content, sendAt }),
    output: z.object({ scheduled: scheduled.nullable().describe('Null: it was sent.') }),
  }),
  'scheduled.list': operation({
    summary: 'What I want sent later, and what might not be sent when it was due, in pages, by `clientId`.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      conversationId: conversationId.optional().describe('Else of all.'),
      after: clientId.nullable().default(null),
    }),
    output: z.object({ scheduled: z.array(scheduled).max(limits.scheduled), more: z.boolean() }),
  }),
  'scheduled.change': operation({
    summary: 'Change what is sent later, or when. One that was refused is tried again then.',
    access: 'chat',
    person: true,
    input: z.strictObject({ clientId, text: text.optional(), sendAt: sendAt.optional() }),
    output: z.object({ scheduled }),
  }),
  'scheduled.cancel': operation({
    summary: 'Do not send it. Twice does no harm.',
    access: 'chat',
    person: true,
    input: z.strictObject({ clientId }),
    output: done,
  }),
  'scheduled.sendNow': operation({
    summary: 'Send it now. Answered once the message is stored for good.',
    access: 'chat',
    person: true,
    input: z.strictObject({ clientId }),
    output: z.object({ seq: seq.positive(), time }),
  }),
} as const;
