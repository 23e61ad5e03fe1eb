import * as z from 'zod';
import {
  apiTokenId,
  clientId,
  conversationId,
  groupLinkId,
  inviteId,
  passkeyId,
  reportId,
  sessionId,
  userId,
} from './ids.ts';
import { limits } from './limits.ts';
import { permissionNames, roles } from './roles.ts';

const bytes = new TextEncoder();

/** Milliseconds since 1970, UTC, by the server's clock. */
export const time = z.int().nonnegative();
/** A place in a conversation's log. The first entry has 1; 0 stands before it. */
export const seq = z.int().nonnegative().max(limits.seq);

const fits = (value: string) => value.length <= limits.textBytes / 3 || bytes.encode(value).length <= limits.textBytes;
const tooLarge = { error: `longer than ${limits.textBytes} bytes`, params: { reason: 'too_large' } };
const wellFormed = z.string().refine((value) => value.isWellFormed(), { error: 'not well-formed Unicode' });

/** Well-formed Unicode (no lone surrogates) with something to see in it, at most `limits.textBytes` of UTF-8. */
export const text = wellFormed.refine((value) => value.trim() !== '', { error: 'empty' }).refine(fits, tooLarge);

const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), { error: 'control characters' });

export const title = line(limits.titleLength);
export const displayName = line(limits.displayNameLength);
/** What a person signs in with: lower-case letters and digits of any script, joined by single `.`, `_` or `-`. */
export const name = z
  .string()
  .normalize('NFKC')
  .toLowerCase()
  .min(limits.nameLength.min)
  .max(limits.nameLength.max)
  .regex(/^[\p{L}\p{M}\p{N}]+(?:[._-][\p{L}\p{M}\p{N}]+)*$/u);
export const password = z.string().min(limits.passwordLength.min).max(limits.passwordLength.max);

/** One spelling per address: all in lower case. */
export const email = z.string().trim().toLowerCase().max(limits.emailLength).regex(z.regexes.email);
/** The languages the product speaks. */
export const language = z.enum(['en', 'ru']);
export type Language = z.infer<typeof language>;

export const role = z.enum(roles);
export const memberRole = z.enum(['owner', 'admin', 'member']);
export type MemberRole = z.infer<typeof memberRole>;

/** Names a picture by what it is: SHA-256, in hex. */
const avatarHash = z.string().regex(/^[0-9a-f]{64}$/);

/** A person as others see them. */
export const profile = z.object({
  userId,
  /** Both empty where the account was deleted: clients say "Deleted account". */
  name: z.string(),
  displayName: z.string(),
  /** The account was deleted or disabled, or waits for approval. */
  gone: z.boolean(),
  /** As in `groupSettings`. Left out: none. */
  avatar: avatarHash.optional(),
  /** Programs speak for it. */
  bot: z.literal(true).optional(),
});
export type Profile = z.infer<typeof profile>;

/**
 * `waiting`: registered, not approved yet. `deleting`: signed out everywhere; deleted when the grace period ends, and can
 * be enabled until then. `deleted`: nothing personal is left.
 */
export const accountStates = ['active', 'waiting', 'disabled', 'deleting', 'deleted'] as const;
export type AccountState = (typeof accountStates)[number];

/** A person as they and the owner see them. */
export const account = profile.extend({
  role,
  state: z.enum(accountStates),
  /** Confirmed, or set by those who manage users. */
  email: z.string().nullable(),
  language: language.nullable().describe('What mails to them are written in; null: as the instance has it.'),
  createdAt: time,
  lastSeenAt: time.nullable(),
  /** When the grace period ends, where the state is `deleting`. */
  deletesAt: time.nullable(),
});
export type Account = z.infer<typeof account>;

/** What a person lets others see of them. */
export const privacy = z.object({
  /**
   * Who sees whether I am online and when I last was: everybody, those I wrote to directly, or nobody. Nobody then hears
   * that I am typing either.
   */
  lastSeen: z.enum(['everybody', 'contacts', 'nobody']),
  /** Others see how far I read, and I see how far they did; else neither. What was delivered is seen all the same. */
  readReceipts: z.boolean(),
});
export type Privacy = z.infer<typeof privacy>;

