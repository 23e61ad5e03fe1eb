import * as z from 'zod';
import { conversationId, reportId, userId } from './ids.ts';
import { limits } from './limits.ts';
import { type Message, message, privacy, report, reportOutcomes, reportReasons, seq } from './models.ts';
import { done, operation } from './operation.ts';

const note = z.string().trim().max(limits.reportNoteLength).default('');

/** How people keep others at a distance, and whom they tell about it. */
export const peopleOperations = {
  'person.block': operation({
    summary:
      'Block a person, or no longer. We cannot write each other directly, and neither hears of the other whether they are there, type or read. They are not told.',
    access: 'chat',
    person: true,
    input: z.strictObject({ userId, on: z.boolean() }),
    output: done,
  }),
  'privacy.set': operation({
    summary: 'Decide what others see of me. What is not named stays.',
    access: 'account',
    person: true,
    input: privacy.partial().strict(),
    output: z.object({ privacy }),
  }),

  'report.create': operation({
    summary:
      'Tell the moderators of a message that I may read. They see the message as it is now, and who reported it. Again answers the first report until it is settled.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, seq: seq.positive(), reason: z.enum(reportReasons), note }),
    output: z.object({ reportId }),
  }),
  'report.list': operation({
    summary: 'Reports, the oldest first. Those about oneself are left out.',
    access: 'moderate',
    input: z.strictObject({
      state: z.enum(['open', 'resolved']).nullable().default('open').describe('Null: all.'),
      after: reportId.nullable().default(null).describe('The last of the page before.'),
      limit: z.int().min(1).max(100).default(50),
    }),
    output: z.object({ reports: z.array(report), more: z.boolean() }),
  }),
  'report.show': operation({
    summary: 'One report.',
    access: 'moderate',
    input: z.strictObject({ reportId }),
    output: z.object({
      report,
      removed: z.boolean().describe('The message was removed since.'),
      /** The message as it is now; null where it is none any more. */
      now: (message as unknown as z.ZodType<Message>).nullable().optional(),
    }),
  }),
  'report.resolve': operation({
    summary: 'Settle a report. What it came to stays as the first one said.',
    access: 'moderate',
    input: z.strictObject({
      reportId,
      outcome: z.enum(reportOutcomes),
      note,
      remove: z
        .boolean()
        .optional()
        .describe('Remove the message for everybody, too, whoever is in the conversation. Only with `acted`.'),
    }),
    output: z.object({ report }),
  }),
} as const;
