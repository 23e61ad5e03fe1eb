import * as z from 'zod';
import { clientId, conversationId, userId } from './ids.ts';
import { limits } from './limits.ts';
import {
  account,
  conversation,
  type Entry,
  entry,
  type Message,
  marks,
  member,
  memberRole,
  message,
  presence,
  profile,
  seq,
  text,
  time,
  title,
} from './models.ts';
import { done, operation, page } from './operation.ts';

const sent = z.object({ seq: seq.positive(), time });

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
    input: z.strictObject({ conversationId, after: z.string().max(100).default(''), ...page }),
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

  'message.send': operation({
    summary:
      'Send a text. Answered once it is stored for good. The same `clientId` again answers the first entry; with other content it answers `conflict`.',
    access: 'chat',
    person: true,
    input: z.strictObject({ conversationId, clientId, text }),
    output: sent,
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
      me: account.nullable().describe('Null where it did not change.'),
      conversations: z.array(conversation),
      profiles: z.array(profile),
    }),
  }),
} as const;
