import type { ReadonlySignal } from '@preact/signals';
import type { AppError } from '../../protocol/errors.ts';
import type {
  ClientId,
  ConversationId,
  GroupLinkId,
  InviteId,
  PasskeyId,
  ReportId,
  SessionId,
  UserId,
  WebhookId,
} from '../../protocol/ids.ts';
import type {
  Account,
  Conversation,
  GroupLink,
  GroupSettings,
  Invite,
  Keeping,
  LinkPreview,
  Member,
  MemberRole,
  Message,
  Passkey,
  Privacy,
  Profile,
  Session,
} from '../../protocol/models.ts';
import type { EnrolmentNeeded, InputToSend, Output, SecondFactorNeeded } from '../../protocol/operations.ts';

/**
 * What the screens know of the world: signals to read and actions to call. Nothing of the network, the store or the
 * protocol's frames reaches a screen. Everything readable comes from the local store first; the network fills in.
 */
export interface Engine {
  /** `starting` only until the local store has answered. */
  readonly phase: ReadonlySignal<'starting' | 'signed_out' | 'signed_in'>;
  /** Why the person was signed out, when they did not ask for it. */
  readonly signedOutBecause: ReadonlySignal<SignedOutBecause | null>;
  readonly connection: ReadonlySignal<'offline' | 'connecting' | 'updating' | 'ready'>;
  /** What the browser lacks here (plain http), to be said once; and whether it was said. */
  readonly missing: ReadonlySignal<{
    readonly secureContext: boolean;
    readonly storage: boolean;
    readonly told: boolean;
  }>;
  /** The server speaks a newer or older protocol than this client understands. */
  readonly outdated: ReadonlySignal<boolean>;
  readonly about: ReadonlySignal<Output<'instance.about'> | null>;
  readonly me: ReadonlySignal<Account | null>;

  /** Pinned ones first, then the newest, archived ones too, without direct conversations nobody wrote in (unless opened here). */
  readonly conversations: ReadonlySignal<readonly ConversationItem[]>;
  /** Without muted and archived conversations, of which only mentions count. */
  readonly unreadTotal: ReadonlySignal<number>;
  /** The latest thing that was shown in advance and then refused, so that it is shown no more. */
  readonly refused: ReadonlySignal<AppError | null>;
  /** The one object per conversation; made on first use, alive while it is used by a screen. */
  open(conversationId: ConversationId): OpenConversation;
  profile(userId: UserId): ReadonlySignal<Profile | null>;
  /** Whom I block, as it will be once the server is told. */
  readonly blocks: ReadonlySignal<ReadonlySet<UserId>>;
  /** What I let others see of me; null until it is known. */
  readonly privacy: ReadonlySignal<Privacy | null>;
  presence(userId: UserId): ReadonlySignal<{ readonly online: boolean; readonly lastSeenAt: number | null } | null>;
  /** What is on screen, for presence and typing. Replaces what was named before. */
  show(screen: { readonly userIds: readonly UserId[]; readonly conversationId: ConversationId | null }): void;

