import * as z from 'zod';
import { conversationId, inviteId, sessionId, userId } from './ids.ts';
import { limits } from './limits.ts';
import {
  account,
  displayName,
  email,
  invite,
  language,
  name,
  password,
  profile,
  role,
  session,
  time,
} from './models.ts';
import { done, nothing, operation } from './operation.ts';

const deviceName = z
  .string()
  .trim()
  .max(100)
  .default('')
  .describe('What the person calls this device, or what it says of itself: "Firefox on Android".');
const keepIn = z
  .enum(['cookie', 'body'])
  .default('body')
  .describe('Where the refresh token goes. Browsers say `cookie` and never see it.');

/** What every way of signing in says about the device it happens on. */
export const onDevice = {
  device: deviceName,
  keepIn,
  deviceToken: z
    .string()
    .max(100)
    .optional()
    .describe(
      'What an earlier sign-in on this device answered (from the body, else the cookie). Shows that it is no stranger.',
    ),
};

export const tokens = z.object({
  status: z.literal('signed_in'),
  userId,
  sessionId,
  /** A JWT (EdDSA), for ten minutes. */
  accessToken: z.string(),
  expiresAt: time,
  /** Only where it was asked for in the body. */
  refreshToken: z.string().optional(),
  /** Signing in answers it: to be kept beyond signing out, and shown at the next sign-in. Only where it was asked for in the body. */
  deviceToken: z.string().optional(),
});
export type Tokens = z.infer<typeof tokens>;

export const secondFactors = ['totp', 'passkey', 'recovery_code'] as const;
export type SecondFactor = (typeof secondFactors)[number];

/** The password was right; now a second factor, with this ticket. */
const secondFactorNeeded = z.object({
  status: z.literal('second_factor_needed'),
  ticket: z.string(),
  methods: z.array(z.enum(secondFactors)),
  expiresAt: time,
});
export type SecondFactorNeeded = z.infer<typeof secondFactorNeeded>;

/** The password was right; the instance requires a second factor, and there is none yet. */
const enrolmentNeeded = z.object({ status: z.literal('enrolment_needed'), ticket: z.string(), expiresAt: time });
export type EnrolmentNeeded = z.infer<typeof enrolmentNeeded>;

/** Who people are, how they come in, and which of their devices are signed in. */
export const accountOperations = {
  'invite.look': operation({
    summary: 'What an invite is for.',
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ token: z.string().max(200) }),
    output: z.object({
      instanceName: z.string(),
      invitedBy: z.string().nullable(),
      role,
      expiresAt: time.nullable(),
      groups: z.array(z.string()).optional().describe('Titles of the groups that it leads to.'),
    }),
  }),
  'auth.register': operation({
    summary:
      'Make an account, with an invite where the instance asks for one, and sign in. Without one, where admins approve accounts, it waits.',
    access: 'anyone',
    anyEpoch: true,
    http: true,
    input: z.strictObject({
      invite: z.string().max(200).optional(),
      name,
      displayName: displayName.optional(),
      password,
      email: email.optional().describe('Counts once it was confirmed by the link that is sent to it.'),
      language: language.optional(),
      ...onDevice,
    }),
    output: z.discriminatedUnion('status', [
      tokens,
      enrolmentNeeded,
      z.object({ status: z.literal('waiting_for_approval') }),
    ]),
  }),
  'auth.signIn': operation({
    summary: 'Sign in with name and password.',
    access: 'anyone',
    anyEpoch: true,
    http: true,
    input: z.strictObject({
      name: z.string().max(200),
      password: z.string().max(limits.passwordLength.max),
      ...onDevice,
    }),
    output: z.discriminatedUnion('status', [tokens, secondFactorNeeded, enrolmentNeeded]),
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
    session: true,
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
    session: true,
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
      conversationIds: z
        .array(conversationId)
        .max(limits.inviteConversations)
        .default([])
        .describe('Groups that whoever comes with it is added to. Only those the inviter may add people to.'),
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
    input: z.strictObject({ displayName: displayName.optional(), language: language.nullable().optional() }),
    output: z.object({ me: account }),
  }),
} as const;
