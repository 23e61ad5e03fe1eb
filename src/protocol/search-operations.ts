import * as z from 'zod';
import { conversationId, userId } from './ids.ts';
import { limits } from './limits.ts';
import { type Message, message, seq, time } from './models.ts';
import { done, nothing, operation } from './operation.ts';

const at = z.int().nonnegative();

/** Finding messages by their words. */
export const searchOperations = {
  'message.search': operation({
    summary:
      'Messages that I may read and that hold every word of the query in any of its forms, the newest first. The last word may only be begun; words in quotes stand one behind the other. Without words: what the sender or `has` say. A message is found at most two seconds after it was sent, later while very many are.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      query: z.string().max(limits.searchLength),
      conversationId: conversationId.optional().describe('Else all that I am or was in.'),
      senderId: userId.optional(),
      since: time.optional(),
      until: time.optional().describe('Included.'),
      has: z.enum(['link']).optional(),
      cursor: z.string().max(100).nullable().default(null),
      limit: z.int().min(1).max(limits.searchResults).default(20),
    }),
    output: z.object({
      results: z.array(
        z.object({
          conversationId,
          seq: seq.positive(),
          message: message as unknown as z.ZodType<Message>,
          /**
           * What to highlight, in order, in UTF-16 units: `to` is not included. Of a poll: in its question, or in the answer
           * with this number.
           */
          ranges: z.array(z.object({ from: at, to: at, option: at.optional() })),
        }),
      ),
      /** For older ones; there may be some although this page is short. Null: there are none. */
      cursor: z.string().nullable(),
    }),
  }),
  'search.rebuild': operation({
    summary: 'Make the search index anew. Answers at once; `search.progress` says how far it is.',
    access: 'local',
    input: nothing,
    output: done,
  }),
  'search.progress': operation({
    summary: 'How many of all entries the search index has.',
    access: 'local',
    input: nothing,
    output: z.object({ indexed: z.int().nonnegative(), total: z.int().nonnegative() }),
  }),
} as const;