  /** Actions reject with AppError. Those that write messages never reject: what they write waits in the outbox. */
  readonly auth: ComingIn & {
    /** Closes the session and forgets everything stored here. */
    signOut(): Promise<void>;
    sessions(): Promise<readonly Session[]>;
    closeSession(sessionId: SessionId): Promise<void>;
    renameSession(sessionId: SessionId, device: string): Promise<void>;
    /** Answers how many were closed. */
    closeOtherSessions(): Promise<number>;
    rename(displayName: string): Promise<void>;
  };
  readonly security: Security;
  /** A file in base64, within the server's bounds; null: none. */
  readonly pictures: {
    setMine(picture: string | null): Promise<void>;
    setOf(conversationId: ConversationId, picture: string | null): Promise<void>;
  };
  readonly invites: {
    create(input: InputToSend<'invite.create'>): Promise<Output<'invite.create'>>;
    list(): Promise<readonly Invite[]>;
    revoke(inviteId: InviteId): Promise<void>;
  };
  readonly people: {
    find(query: string): Promise<readonly Profile[]>;
    /** Shown at once; waits for a connection. */
    block(userId: UserId, on: boolean): void;
    /** Shown at once, and taken back where it is refused. */
    setPrivacy(change: Partial<Privacy>): Promise<void>;
  };
  readonly reports: {
    create(report: InputToSend<'report.create'>): Promise<void>;
    list(state: 'open' | 'resolved', after: ReportId | null): Promise<Output<'report.list'>>;
    show(reportId: ReportId): Promise<Output<'report.show'>>;
    resolve(resolution: InputToSend<'report.resolve'>): Promise<void>;
  };
  /** Links by which people join groups by themselves. */
  readonly links: {
    create(input: InputToSend<'link.create'>): Promise<Output<'link.create'>>;
    list(conversationId: ConversationId): Promise<readonly GroupLink[]>;
    revoke(groupLinkId: GroupLinkId): Promise<void>;
    look(secret: string): Promise<Output<'link.look'>>;
    join(secret: string): Promise<ConversationId>;
  };
  /** What a webhook grants is answered when it is made or renewed, and never again. */
  readonly webhooks: {
    list(conversationId: ConversationId): Promise<readonly Webhook[]>;
    createIncoming(input: InputToSend<'webhook.createIncoming'>): Promise<MadeWebhook>;
    createOutgoing(input: InputToSend<'webhook.createOutgoing'>): Promise<MadeWebhook>;
    renew(webhookId: WebhookId): Promise<MadeWebhook>;
    resume(webhookId: WebhookId): Promise<void>;
    revoke(webhookId: WebhookId): Promise<void>;
  };
  /** Messages that are sent later, whether or not this device is there then. */
  readonly scheduled: {
    /** The next to be sent first. */
    of(conversationId: ConversationId): ReadonlySignal<readonly ScheduledMessage[]>;
    create(input: Omit<InputToSend<'scheduled.create'>, 'clientId'>): Promise<void>;
    change(clientId: ClientId, change: { text?: string; sendAt?: number }): Promise<void>;
    cancel(clientId: ClientId): Promise<void>;
    sendNow(clientId: ClientId): Promise<void>;
  };
  /** Messages by their words, as the server finds them. */
  readonly search: {
    /** The newest first; for older ones the cursor of the answer is asked with. */
    find(ask: SearchAsk, cursor: string | null): Promise<Output<'message.search'>>;
    /** What was looked for lately, the latest first. */
    readonly recent: ReadonlySignal<readonly string[]>;
    remember(query: string): void;
    forgetRecent(): void;
  };
  /** How I keep a conversation, for myself. Shown at once; waits in the outbox. */
  readonly keeping: {
    set(conversationId: ConversationId, change: Partial<Keeping>): void;
    /** All of it, and the mark that was set by hand. */
    markRead(conversationId: ConversationId): void;
  };
  readonly groups: {
    openDirect(userId: UserId): Promise<ConversationId>;
    create(input: {
      title: string;
      userIds: readonly UserId[];
      settings?: Partial<GroupSettings>;
    }): Promise<ConversationId>;
    setSettings(conversationId: ConversationId, settings: Partial<GroupSettings>): Promise<void>;
    /** By name, behind one; at most `limits.pageItems`. */
    members(
      conversationId: ConversationId,
      after?: string,
      limit?: number,
    ): Promise<{ members: readonly Member[]; more: boolean }>;
    addMembers(conversationId: ConversationId, userIds: readonly UserId[]): Promise<void>;
    removeMember(conversationId: ConversationId, userId: UserId): Promise<void>;
    setRole(conversationId: ConversationId, userId: UserId, role: MemberRole): Promise<void>;
    setTitle(conversationId: ConversationId, title: string): Promise<void>;
    leave(conversationId: ConversationId): Promise<void>;
  };
  /** Settings of this device, kept in the local store. */
  readonly preferences: {
    readonly language: ReadonlySignal<'en' | 'ru'>;
    readonly theme: ReadonlySignal<'system' | 'light' | 'dark'>;
    /** Mails to me are written in it too, from then on. */
    setLanguage(language: 'en' | 'ru'): void;
    setTheme(theme: 'system' | 'light' | 'dark'): void;
    /** The note about what is missing here was read. */
    toldMissing(): void;
  };
  /** Rough size of what is stored here, and a way to drop it (messages come back from the server). */
  storage(): Promise<{ readonly bytes: number | null; readonly persisted: boolean }>;
  dropCache(): Promise<void>;
}

export type ScheduledMessage = Output<'scheduled.list'>['scheduled'][number];

export type Webhook = Output<'webhook.list'>['webhooks'][number];
export interface MadeWebhook {
  readonly webhook: Pick<Webhook, 'webhookId' | 'direction' | 'name'>;
  /** Its address where it is an incoming one. */
  readonly secret: string;
}

export interface SearchAsk {
  readonly query: string;
  readonly conversationId: ConversationId | null;
  readonly senderId: UserId | null;
  /** Both ends included, in ms. */
  readonly since: number | null;
  readonly until: number | null;
  readonly hasLink: boolean;
}
export type SearchHit = Output<'message.search'>['results'][number];