/** Of those who decided nothing. */
export const openPrivacy: Privacy = { lastSeen: 'everybody', readReceipts: true };

/** A signed-in device. */
export const session = z.object({
  sessionId,
  device: z.string(),
  createdAt: time,
  lastSeenAt: time,
  /** Where it was last seen from, without its last part: `203.0.113.x`. */
  addressHint: z.string(),
  current: z.boolean(),
});
export type Session = z.infer<typeof session>;

export const invite = z.object({
  inviteId,
  role,
  createdBy: userId.nullable(),
  createdAt: time,
  expiresAt: time.nullable(),
  /** How many people it admits; null: no limit. */
  maxUses: z.int().positive().nullable(),
  uses: z.int().nonnegative(),
  revokedAt: time.nullable(),
  note: z.string(),
  /** Groups that whoever comes with it is added to. */
  conversationIds: z.array(conversationId),
});
export type Invite = z.infer<typeof invite>;

/** A passkey (WebAuthn) as its owner sees it. */
export const passkey = z.object({
  passkeyId,
  name: z.string(),
  /** The host it works on: `chat.example.org`. */
  host: z.string(),
  createdAt: time,
  lastUsedAt: time.nullable(),
});
export type Passkey = z.infer<typeof passkey>;

/** What a browser takes and gives for passkeys, as JSON (WebAuthn level 3, §5.1.8 and §5.1.9). */
export const webauthnJson = z.record(z.string().max(100), z.unknown());
export type WebauthnJson = z.infer<typeof webauthnJson>;

/** A token for a bot or a script, without its secret. */
export const apiToken = z.object({
  apiTokenId,
  userId,
  name: z.string(),
  scopes: z.array(z.enum(permissionNames)),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
  revokedAt: time.nullable(),
});
export type ApiToken = z.infer<typeof apiToken>;

