import * as z from 'zod';
import { apiTokenId } from './ids.ts';
import { limits } from './limits.ts';
import {
  account,
  accountStates,
  apiToken,
  auditEvent,
  displayName,
  email,
  language,
  name,
  password,
  role,
  session,
  time,
} from './models.ts';
import { done, operation, page } from './operation.ts';
import { permissionNames } from './roles.ts';

/** By name or id. */
const user = z.string().min(1).max(100);

/** What those who look after the instance do to accounts. */
export const adminOperations = {
  'user.list': operation({
    summary: 'All accounts, a page at a time, by name.',
    access: 'manage_users',
    input: z.strictObject({
      query: z.string().trim().max(100).default(''),
      state: z.enum(accountStates).nullable().default(null).describe('Null: all but the deleted.'),
      after: z
        .string()
        .max(100)
        .default('')
        .describe('The name the page before ended with; of deleted accounts the id.'),
      ...page,
    }),
    output: z.object({ users: z.array(account), more: z.boolean() }),
  }),
  'user.show': operation({
    summary: 'One account with its sessions, by name or id.',
    access: 'manage_users',
    input: z.strictObject({ user }),
    output: z.object({ user: account, sessions: z.array(session) }),
  }),
  'user.add': operation({
    summary: 'Make an account for somebody.',
    access: 'manage_users',
    input: z.strictObject({
      name,
      displayName: displayName.optional(),
      email: email.nullable().default(null).describe('Counts as confirmed.'),
      language: language.nullable().default(null),
      password: password.optional().describe('Needed but for a bot, which has none.'),
      role: role.default('member'),
      bot: z.boolean().default(false).describe('Programs speak for it, with API tokens; nobody signs in to it.'),
      dryRun: z.boolean().default(false).describe('Only say whether it could be made.'),
    }),
    output: z.object({ user: account.nullable().describe('Null after a dry run.') }),
  }),
  'user.approve': operation({
    summary: 'Let somebody in who registered and waits.',
    access: 'manage_users',
    input: z.strictObject({ user }),
    output: z.object({ user: account }),
  }),
  'user.disable': operation({
    summary: 'Keep somebody out until further notice. Their sessions and tokens end at once.',
    access: 'manage_users',
    input: z.strictObject({ user }),
    output: z.object({ user: account }),
  }),
  'user.enable': operation({
    summary: 'Let somebody in again who was disabled, or whose deletion has not been carried out yet.',
    access: 'manage_users',
    input: z.strictObject({ user }),
    output: z.object({ user: account }),
  }),
  'user.delete': operation({
    summary:
      'Delete an account: sessions end at once; after the grace period its profile is emptied. Messages stay under "Deleted account" unless asked otherwise.',
    access: 'manage_users',
    input: z.strictObject({
      user,
      graceDays: z.int().min(0).max(365).default(14),
      removeMessages: z.boolean().default(false),
    }),
    output: z.object({ user: account, deletedAt: time.describe('When it is carried out.') }),
  }),
  'user.export': operation({
    summary: 'Everything the instance keeps about one person, a page of JSON lines at a time. See docs/export.md.',
    access: 'local',
    input: z.strictObject({ user, cursor: z.string().max(400).nullable().default(null) }),
    output: z.object({ lines: z.array(z.string()), cursor: z.string().nullable().describe('Null: that was all.') }),
  }),
  'user.setPassword': operation({
    summary: 'Set somebody’s password. Closes their sessions.',
    access: 'local',
    input: z.strictObject({ user, password }),
    output: done,
  }),
  'user.resetLink': operation({
    summary: 'A link with which somebody chooses a new password: once, within a day.',
    access: 'manage_users',
    session: true,
    input: z.strictObject({ user }),
    output: z.object({ link: z.string(), expiresAt: time }),
  }),
  'user.setRole': operation({
    summary: 'Change somebody’s role: not above one’s own, and the last owner stays one.',
    access: 'manage_users',
    input: z.strictObject({ user, role }),
    output: z.object({ user: account }),
  }),
  'user.closeSessions': operation({
    summary: 'Sign somebody out everywhere.',
    access: 'manage_users',
    input: z.strictObject({ user }),
    output: z.object({ closed: z.int() }),
  }),
  'twoFactor.status': operation({
    summary: 'Whether somebody has a second factor, and which.',
    access: 'manage_users',
    input: z.strictObject({ user }),
    output: z.object({
      user: account,
      totp: z.boolean(),
      recoveryCodesLeft: z.int(),
      passkeys: z.int(),
      required: z.boolean(),
    }),
  }),
  'twoFactor.reset': operation({
    summary:
      'Forget somebody’s second factors and trusted devices. Where one is required they set it up at the next sign-in.',
    access: 'manage_users',
    session: true,
    input: z.strictObject({ user }),
    output: done,
  }),
  'token.create': operation({
    summary: 'A token for a bot or a script, with less or as much as its owner may. Answered once, stored hashed.',
    access: 'tokens',
    session: true,
    input: z.strictObject({
      user: user.nullable().default(null).describe('Whose; null: mine. Another’s only for the owner of the host.'),
      name: z.string().trim().min(1).max(60),
      scopes: z.array(z.enum(permissionNames)).min(1),
      expiresInDays: z.int().min(1).max(3650).nullable().default(90),
    }),
    output: z.object({ token: z.string(), apiToken }),
  }),
  'token.list': operation({
    summary: 'API tokens: mine, somebody’s, or everybody’s. Those revoked or expired are left out after 30 days.',
    access: 'tokens',
    input: z.strictObject({ user: user.nullable().default(null), all: z.boolean().default(false) }),
    output: z.object({ apiTokens: z.array(apiToken) }),
  }),
  'token.revoke': operation({
    summary: 'End an API token at once.',
    access: 'tokens',
    session: true,
    input: z.strictObject({ apiTokenId }),
    output: done,
  }),
  'audit.list': operation({
    summary: 'Security events and admin actions, newest first.',
    access: 'audit',
    input: z.strictObject({
      before: z.int().nullable().default(null).describe('Events with a lower number.'),
      after: z.int().nullable().default(null).describe('Events with a higher number, oldest first: to follow.'),
      user: user.nullable().default(null).describe('Done by or to them.'),
      action: z.string().max(60).nullable().default(null).describe('An action, or the beginning of one: `session.`'),
      since: time.nullable().default(null),
      until: time.nullable().default(null),
      limit: z.int().min(1).max(limits.pageItems).default(100),
    }),
    output: z.object({ events: z.array(auditEvent), more: z.boolean() }),
  }),
  'mail.test': operation({
    summary: 'Send a mail to see whether mail works.',
    access: 'local',
    input: z.strictObject({ to: email }),
    output: z.object({ accepted: z.string().describe('What the mail server said.') }),
  }),
} as const;
