import * as z from 'zod';
import { clientId, conversationId, inviteId, sessionId, userId } from './ids.ts';
import { limits } from './limits.ts';
import {
  account,
  conversation,
  displayName,
  type Entry,
  entry,
  invite,
  type Message,
  marks,
  member,
  memberRole,
  message,
  name,
  password,
  presence,
  profile,
  role,
  seq,
  session,
  text,
  time,
  title,
} from './models.ts';
import type { Access } from './roles.ts';

/**
 * One row: what a client may ask. From this table come the handlers' type, the dispatcher for WebSocket and
 * `POST /api/<op>`, the typed client, and the documents.
 */
interface OperationRow<Input extends z.ZodType, Output extends z.ZodType> {
  readonly summary: string;
  readonly access: Access;
  /** Needs a signed-in person; the local CLI, which is nobody in particular, cannot call it. */
  readonly person?: true;
  /** Answers although the client knows another epoch. */
  readonly anyEpoch?: true;
  /** Browsers keep the refresh token in a cookie: reachable by HTTP alone. */
  readonly http?: true;
  readonly input: Input;
  readonly output: Output;
}
const operation = <Input extends z.ZodType, Output extends z.ZodType>(row: OperationRow<Input, Output>) => row;

const nothing = z.strictObject({});
const done = z.object({});

const device = z
  .string()
  .trim()
  .max(100)
  .default('')
  .describe('What the person calls this device, or what it says of itself: "Firefox on Android".');
const keepIn = z
  .enum(['cookie', 'body'])
  .default('body')
  .describe('Where the refresh token goes. Browsers say `cookie` and never see it.');

const tokens = z.object({
  status: z.literal('signed_in'),
  userId,
  sessionId,
  /** A JWT (EdDSA), for ten minutes. */
  accessToken: z.string(),
  expiresAt: time,
  /** Only where it was asked for in the body. */
  refreshToken: z.string().optional(),
});
export type Tokens = z.infer<typeof tokens>;

const page = { limit: z.int().min(1).max(limits.pageItems).default(100) };

const sent = z.object({ seq: seq.positive(), time });

