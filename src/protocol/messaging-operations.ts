import * as z from 'zod';
import { clientId, conversationId, userId } from './ids.ts';
import { limits } from './limits.ts';
import {
  account,
  conversation,
  draft,
  type Entry,
  emoji,
  entry,
  groupSettings,
  keeping,
  listedConversation,
  type Message,
  marks,
  member,
  memberRole,
  message,
  presence,
  privacy,
  profile,
  seq,
  text,
  time,
  title,
} from './models.ts';
import { done, operation, page } from './operation.ts';

const sent = z.object({ seq: seq.positive(), time });

const pollText = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed(), { error: 'not well-formed Unicode' });

/** Conversations, what is said in them, and who received it. */
export const messagingOperations = {
  'conversation.openDirect': operation({
    summary: 'The direct conversation with a person: the one there is, or a new one.',
    access: 'converse',
    person: true,
    input: z.strictObject({ userId }),
    output: z.object({ conversation }),
  }),
  'conversation.create': operation({
    summary: 'Start a group. The same `clientId` again answers the same group.',
    access: 'converse',
    person: true,
    input: z.strictObject({
      clientId,
      title,
      userIds: z.array(userId).max(limits.membersPerChange),
      settings: groupSettings
        .omit({ avatar: true })
        .partial()
        .strict()
        .default({})
        .describe('`posting: admins` makes it a channel: few write, many read.'),
    }),
    output: z.object({ conversation }),
  }),
  'conversation.show': operation({
    summary: 'One conversation as I have it.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId }),
    output: z.object({ conversation }),
  }),
  'conversation.members': operation({
    summary: 'Members of a conversation with their roles and marks, by name.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      conversationId,
      after: z.string().max(100).default(''),
      query: z
        .string()
        .max(limits.displayNameLength)
        .optional()
        .describe('Only those with a word in their names that begins so.'),
      ...page,
    }),
    output: z.object({ members: z.array(member), more: z.boolean() }),
  }),
  'conversation.addMembers': operation({
    summary: 'Add people to a group. Owners and admins may.',
    access: 'converse',
    person: true,
    input: z.strictObject({ conversationId, userIds: z.array(userId).min(1).max(limits.membersPerChange) }),
    output: done,
  }),
  'conversation.removeMember': operation({
    summary: 'Remove somebody from a group. Owners remove anybody, admins remove members.',
    access: 'converse',
    person: true,
    input: z.strictObject({ conversationId, userId }),
    output: done,
  }),
  'conversation.leave': operation({
    summary: 'Leave a group. When its owner leaves, the oldest admin, else the oldest member, becomes owner.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId }),
    output: done,
  }),
  'conversation.setRole': operation({
    summary: "Change a member's role. Only the owner may; naming another owner makes the present one an admin.",
    access: 'converse',
    person: true,
    input: z.strictObject({ conversationId, userId, role: memberRole }),
    output: done,
  }),
  'conversation.setTitle': operation({
    summary: 'Rename a group. Owners and admins may.',
    access: 'converse',
    person: true,
    input: z.strictObject({ conversationId, title }),
    output: done,
  }),

  'conversation.setSettings': operation({
    summary:
      'Describe a group, and decide who writes in it and whether those who join read its past. Owners and admins may.',
    access: 'converse',
    person: true,
    input: z.strictObject({ conversationId, settings: groupSettings.omit({ avatar: true }).partial().strict() }),
    output: done,
  }),
  'conversation.setMine': operation({
    summary: 'How I keep a conversation: pinned on top, archived, muted, marked unread. Others do not see it.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, change: keeping.partial().strict() }),
    output: done,
  }),
  'draft.set': operation({
    summary: 'What I began to write in a conversation, for my other devices. Of two at once the later stays.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, draft: draft.omit({ at: true }).strict().nullable() }),
    output: done,
  }),

  'message.send': operation({
    summary:
      'Send a text. Answered once it is stored for good. The same `clientId` again answers the first entry; with other content it answers `conflict`. `@name` mentions a member, `@all` everybody, where the sender may.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      conversationId,
      clientId,
      text,
      replyTo: seq.positive().optional().describe('A message of this conversation that I may read.'),
      preview: z.literal(false).optional().describe('Do not look up what its links lead to.'),
    }),
    output: sent,
  }),
  'message.forward': operation({
    summary: 'Send a message that I may read on to another conversation, under the name of who wrote it first.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      conversationId,
      clientId,
      from: z.strictObject({ conversationId, seq: seq.positive() }),
    }),
    output: sent,
  }),
  'message.react': operation({
    summary:
      'Set or take an emoji on a message. Twice does no harm. Several people’s within a second make one entry. Answered once it is stored.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, seq: seq.positive(), emoji, on: z.boolean() }),
    output: done,
  }),
  'message.reactions': operation({
    summary: 'Who set what on a message, in order; in pages, where very many did.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      conversationId,
      seq: seq.positive(),
      after: z.int().nonnegative().default(0).describe('How many of them, over all emoji, to pass over.'),
      ...page,
    }),
    output: z.object({
      reactions: z.array(z.object({ emoji: z.string(), userIds: z.array(userId) })),
      more: z.boolean(),
    }),
  }),
  'message.edits': operation({
    summary: 'What a message said before, oldest first, its first wording included.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, seq: seq.positive() }),
    output: z.object({ wordings: z.array(z.object({ text: z.string(), time })) }),
  }),
  'message.pin': operation({
    summary: 'Pin a message on top of the conversation, or take it down. In groups owners and admins may.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, seq: seq.positive(), on: z.boolean() }),
    output: done,
  }),
  'message.look': operation({
    summary: 'Messages by their seqs, as they are now, in order, those I may read: for quotes and pins.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, seqs: z.array(seq.positive()).min(1).max(limits.pins) }),
    output: z.object({
      messages: z.array(message) as unknown as z.ZodType<Message[]>,
      /** The page had no room for all: ask again for those behind the last one. */
      more: z.boolean(),
    }),
  }),
  'message.hide': operation({
    summary: 'Remove messages for me alone, on all my devices.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, seqs: z.array(seq.positive()).min(1).max(100) }),
    output: done,
  }),
  'poll.create': operation({
    summary: 'Ask a question with answers to choose from.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      conversationId,
      clientId,
      question: pollText(limits.pollQuestionLength),
      options: z.array(pollText(limits.pollOptionLength)).min(limits.pollOptions.min).max(limits.pollOptions.max),
      several: z.boolean().default(false),
    }),
    output: sent,
  }),
  'poll.vote': operation({
    summary: 'Choose; nothing takes my vote back. Twice does no harm. Answered once it is stored.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      conversationId,
      seq: seq.positive(),
      options: z.array(z.int().nonnegative()).max(limits.pollOptions.max),
    }),
    output: done,
  }),
  'poll.close': operation({
    summary: 'End a poll of mine, or in a group as its owner or admin.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, seq: seq.positive() }),
    output: done,
  }),
  'message.edit': operation({
    summary: 'Replace the text of a message of mine.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, clientId, seq: seq.positive(), text }),
    output: sent,
  }),
  'message.remove': operation({
    summary: 'Remove a message for everybody: my own, or in a group as its owner or admin. Its text is erased.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, clientId, seq: seq.positive() }),
    output: sent,
  }),

  'conversation.entries': operation({
    summary: 'The entries behind a seq, in order, none missing, those with a target too.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, after: seq, ...page }),
    output: z.object({
      entries: z.array(entry) as unknown as z.ZodType<Entry[]>,
      /** There are more behind the last one. */
      more: z.boolean(),
      head: seq,
    }),
  }),
  'conversation.history': operation({
    summary: 'Messages as they are now, in order, ending before a seq (null: at the end).',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, before: seq.nullable().default(null), ...page }),
    output: z.object({
      messages: z.array(message) as unknown as z.ZodType<Message[]>,
      /** The head this answer was made at: apply only entries beyond it. */
      asOf: seq,
      /** There are older ones. */
      more: z.boolean(),
      /** Seqs within the page that are not mine to read; nobody needs to ask for them again. */
      hidden: z.array(z.object({ from: seq, to: seq })),
    }),
  }),

  'receipts.mark': operation({
    summary: 'How far this device received, and the person read. Marks never go back.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      marks: z
        .array(z.strictObject({ conversationId, deliveredSeq: seq.optional(), readSeq: seq.optional() }))
        .max(limits.marksPerRequest),
    }),
    output: done,
  }),
  'receipts.list': operation({
    summary: 'How far the members of a conversation received and read it.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId }),
    output: z.object({ marks: z.array(marks) }),
  }),

  'typing.set': operation({
    summary: 'I am typing in a conversation, or stopped. Nothing is stored.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, typing: z.boolean() }),
    output: done,
  }),
  'presence.watch': operation({
    summary:
      'What is on this device’s screen: whose presence and whose typing it wants to hear. Replaces what it watched before. Sockets only.',
    access: 'chat',
    person: true,
    input: z.strictObject({
      userIds: z.array(userId).max(limits.watchedPeople),
      conversationId: conversationId.nullable().default(null),
    }),
    output: z.object({ people: z.array(presence) }),
  }),

  sync: operation({
    summary:
      'What changed since the cursor, in pages: ask again with the new cursor while `more`. Without a cursor: everything. From then on a socket hears events.',
    access: 'chat',
    person: true,
    anyEpoch: true,
    input: z.strictObject({ cursor: z.string().max(200).nullable().default(null) }),
    output: z.object({
      epoch: z.string(),
      cursor: z.string(),
      more: z.boolean(),
      me: account.extend({ privacy: privacy.optional() }).nullable().describe('Null where it did not change.'),
      blocks: z.array(userId).optional().describe('All whom I block. Left out where that did not change.'),
      conversations: z
        .array(listedConversation)
        .describe(
          'What most conversations have is left out: an empty `title`, no `pins`, no `peerId`, no `marks`, plain settings; and of mine the role `member`, being in, no `mentions`, no `draft`, nothing `hidden`, not pinned, archived, muted or marked unread.',
        ),
      profiles: z.array(profile),
    }),
  }),
} as const;