/**
 * What became of a jump. `hidden`: removed for me alone. `unreadable`: written while I was not here, or gone by its age.
 * `nowhere`: there is no such message.
 */
export type Jumped = 'there' | 'hidden' | 'unreadable' | 'nowhere';

export type SignedOutBecause = 'session_closed' | 'session_reused';

/** What coming in still asks for, once it was begun. */
export type Needed =
  | SecondFactorNeeded
  | EnrolmentNeeded
  /** The authenticator app is set up and the person is signed in; they are in once they have kept the codes. */
  | { readonly status: 'codes_to_keep'; readonly recoveryCodes: readonly string[] }
  | { readonly status: 'waiting_for_approval' };

/** Making an account and signing in. */
export interface ComingIn {
  /**
   * What is asked for next: set by `register`, `signIn` and the steps after them. Second factor and enrolment outlast the
   * page being loaded again, as it may be when the person looks up a code in another app.
   */
  readonly needed: ReadonlySignal<Needed | null>;
  /** This browser has passkeys, and may use them at this address. */
  readonly hasPasskeys: boolean;
  look(token: string): Promise<Output<'invite.look'>>;
  register(input: {
    invite?: string;
    name: string;
    displayName: string;
    password: string;
    email?: string;
  }): Promise<void>;
  signIn(input: { name: string; password: string }): Promise<void>;
  secondFactor(input: { method: 'totp' | 'recovery_code'; code: string; trustDevice: boolean }): Promise<void>;
  /** Instead of the password, or as the second factor where that is needed. Rejects with `passkey_dismissed`. */
  passkeySignIn(input?: { trustDevice: boolean }): Promise<void>;
  /**
   * Offers passkeys where the browser fills in names, until the answer is called. Does nothing where it cannot.
   * `onFailure` hears why one that was chosen did not sign in.
   */
  offerPasskeys(onFailure: (cause: unknown) => void): () => void;
  enrolBegin(): Promise<Output<'auth.enrolBegin'>>;
  enrolFinish(code: string): Promise<void>;
  /** The codes were kept. */
  enter(): void;
  /** Signs in again where somebody waits; rejects with `account_waiting` while they still do. */
  checkApproval(): Promise<void>;
  /** Back to name and password. */
  startOver(): void;
  forgotPassword(account: string): Promise<Output<'auth.forgotPassword'>>;
  resetLook(token: string): Promise<Output<'auth.resetLook'>>;
  resetPassword(input: { token: string; password: string }): Promise<void>;
  confirmEmail(token: string): Promise<void>;
}

/** How my account is guarded. `present` is the present password; where it is wrong, `wrong_password`. */
export interface Security {
  show(): Promise<Output<'security.show'>>;
  changePassword(input: { present: string; password: string; keepOthers: boolean }): Promise<void>;
  setEmail(input: { present: string; email: string | null }): Promise<void>;
  totpBegin(present: string): Promise<Output<'totp.begin'>>;
  /** Answers recovery codes where it is the first second factor: shown once. */
  totpFinish(code: string): Promise<readonly string[] | null>;
  totpRemove(present: string): Promise<void>;
  renewRecoveryCodes(present: string): Promise<readonly string[]>;
  /** Asks the browser to make one, called as this device. Rejects with `passkey_dismissed` and `passkey_exists`. */
  addPasskey(present: string): Promise<{
    readonly passkey: Passkey;
    readonly recoveryCodes: readonly string[] | null;
  }>;
  renamePasskey(passkeyId: PasskeyId, name: string): Promise<void>;
  removePasskey(passkeyId: PasskeyId, present: string): Promise<void>;
}

export interface ConversationItem {
  readonly conversation: Conversation;
  /** The group's title, or the other person's display name; "" for notes to self (the screen names it). */
  readonly title: string;
  readonly peer: Profile | null;
  readonly self: boolean;
  readonly last: ShownMessage | null;
  readonly lastSender: Profile | null;
  readonly unread: number;
  /** Of those, the ones that mention me. */
  readonly mentions: number;
  readonly draft: string;
  readonly typing: readonly Profile[];
  /** When something last happened, for sorting. */
  readonly time: number;
}