export const operations = {
  'instance.about': operation({
    summary: 'What a person may know before they sign in.',
    access: 'anyone',
    anyEpoch: true,
    input: nothing,
    output: z.object({
      name: z.string(),
      version: z.string(),
      registration: z.enum(['open', 'invite', 'closed']),
      /** The accent colour the owner chose, as CSS; null for the product's own. */
      accent: z.string().nullable(),
      /** The address people use, where the owner set one. */
      address: z.string().nullable(),
    }),
  }),
  'instance.status': operation({
    summary: 'How the instance is doing.',
    access: 'inspect',
    anyEpoch: true,
    input: nothing,
    output: z.object({
      version: z.string(),
      node: z.string(),
      pid: z.int(),
      startedAt: time,
      addresses: z.array(z.string()),
      profile: z.enum(['embedded', 'stack']),
      users: z.int(),
      conversations: z.int(),
      entries: z.int(),
      connections: z.int(),
      memoryBytes: z.int(),
      dataBytes: z.int(),
      parts: z.array(z.object({ name: z.string(), ok: z.boolean(), says: z.string() })),
    }),
  }),

  'connection.open': operation({
    summary: "A socket's first frame: who is there, and which epoch they know. Sockets only.",
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ accessToken: z.string().max(4096), epoch: z.string().max(64).nullable().default(null) }),
    output: z.object({ userId, sessionId, epoch: z.string(), time, version: z.string() }),
  }),

  'invite.look': operation({
    summary: 'What an invite is for.',
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ token: z.string().max(200) }),
    output: z.object({ instanceName: z.string(), invitedBy: z.string().nullable(), role, expiresAt: time.nullable() }),
  }),
  'auth.register': operation({
    summary: 'Make an account, with an invite where the instance asks for one, and sign in.',
    access: 'anyone',
    anyEpoch: true,
    http: true,
    input: z.strictObject({
      invite: z.string().max(200).optional(),
      name,
      displayName: displayName.optional(),
      password,
      device,
      keepIn,
    }),
    output: tokens,
  }),
  'auth.signIn': operation({
    summary: 'Sign in with name and password.',
    access: 'anyone',
    anyEpoch: true,
    http: true,
    input: z.strictObject({
      name: z.string().max(200),
      password: z.string().max(limits.passwordLength.max),
      device,
      keepIn,
    }),
    output: z.discriminatedUnion('status', [tokens]),
  }),
  'auth.refresh': operation({
    summary: 'A new access token and the next refresh token for the present one (from the body, else the cookie).',
    access: 'anyone',
    anyEpoch: true,
    http: true,
    input: z.strictObject({ refreshToken: z.string().max(400).optional(), keepIn }),
    output: tokens,
  }),
  'auth.signOut': operation({
    summary: 'Close the session of this device.',
    access: 'account',
    person: true,
    anyEpoch: true,
    http: true,
    input: nothing,
    output: done,
  }),
  'session.list': operation({
    summary: 'My signed-in devices.',
    access: 'account',
    person: true,
    input: nothing,
    output: z.object({ sessions: z.array(session) }),
  }),
  'session.close': operation({
    summary: 'Sign one of my devices out.',
    access: 'account',
    person: true,
    input: z.strictObject({ sessionId }),
    output: done,
  }),

  'invite.create': operation({
    summary: 'Make an invite link. Its token is answered once and stored hashed.',
    access: 'invite',
    input: z.strictObject({
      role: role.default('member'),
      maxUses: z.int().min(1).max(10_000).nullable().default(1),
      expiresInHours: z
        .int()
        .min(1)
        .max(24 * 365)
        .nullable()
        .default(24 * 7),
      note: z.string().trim().max(200).default(''),
    }),
    output: z.object({ invite, token: z.string(), link: z.string() }),
  }),
  'invite.list': operation({
    summary: 'Invites that can still be used: mine, or with `all` everybody’s.',
    access: 'invite',
    input: z.strictObject({ all: z.boolean().default(false), spent: z.boolean().default(false) }),
    output: z.object({ invites: z.array(invite) }),
  }),
  'invite.revoke': operation({
    summary: 'Make an invite useless from now on.',
    access: 'invite',
    input: z.strictObject({ inviteId }),
    output: done,
  }),

  'user.find': operation({
    summary: 'People of the instance whose name or display name begins with the words.',
    access: 'chat',
    person: true,
    input: z.strictObject({ query: z.string().trim().max(100), limit: z.int().min(1).max(50).default(20) }),
    output: z.object({ people: z.array(profile) }),
  }),
  'user.update': operation({
    summary: 'Change my profile.',
    access: 'account',
    person: true,
    input: z.strictObject({ displayName }),
    output: z.object({ me: account }),
  }),
  'user.list': operation({
    summary: 'All accounts, a page at a time, by name.',
    access: 'manage_users',
    input: z.strictObject({
      query: z.string().trim().max(100).default(''),
      after: z.string().max(100).default('').describe('The name the page before ended with.'),
      ...page,
    }),
    output: z.object({ users: z.array(account), more: z.boolean() }),
  }),
  'user.show': operation({
    summary: 'One account with its sessions, by name or id.',
    access: 'manage_users',
    input: z.strictObject({ user: z.string().max(100) }),
    output: z.object({ user: account, sessions: z.array(session) }),
  }),
  'user.add': operation({
    summary: 'Make an account for somebody.',
    access: 'manage_users',
    input: z.strictObject({ name, displayName: displayName.optional(), password, role: role.default('member') }),
    output: z.object({ user: account }),
  }),

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

export type OperationName = keyof typeof operations;
/** What a handler gets: checked, with defaults filled in. */
export type Input<N extends OperationName> = z.output<(typeof operations)[N]['input']>;
/** What a client writes: defaults may be left out. */
export type InputToSend<N extends OperationName> = z.input<(typeof operations)[N]['input']>;
export type Output<N extends OperationName> = z.output<(typeof operations)[N]['output']>;
