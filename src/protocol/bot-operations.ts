import * as z from 'zod';
import { clientId, conversationId, userId, webhookId } from './ids.ts';
import { limits } from './limits.ts';
import { displayName, seq, text, time } from './models.ts';
import { done, operation } from './operation.ts';

const url = z
  .string()
  .trim()
  .max(limits.linkLength)
  .refine((value) => isWebAddress(value), { error: 'no http or https address, or one with a name and password in it' });
const trigger = z
  .enum(['all', 'mention', 'word'])
  .describe('Every message, those that mention its bot, or those that begin with a word.');
const word = z
  .string()
  .trim()
  .min(1)
  .max(limits.webhookWordLength)
  .refine((value) => value.isWellFormed() && !/[\s\p{Cc}]/u.test(value), { error: 'not one word' });
/** What grants something: shown once. */
const secret = z.string();

/** A way for programs into a conversation, or out of it, without what it grants. */
const webhook = z.object({
  webhookId,
  conversationId,
  direction: z.enum(['incoming', 'outgoing']),
  name: z.string(),
  /** It writes under its own account. */
  botId: userId,
  createdBy: userId.nullable(),
  createdAt: time,
  /** When something last came in by it, or was last delivered. */
  lastUsedAt: time.nullable(),
  outgoing: z
    .object({
      url: z.string(),
      trigger,
      word: z.string().nullable(),
      /** The HTTP status of the last try; null: there was none, or no answer. */
      lastStatus: z.int().nullable(),
      /** Why the last try failed; null: it went well. */
      lastError: z.string().nullable(),
      /** Tries in a row that failed. */
      failures: z.int().nonnegative(),
      /** It failed for a day, and nothing is delivered until somebody resumes it. */
      disabledAt: time.nullable(),
    })
    .nullable()
    .describe('Null for incoming ones.'),
});
export type Webhook = z.infer<typeof webhook>;

const madeFor = 'In groups its owner and admins may; in notes to oneself everybody.';

/** Programs that write into conversations and hear of them without being signed in. See docs/bots.md. */
export const botOperations = {
  'webhook.createIncoming': operation({
    summary: `Make an address that programs post messages to, under a bot of its own. ${madeFor}`,
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, name: displayName }),
    output: z.object({ webhook, url: secret.describe('Shown once.') }),
  }),
  'webhook.createOutgoing': operation({
    summary: `Have messages posted to an address, signed with a secret. ${madeFor}`,
    access: 'chat',
    person: true,
    input: z.strictObject({
      conversationId,
      name: displayName,
      url,
      trigger: trigger.default('all'),
      word: word.nullable().default(null).describe('Needed where a word triggers it.'),
    }),
    output: z.object({ webhook, secret: secret.describe('Shown once.') }),
  }),
  'webhook.list': operation({
    summary: 'Webhooks of a conversation, or (null, for those who manage users) of all, a page at a time.',
    access: 'chat',
    input: z.strictObject({
      conversationId: conversationId.nullable().default(null),
      after: webhookId.nullable().default(null).describe('The last of the page before.'),
      limit: z.int().min(1).max(100).default(100),
    }),
    output: z.object({
      webhooks: z.array(webhook.extend({ title: z.string().describe('Of its conversation.') })),
      more: z.boolean(),
    }),
  }),
  'webhook.renew': operation({
    summary: 'Give a webhook another address or secret. The one before counts no more.',
    access: 'chat',
    person: true,
    input: z.strictObject({ webhookId }),
    output: z.object({
      webhook,
      secret: secret.describe('Of an incoming one its whole address. Shown once.'),
    }),
  }),
  'webhook.resume': operation({
    summary: 'Deliver again by an outgoing webhook that failed: at once, from where it stopped.',
    access: 'chat',
    person: true,
    input: z.strictObject({ webhookId }),
    output: z.object({ webhook }),
  }),
  'webhook.revoke': operation({
    summary: 'Remove a webhook. Its bot leaves; what it wrote stays. Twice answers that there is none.',
    access: 'chat',
    input: z.strictObject({ webhookId }),
    output: done,
  }),
  'webhook.post': operation({
    summary: 'Post a message by an incoming webhook. What `POST /hooks/<secret>` does.',
    access: 'anyone',
    input: z.strictObject({
      secret: z.string().min(1).max(100),
      text,
      clientId: clientId.optional().describe('The same again answers the first message.'),
    }),
    output: z.object({ seq: seq.positive(), time }),
  }),
} as const;

function isWebAddress(value: string): boolean {
  if (!value.isWellFormed() || /[\s\p{Cc}]/u.test(value)) return false;
  const parsed = URL.parse(value);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
  return parsed.protocol === 'https:' || parsed.protocol === 'http:';
}