/** Who did what to whom, from where and when. */
export const auditEvent = z.object({
  /** Rises with every event; not without gaps. */
  number: z.int().positive(),
  at: time,
  /** `session.opened`, `user.disabled`: documented in docs/audit.md. */
  action: z.string(),
  actor: z
    .object({ userId, name: z.string() })
    .nullable()
    .describe('Null for the owner of the host and for nobody known.'),
  subject: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
  address: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type AuditEvent = z.infer<typeof auditEvent>;

/**
 * The kinds of entries. `counts`: makes a conversation unread. `targets`: changes an earlier entry, takes no place in
 * history. `rules`: changes members, roles or settings, so that sends are judged anew behind it. A client that does not
 * know a kind ignores it when it targets, and else shows "update the app" in its place.
 */
export const kinds = {
  message: { counts: true, targets: false, rules: false },
  poll: { counts: true, targets: false, rules: false },
  edit: { counts: false, targets: true, rules: false },
  removal: { counts: false, targets: true, rules: false },
  reaction: { counts: false, targets: true, rules: false },
  vote: { counts: false, targets: true, rules: false },
  poll_closed: { counts: false, targets: true, rules: false },
  preview: { counts: false, targets: true, rules: false },
  pin: { counts: false, targets: true, rules: true },
  created: { counts: false, targets: false, rules: true },
  joined: { counts: false, targets: false, rules: true },
  left: { counts: false, targets: false, rules: true },
  removed: { counts: false, targets: false, rules: true },
  role: { counts: false, targets: false, rules: true },
  title: { counts: false, targets: false, rules: true },
  settings: { counts: false, targets: false, rules: true },
} as const;
export type Kind = keyof typeof kinds;

/** One emoji as people see one, skin tone and all. */
export const emoji = z
  .string()
  .max(40)
  .refine((value) => /^\p{RGI_Emoji}$/v.test(value), { error: 'not one emoji' });

/** What a group's owner and admins decide; `disappearAfter` and `previews` of a direct conversation each of the two. */
export const groupSettings = z.object({
  description: z
    .string()
    .trim()
    .max(limits.descriptionLength)
    .refine((value) => value.isWellFormed() && !/[^\P{Cc}\n]/u.test(value), { error: 'control characters' }),
  /** Those who join read from the beginning; else from their joining. */
  showsPast: z.boolean(),
  /** Who may write: in a channel only its owner and admins do. */
  posting: z.enum(['members', 'admins']),
  /** SHA-256 of its picture, in hex: it is at `/avatars/<avatar>`. */
  avatar: avatarHash.nullable(),
  /** The server looks up links that are sent, and shows what they lead to. */
  previews: z.boolean(),
  /** What is sent from then on disappears after so many ms; null: it stays. */
  disappearAfter: z.int().min(limits.disappearAfter.min).max(limits.disappearAfter.max).nullable(),
  /** Everything older than so many ms is emptied; null: as the instance has it. */
  keepFor: z.int().min(limits.keepFor.min).max(limits.keepFor.max).nullable(),
});
export type GroupSettings = z.infer<typeof groupSettings>;

export { plainSettings } from './listed-conversation.ts';

/** What a page says about itself. */
const linkPreview = z.object({
  url: z.string().max(limits.linkLength),
  site: z.string(),
  title: z.string(),
  description: z.string(),
});
export type LinkPreview = z.infer<typeof linkPreview>;

/** What each kind carries. An entry that was emptied (removed or expired) has the body `{}`. */
export const bodies = {
  message: z.object({
    text: z.string(),
    /** The message it answers: a reference, so that it shows what stands there now. */
    replyTo: seq.positive().optional(),
    /** Who wrote it first, where it was forwarded. */
    forwarded: z.object({ userId, displayName: z.string() }).optional(),
    mentions: z.array(userId).optional(),
    /** `@all`, by somebody who may. */
    mentionsAll: z.literal(true).optional(),
    /** Its links are not looked up: the sender did not want it. */
    preview: z.literal(false).optional(),
  }),
  poll: z.object({
    question: z.string(),
    options: z.array(z.string()),
    /** One may choose several. */
    several: z.boolean(),
  }),
  edit: z.object({ text: z.string() }),
  removal: z.object({}),
  /** Who set or took what, in order. An entry that gathers several people's has no sender. */
  reaction: z.object({ changes: z.array(z.object({ userId, emoji: z.string(), on: z.boolean() })) }),
  /** What people chose, all of it each time; nothing: they took their vote back. */
  vote: z.object({ votes: z.array(z.object({ userId, options: z.array(z.int().nonnegative()) })) }),
  poll_closed: z.object({}),
  /** What the first link of a message leads to. It has no sender: the server looked. */
  preview: linkPreview,
  pin: z.object({ on: z.boolean() }),
  created: z.object({ title: z.string(), userIds: z.array(userId) }),
  joined: z.object({ userIds: z.array(userId) }),
  /** `heir`: who owns the group from then on, where its owner left. */
  left: z.object({ userId, heir: userId.nullable() }),
  removed: z.object({ userId }),
  role: z.object({ userId, role: memberRole }),
  title: z.object({ title: z.string() }),
  /** All of them, and the names of those that changed. */
  settings: groupSettings.extend({ changed: z.array(z.string()).optional() }),
} as const satisfies Record<Kind, z.ZodType>;
export type Bodies = { [K in Kind]: z.infer<(typeof bodies)[K]> };

const entryBase = z.object({
  conversationId,
  seq: seq.positive(),
  time,
  /** Who did it; null where nobody in particular did. */
  senderId: userId.nullable(),
  clientId,
});
const entryOf = <K extends Kind>(kind: K) =>
  entryBase.extend({
    kind: z.literal(kind),
    body: z.union([bodies[kind], z.object({})]) as unknown as (typeof bodies)[K],
    ...(kinds[kind].targets ? { target: seq.positive() } : {}),
    emptied: z.literal(true).optional(),
    expiresAt: time.optional(),
  });

/** One entry of a conversation's log: numbered from 1 without gaps. `target` is the seq of the entry it changes. */
export const entry = z.discriminatedUnion('kind', [
  entryOf('message'),
  entryOf('poll'),
  entryOf('edit'),
  entryOf('removal'),
  entryOf('reaction'),
  entryOf('vote'),
  entryOf('poll_closed'),
  entryOf('preview'),
  entryOf('pin'),
  entryOf('created'),
  entryOf('joined'),
  entryOf('left'),
  entryOf('removed'),
  entryOf('role'),
  entryOf('title'),
  entryOf('settings'),
]);

interface EntryBase {
  readonly conversationId: z.infer<typeof conversationId>;
  readonly seq: number;
  readonly time: number;
  readonly senderId: z.infer<typeof userId> | null;
  readonly clientId: z.infer<typeof clientId>;
  /** The seq of the entry this one changes: on kinds that target, and only there. */
  readonly target?: number;
  /** The entry was removed or has expired: its body is `{}`. */
  readonly emptied?: true;
  /** It disappears then: nobody shows it any more, and the server empties it and its edits. */
  readonly expiresAt?: number;
}
export type Entry = { [K in Kind]: EntryBase & { readonly kind: K; readonly body: Bodies[K] } }[Kind];
export type EntryOf<K extends Kind> = Extract<Entry, { kind: K }>;

/** What people set on a message, in the order in which the emoji came. */
export const reaction = z.object({
  emoji: z.string(),
  count: z.int().positive(),
  /** The first `limits.namedReactors` who set it. */
  userIds: z.array(userId),
});
export type Reaction = z.infer<typeof reaction>;

/** Who chose what in a poll. */
export const ballot = z.object({ userId, options: z.array(z.int().nonnegative()) });
export type Ballot = z.infer<typeof ballot>;

/** What became of an entry that has a place in history. */
const aftermath = z.object({
  /** When it was last edited. */
  editedAt: time.optional(),
  reactions: z.array(reaction).optional(),
  ballots: z.array(ballot).optional(),
  closed: z.literal(true).optional(),
  preview: linkPreview.optional(),
});

/**
 * An entry that has a place in history, as it is now: what targets it applied, and emptied when it was removed. Entries with
 * a `target` never are messages. `foldMessage` makes it.
 */
export type Message = Entry & {
  readonly editedAt?: number;
  readonly reactions?: readonly Reaction[];
  readonly ballots?: readonly Ballot[];
  readonly closed?: true;
  readonly preview?: LinkPreview;
};
export const message = z.intersection(entry, aftermath) as unknown as z.ZodType<Message>;

/** A message as lists show it: within its conversation, and without the key, which nobody asks for there. */
export type ListedMessage = Message extends infer M
  ? M extends Message
    ? Omit<M, 'conversationId' | 'clientId'>
    : never
  : never;
const listedEntry = entryBase.omit({ conversationId: true, clientId: true }).extend({
  kind: z.string().describe('Of the kinds that do not target.'),
  body: z.union(Object.values(bodies)),
  emptied: z.literal(true).optional(),
  expiresAt: time.optional(),
});
const listedMessage = z.intersection(listedEntry, aftermath) as unknown as z.ZodType<ListedMessage>;

/** Seqs a member may read, both ends included; `to` is null while they are in. */
export const span = z.object({ from: seq.positive(), to: seq.nullable() });
export type Span = z.infer<typeof span>;

export const marks = z.object({ userId, deliveredSeq: seq, readSeq: seq });
export type Marks = z.infer<typeof marks>;

/** How a person keeps a conversation, for themselves. */
export const keeping = z.object({
  /** On top of the list. */
  pinned: z.boolean(),
  archived: z.boolean(),
  /** No sound and no push until then; null: not muted. */
  mutedUntil: time.nullable(),
  /** Shown as unread until it is opened. */
  markedUnread: z.boolean(),
});
export type Keeping = z.infer<typeof keeping>;

/** What somebody began to write. `at` decides which of two is the later one. */
export const draft = z.object({
  text: wellFormed.refine(fits, tooLarge),
  replyTo: seq.positive().nullable(),
  at: time,
});
export type Draft = z.infer<typeof draft>;

/** A conversation as one of its members has it. A state, not a difference: a later one replaces an earlier one. */
export const conversation = z.object({
  conversationId,
  kind: z.enum(['direct', 'group']),
  /** Empty for direct conversations: they are called after the other person. */
  title: z.string(),
  createdAt: time,
  memberCount: z.int().nonnegative(),
  /** Of a group, for those who are in. */
  settings: groupSettings,
  /**
   * Seqs of pinned messages that I may read, the last pinned first; none for those who are out. A removal takes the pin down,
   * and owes no entry for it: leave out what is known to be removed.
   */
  pins: z.array(seq.positive()),
  /** The other person of a direct conversation. */
  peerId: userId.nullable(),
  head: z.object({ seq, time, firstSeq: seq }),
  /** The last message that has a place in history and is in my spans; null where there is none. */
  last: listedMessage.nullable(),
  mine: z.object({
    role: memberRole,
    /** Empty while I wait to be let in. */
    spans: z.array(span),
    /** I am in now: my last span is open. */
    member: z.boolean(),
    readSeq: seq,
    deliveredSeq: seq,
    /** Exact up to `limits.unreadCount`. */
    unread: z.int().nonnegative(),
    /** Of those, the ones that mention me. */
    mentions: z.int().nonnegative(),
    ...keeping.shape,
    draft: draft.nullable(),
    /** Messages that I removed for myself. */
    hidden: z.array(seq.positive()),
  }),
  /** What others have received and read, where there are at most `limits.publishedMarks` members; else empty. */
  marks: z.array(marks),
});
export type Conversation = z.infer<typeof conversation>;

/** As `sync` tells it: what is left out is as most conversations have it. */
export const listedConversation = conversation.partial({ title: true, pins: true, peerId: true, marks: true }).extend({
  settings: groupSettings.partial().describe('Only what differs from the plain settings.'),
  mine: conversation.shape.mine.partial({
    role: true,
    member: true,
    mentions: true,
    pinned: true,
    archived: true,
    mutedUntil: true,
    markedUnread: true,
    draft: true,
    hidden: true,
  }),
});
export type ListedConversation = z.infer<typeof listedConversation>;

export const member = z.object({ profile, role: memberRole, deliveredSeq: seq, readSeq: seq });
export type Member = z.infer<typeof member>;

export const presence = z.object({ userId, online: z.boolean(), lastSeenAt: time.nullable() });
export type Presence = z.infer<typeof presence>;

export const reportReasons = ['spam', 'harassment', 'violence', 'illegal', 'other'] as const;
/** `acted`: something was done about it. `dismissed`: nothing had to be. */
export const reportOutcomes = ['acted', 'dismissed'] as const;

/** A message that somebody reported to the moderators. */
export const report = z.object({
  reportId,
  at: time,
  reporter: profile,
  reason: z.enum(reportReasons),
  note: z.string(),
  /** The title is empty for direct conversations. */
  conversation: z.object({ conversationId, kind: z.enum(['direct', 'group']), title: z.string() }),
  author: profile,
  /** As it was when it was reported, whatever became of it. */
  message: message,
  resolved: z
    .object({
      at: time,
      by: profile.nullable().describe('Null for the owner of the host.'),
      outcome: z.enum(reportOutcomes),
      note: z.string(),
    })
    .nullable(),
});
export type Report = z.infer<typeof report>;

/** A link by which people who have an account join a group by themselves, without its secret. */
export const groupLink = z.object({
  groupLinkId,
  conversationId,
  createdBy: userId,
  createdAt: time,
  expiresAt: time.nullable(),
  /** How many people it lets in; null: no limit. */
  maxUses: z.int().positive().nullable(),
  uses: z.int().nonnegative(),
  revokedAt: time.nullable(),
});
export type GroupLink = z.infer<typeof groupLink>;