/** A message as the screen shows it: stored, or still in the outbox. */
export interface ShownMessage {
  /** Stable over sending: the clientId. */
  readonly key: string;
  /** Null while it waits in the outbox. */
  readonly seq: number | null;
  readonly message: Message | null;
  readonly text: string;
  readonly mine: boolean;
  readonly sender: Profile | null;
  readonly time: number;
  readonly edited: boolean;
  readonly removed: boolean;
  /** In a group, by somebody I block: folded until it is to be shown. */
  readonly blocked: boolean;
  /** What it answers. */
  readonly quote: Quote | null;
  /** Who wrote it first, where it was forwarded: their name at that time. */
  readonly forwarded: string | null;
  /** Whom it mentions, so far as they are known here. */
  readonly mentions: readonly Profile[];
  readonly mentionsAll: boolean;
  /** It mentions me, or everybody. */
  readonly mentionsMe: boolean;
  readonly reactions: readonly ShownReaction[];
  readonly poll: ShownPoll | null;
  /** What its first link leads to. */
  readonly preview: LinkPreview | null;
  /** Mine alone; null for messages of others and for notices. */
  readonly state: 'waiting' | 'sent' | 'delivered' | 'read' | 'failed' | null;
  /** Why it failed, where it did. */
  readonly error: AppError | null;
}

/** A message as others refer to it: in a quote, pinned. */
export interface Quote {
  readonly seq: number;
  /** `hidden`: not mine to read, or removed for me alone. `loading`: it will be known in a moment. */
  readonly is: 'there' | 'removed' | 'hidden' | 'loading';
  readonly sender: Profile | null;
  readonly mine: boolean;
  readonly blocked: boolean;
  readonly kind: 'message' | 'poll' | 'other';
  readonly text: string;
}

export interface ShownReaction {
  readonly emoji: string;
  readonly count: number;
  readonly mine: boolean;
}

export interface ShownPoll {
  readonly question: string;
  readonly several: boolean;
  readonly closed: boolean;
  readonly options: readonly { readonly text: string; readonly userIds: readonly UserId[]; readonly mine: boolean }[];
  /** People who chose something. */
  readonly voters: number;
  readonly voted: boolean;
}

export interface OpenConversation {
  readonly item: ReadonlySignal<ConversationItem | null>;
  /**
   * What is loaded, in order, one unbroken stretch of the log (outbox at the end while `atEnd`). Unknown kinds are in it,
   * to be shown as "update the app".
   */
  readonly messages: ReadonlySignal<readonly ShownMessage[]>;
  /** There is older history to load. */
  readonly hasOlder: ReadonlySignal<boolean>;
  /** The stretch reaches the log's end, so that new messages join it. */
  readonly atEnd: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<'older' | 'newer' | 'first' | null>;
  /** The first unread seq as it was when the conversation was opened; null where all was read. */
  readonly unreadFrom: ReadonlySignal<number | null>;
  readonly draft: ReadonlySignal<string>;
  /** What the draft answers. */
  readonly replyingTo: ReadonlySignal<Quote | null>;
  /** The last pinned first. */
  readonly pinned: ReadonlySignal<readonly Quote[]>;
  readonly typing: ReadonlySignal<readonly Profile[]>;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Shows the stretch around a seq, or the end; what is not mine to see leaves everything where it is. */
  jumpTo(seq: number | 'end'): Promise<Jumped>;
  setDraft(text: string): void;
  reply(seq: number | null): void;
  /** Shown at once, sent as soon as there is a way, as an answer to what `reply` named. The draft is over with it. `preview: false`: its links are not looked up. */
  send(text: string, how?: { readonly preview?: false }): void;
  sendPoll(poll: { question: string; options: readonly string[]; several: boolean }): void;
  /** Sends a message on to another conversation. */
  forward(shown: ShownMessage, to: ConversationId): void;
  retry(key: string): void;
  /** Takes an unsent message back. */
  discard(key: string): void;
  edit(seq: number, text: string): void;
  remove(seq: number): void;
  /** Removes it for me alone, on all my devices. */
  hide(seq: number): void;
  react(seq: number, emoji: string, on: boolean): void;
  /** All that I choose; nothing takes my vote back. */
  vote(seq: number, options: readonly number[]): void;
  closePoll(seq: number): Promise<void>;
  pin(seq: number, on: boolean): Promise<void>;
  reactions(seq: number): Promise<Output<'message.reactions'>['reactions']>;
  wordings(seq: number): Promise<Output<'message.edits'>['wordings']>;
  /** Members, for mentioning them: the first so many by name. Kept for as long as the conversation is in use. */
  members(): Promise<readonly Profile[]>;
  /** Some of the members with a word in their names that begins so. */
  findMembers(query: string): Promise<readonly Profile[]>;
  /** The first unread message that mentions me; null where there is none. */
  nextMention(): Promise<number | null>;
  /** The person has this seq on screen, in a visible window. */
  markRead(seq: number): void;
  /** No screen shows it any more. */
  close(): void;
}
