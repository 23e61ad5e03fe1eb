import * as z from 'zod';
import { clientId, conversationId, userId } from './ids.ts';
import { limits } from './limits.ts';
import {
  bodies,
  displayName,
  draft,
  email,
  groupSettings,
  type Kind,
  keeping,
  kinds,
  language,
  memberRole,
  name,
  privacy,
  role,
  seq,
  span,
  text,
  time,
} from './models.ts';
import { done, operation } from './operation.ts';

/** Where an import comes from. */
export const importSources = ['messenger', 'telegram', 'whatsapp'] as const;
const importSource = z.enum(importSources);
export type ImportSource = z.infer<typeof importSource>;

/** What a conversation is called where it comes from: the same each time it is imported. */
const importKey = z.string().min(1).max(200);

const importedPerson = z.strictObject({
  userId: userId.describe('Of the account that is made where nobody matches; the same each time.'),
  name: name.describe('An account with this name is taken for the person, where `match` says so.'),
  displayName: displayName,
  as: z
    .string()
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .describe('The account that this person is here; made if absent.'),
  match: z.enum(['name', 'displayName', 'never']),
  deleted: z.boolean().default(false).describe('The account was deleted there: the one made here is deleted, too.'),
  role: role.default('member'),
  language: language.nullable().default(null),
  email: email.nullable().default(null),
  privacy: privacy.nullable().default(null),
  avatar: groupSettings.shape.avatar.default(null).describe('A picture that was imported before.'),
});

const importedBodies = {
  ...bodies,
  message: bodies.message.extend({ text }),
  edit: z.object({ text }),
};

const importedEntryOf = <K extends Kind>(kind: K) =>
  z.strictObject({
    time,
    senderId: userId.nullable(),
    clientId,
    kind: z.literal(kind),
    body: importedBodies[kind] as unknown as (typeof bodies)[K],
    ...(kinds[kind].targets ? { target: seq.positive() } : {}),
    expiresAt: time.optional(),
  });

/** Of an entry that was emptied only its place is left. */
const emptiedEntry = z.strictObject({
  time,
  senderId: userId.nullable(),
  clientId,
  kind: z.literal('emptied'),
  was: z.enum(Object.keys(kinds) as [Kind, ...Kind[]]),
  target: seq.positive().optional(),
});

const importedEntry = z.discriminatedUnion('kind', [
  emptiedEntry,
  importedEntryOf('message'),
  importedEntryOf('poll'),
  importedEntryOf('edit'),
  importedEntryOf('removal'),
  importedEntryOf('reaction'),
  importedEntryOf('vote'),
  importedEntryOf('poll_closed'),
  importedEntryOf('preview'),
  importedEntryOf('pin'),
  importedEntryOf('created'),
  importedEntryOf('joined'),
  importedEntryOf('left'),
  importedEntryOf('removed'),
  importedEntryOf('role'),
  importedEntryOf('title'),
  importedEntryOf('settings'),
]);
export type ImportedEntry = z.input<typeof importedEntry>;

const importedMember = z.strictObject({
  userId,
  role: memberRole,
  member: z.boolean(),
  spans: z.array(span).max(1_000),
  joinedSeq: seq,
  barred: z.boolean().default(false),
  deliveredSeq: seq,
  readSeq: seq,
  keeping,
  draft: draft.nullable(),
  hidden: z.array(seq.positive()).max(limits.hidden),
});
export type ImportedMember = z.input<typeof importedMember>;

/** How conversations leave an instance and come into one. docs/export.md and docs/import.md describe the formats. */
export const transferOperations = {
  'export.read': operation({
    summary: 'People, conversations and messages of the instance, a page of JSON lines at a time. See docs/export.md.',
    access: 'local',
    input: z.strictObject({ cursor: z.string().max(400).nullable().default(null) }),
    output: z.object({ lines: z.array(z.string()), cursor: z.string().nullable().describe('Null: that was all.') }),
  }),
  'import.picture': operation({
    summary: 'A picture of somebody or of a group, before whoever has it.',
    access: 'local',
    input: z.strictObject({
      picture: z.base64().max(Math.ceil(limits.avatarBytes / 3) * 4),
    }),
    output: z.object({ avatar: z.string() }),
  }),
  'import.people': operation({
    summary:
      'Find or make the accounts of people whose conversations are imported. Those made are disabled and have no password.',
    access: 'local',
    input: z.strictObject({ people: z.array(importedPerson).min(1).max(100), dryRun: z.boolean().default(false) }),
    output: z.object({
      people: z.array(
        z.object({
          userId,
          /** Empty where the account is deleted. */
          name: z.string(),
          displayName: z.string(),
          /** `as`: as was said; `here`: it came with an earlier import, or never left; `matched`, `made`. */
          outcome: z.enum(['as', 'here', 'matched', 'made']),
          emailTaken: z.boolean(),
        }),
      ),
    }),
  }),
  'import.block': operation({
    summary: 'Whom somebody blocks whose account an import made and nobody has used yet.',
    access: 'local',
    input: z.strictObject({ userId, blockedIds: z.array(userId).min(1).max(limits.blocks) }),
    output: z.object({ blocked: z.int() }),
  }),
  'import.begin': operation({
    summary: 'Begin to import a conversation, or go on with it. Nobody sees it until it is finished.',
    access: 'local',
    input: z.strictObject({
      source: importSource,
      key: importKey,
      conversationId: conversationId.describe('The id it gets.'),
      pair: z.tuple([userId, userId]).nullable().describe('Whose direct conversation it is; null: a group.'),
      dryRun: z.boolean().default(false),
    }),
    output: z.object({
      conversationId,
      /** `here`: a conversation of this instance has the id; it is left alone. */
      outcome: z.enum(['new', 'begun', 'finished', 'here']),
      /** `group` for a pair that has a direct conversation here already. */
      kind: z.enum(['direct', 'group']),
      /** How many entries are in the log. */
      seq,
    }),
  }),
  'import.entries': operation({
    summary:
      'Entries of a conversation that is being imported, in order, behind `after`. What is there already is skipped.',
    access: 'local',
    input: z.strictObject({
      conversationId,
      after: seq,
      entries: z.array(importedEntry).min(1).max(limits.pageItems),
    }),
    output: z.object({ appended: z.int(), seq }),
  }),
  'import.conversation': operation({
    summary: 'What a conversation is, once all its entries are in.',
    access: 'local',
    input: z.strictObject({
      conversationId,
      title: z.string().max(limits.titleLength),
      createdAt: time,
      firstSeq: seq.positive().default(1).describe('Retention emptied what stands before it.'),
      settings: groupSettings,
      pins: z.array(seq.positive()).max(limits.pins),
      pair: z.tuple([userId, userId]).nullable(),
    }),
    output: z.object({ kind: z.enum(['direct', 'group']) }),
  }),
  'import.members': operation({
    summary: 'Who is or was in a conversation that is being imported.',
    access: 'local',
    input: z.strictObject({ conversationId, members: z.array(importedMember).min(1).max(limits.pageItems) }),
    output: done,
  }),
  'import.finish': operation({
    summary: 'The conversation is complete: its members see it from now on.',
    access: 'local',
    input: z.strictObject({ conversationId }),
    output: done,
  }),
};
