import * as z from 'zod';
import { onDevice, tokens } from './account-operations.ts';
import { passkeyId, sessionId } from './ids.ts';
import { limits } from './limits.ts';
import { email, passkey, password, time, webauthnJson } from './models.ts';
import { done, nothing, operation } from './operation.ts';

/** The present password, to show that it is really them. Whatever it is, it may be wrong. */
const presentPassword = z.string().max(limits.passwordLength.max);
/** Six digits of an authenticator app, or a recovery code; spaces and hyphens that people type are dropped. */
const code = z.string().max(40);
/** What a link or an earlier answer carries: good once, for a while. */
const ticket = z.string().max(200);
const passkeyName = z.string().trim().min(1).max(60);
const trustDevice = z.boolean().default(false).describe('Ask this device for no second factor for a while.');
const recoveryCodes = z.array(z.string()).describe('Shown once. Each signs in once.');

/** How a person shows who they are, and what they can do when they cannot. */
export const securityOperations = {
  'auth.secondFactor': operation({
    summary: 'Finish signing in with a code of the authenticator app or a recovery code.',
    access: 'anyone',
    anyEpoch: true,
    http: true,
    input: z.strictObject({
      ticket,
      method: z.enum(['totp', 'recovery_code']),
      code,
      trustDevice,
      ...onDevice,
    }),
    output: tokens,
  }),
  'auth.enrolBegin': operation({
    summary:
      'Where the instance requires a second factor: begin to set one up, with the ticket that signing in answered.',
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ ticket }),
    output: z.object({ secret: z.string(), uri: z.string() }),
  }),
  'auth.enrolFinish': operation({
    summary: 'Confirm the authenticator app with a code, and sign in.',
    access: 'anyone',
    anyEpoch: true,
    http: true,
    input: z.strictObject({ ticket, code, ...onDevice }),
    output: tokens.extend({ recoveryCodes }),
  }),
  'auth.passkeyBegin': operation({
    summary: 'What the browser needs to sign in with a passkey; with the ticket of a sign-in, as its second factor.',
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ ticket: ticket.nullable().default(null) }),
    output: z.object({ attempt: z.string(), options: webauthnJson }),
  }),
  'auth.passkeyFinish': operation({
    summary: 'Sign in with what the passkey answered.',
    access: 'anyone',
    anyEpoch: true,
    http: true,
    input: z.strictObject({ attempt: ticket, response: webauthnJson, trustDevice, ...onDevice }),
    output: tokens,
  }),
  'auth.forgotPassword': operation({
    summary:
      'Send a link for a new password to the confirmed address of an account. Answers the same whoever is asked for.',
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ account: z.string().trim().max(320).describe('Name or e-mail address.') }),
    output: z.object({ byMail: z.boolean().describe('False where this instance sends no mail: ask an admin.') }),
  }),
  'auth.resetLook': operation({
    summary: 'Whose password a link is for.',
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ token: ticket }),
    output: z.object({ name: z.string(), displayName: z.string() }),
  }),
  'auth.resetPassword': operation({
    summary: 'Choose a new password with a link. Closes every session; two-factor stays.',
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ token: ticket, password }),
    output: done,
  }),
  'email.confirm': operation({
    summary: 'Confirm an e-mail address with the link that was sent to it.',
    access: 'anyone',
    anyEpoch: true,
    input: z.strictObject({ token: ticket }),
    output: done,
  }),

  'security.show': operation({
    summary: 'How my account is guarded.',
    access: 'account',
    person: true,
    input: nothing,
    output: z.object({
      email: z.string().nullable(),
      /** Waits for its link to be opened. */
      unconfirmedEmail: z.string().nullable(),
      passwordChangedAt: time,
      totp: z.boolean(),
      recoveryCodesLeft: z.int(),
      passkeys: z.array(passkey),
      /** The instance's rule for me. */
      twoFactorRequired: z.boolean(),
      /** Whether this instance can send mail. */
      mail: z.boolean(),
    }),
  }),
  'password.change': operation({
    summary: 'Change my password. Closes my other sessions unless told otherwise.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ present: presentPassword, password, keepOthers: z.boolean().default(false) }),
    output: done,
  }),
  'email.set': operation({
    summary: 'Set my e-mail address, or none. A link confirms it; until then the one before it counts.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ present: presentPassword, email: email.nullable() }),
    output: done,
  }),
  'totp.begin': operation({
    summary: 'Begin to set up an authenticator app.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ present: presentPassword }),
    output: z.object({ secret: z.string(), uri: z.string() }),
  }),
  'totp.finish': operation({
    summary: 'Confirm the authenticator app with a code. From then on a password alone does not sign in.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ code }),
    output: z.object({
      recoveryCodes: recoveryCodes.nullable().describe('Where it is the first second factor: ten of them, shown once.'),
    }),
  }),
  'totp.remove': operation({
    summary:
      'Stop using the authenticator app. Refused where the instance requires a second factor and there is no other.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ present: presentPassword }),
    output: done,
  }),
  'recoveryCodes.renew': operation({
    summary: 'Ten new recovery codes; the old ones are worth nothing from then on.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ present: presentPassword }),
    output: z.object({ recoveryCodes }),
  }),
  'passkey.begin': operation({
    summary: 'What the browser needs to make a passkey.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ present: presentPassword }),
    output: z.object({ attempt: z.string(), options: webauthnJson }),
  }),
  'passkey.finish': operation({
    summary: 'Keep the passkey that the browser made. From then on a password alone does not sign in.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({
      attempt: ticket,
      response: webauthnJson,
      name: passkeyName,
    }),
    output: z.object({
      passkey,
      recoveryCodes: recoveryCodes.nullable().describe('Where it is the first second factor: ten of them, shown once.'),
    }),
  }),
  'passkey.rename': operation({
    summary: 'Call a passkey something else.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ passkeyId, name: passkeyName }),
    output: done,
  }),
  'passkey.remove': operation({
    summary: 'Remove a passkey.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ passkeyId, present: presentPassword }),
    output: done,
  }),
  'session.rename': operation({
    summary: 'Call one of my devices something else.',
    access: 'account',
    person: true,
    session: true,
    input: z.strictObject({ sessionId, device: z.string().trim().min(1).max(100) }),
    output: done,
  }),
  'session.closeOthers': operation({
    summary: 'Sign all my other devices out.',
    access: 'account',
    person: true,
    session: true,
    input: nothing,
    output: z.object({ closed: z.int() }),
  }),
} as const;
