import type { ColumnType, Generated } from 'kysely';
import type { TicketPurpose } from '../../ports/credential-store.ts';
import type { AccountState, Language, Privacy } from '../../protocol/models.ts';
import type { ImportSource } from '../../protocol/transfer-operations.ts';

/** Times are ms by the store's clock; flags are 0 or 1; lists and bodies are JSON. */
export interface Schema {
  readonly users: UserRow;
  readonly avatars: AvatarRow;
  readonly invites: InviteRow;
  readonly sessions: SessionRow;
  readonly revocations: RevocationRow;
  readonly authenticators: AuthenticatorRow;
  readonly recovery_codes: RecoveryCodeRow;
  readonly passkeys: PasskeyRow;
  readonly tickets: TicketRow;
  readonly devices: DeviceRow;
  readonly api_tokens: ApiTokenRow;
  readonly audit_events: AuditRow;
  readonly privacy: PrivacyRow;
  readonly blocks: BlockRow;
  readonly reports: ReportRow;
  readonly webhooks: WebhookRow;
  readonly group_links: GroupLinkRow;
  readonly group_link_uses: GroupLinkUseRow;
  readonly scheduled: ScheduledRow;
  readonly conversations: ConversationRow;
  readonly members: MemberRow;
  readonly owed_entries: OwedRow;
  readonly jobs: JobRow;
  readonly nodes: NodeRow;
  readonly imports: ImportRow;
}

export interface UserRow {
  user_id: string;
  /** Of a deleted account something that no name can be. */
  name: string;
  display_name: string;
  /** The words of name and display name, folded, each behind a space. */
  words: string;
  password_hash: string;
  role: string;
  created_at: number;
  last_seen_at: number | null;
  /** When anything changed that others see. */
  changed_at: number;
  state: AccountState;
  email: string | null;
  language: Language | null;
  password_changed_at: number;
  deletes_at: number | null;
  /** The hash of their picture. */
  avatar: ColumnType<string | null, string | null | undefined>;
  /** 1: programs speak for it. 2: the same, and it belongs to a webhook. */
  bot: Generated<number>;
}

export interface AvatarRow {
  /** SHA-256 of the content, in hex. */
  hash: string;
  type: string;
  content: Buffer;
  stored_at: number;
}

export interface InviteRow {
  invite_id: string;
  token_hash: string;
  role: string;
  created_by: string | null;
  created_at: number;
  expires_at: number | null;
  max_uses: number | null;
  uses: number;
  revoked_at: number | null;
  note: string;
  conversation_ids: string;
}

export interface SessionRow {
  session_id: string;
  user_id: string;
  device: string;
  address: string;
  created_at: number;
  last_seen_at: number;
  generation: number;
  confirmed_at: number | null;
  closed_at: number | null;
  closed_because: string | null;
}

export interface RevocationRow {
  revocation_id: Generated<number>;
  at: number;
  session_id: string | null;
  user_id: string | null;
  reason: string;
}

export interface AuthenticatorRow {
  user_id: string;
  secret: string | null;
  pending_secret: string | null;
  /** The latest step whose code was used. */
  last_step: number | null;
}

export interface RecoveryCodeRow {
  user_id: string;
  mac: string;
}

export interface PasskeyRow {
  passkey_id: string;
  user_id: string;
  credential_id: string;
  public_key: string;
  sign_count: number;
  transports: string;
  name: string;
  host: string;
  created_at: number;
  last_used_at: number | null;
}

export interface TicketRow {
  ticket_id: Generated<number>;
  hash: string;
  purpose: TicketPurpose;
  user_id: string | null;
  data: string;
  expires_at: number;
}

export interface DeviceRow {
  user_id: string;
  token_hash: string;
  trusted_until: number | null;
  last_used_at: number;
}

export interface ApiTokenRow {
  api_token_id: string;
  user_id: string;
  token_hash: string;
  name: string;
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface AuditRow {
  event_id: Generated<number>;
  at: number;
  action: string;
  actor_id: string | null;
  subject_id: string | null;
  /** The person that the subject is, or whose session or token it was. */
  person_id: string | null;
  address: string | null;
  details: string;
}

/** Of those who decided something. */
export interface PrivacyRow {
  user_id: string;
  last_seen: ColumnType<Privacy['lastSeen'], Privacy['lastSeen'] | undefined>;
  read_receipts: Generated<number>;
  /** 0: they never blocked anybody. */
  blocks_changed_at: Generated<number>;
}

export interface BlockRow {
  user_id: string;
  blocked_id: string;
  created_at: number;
}

export interface ReportRow {
  report_id: string;
  reporter_id: string;
  author_id: string;
  conversation_id: string;
  seq: number;
  reason: string;
  note: string;
  message: string;
  created_at: number;
  /** Null: it is open; then so are the following. */
  resolved_at: number | null;
  resolved_by: string | null;
  outcome: string | null;
  outcome_note: string | null;
}

export interface GroupLinkRow {
  group_link_id: string;
  conversation_id: string;
  secret_hash: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  max_uses: number | null;
  uses: Generated<number>;
  revoked_at: number | null;
}

/** Who joined, or is about to. */
export interface GroupLinkUseRow {
  group_link_id: string;
  user_id: string;
}

export interface WebhookRow {
  webhook_id: string;
  conversation_id: string;
  direction: 'incoming' | 'outgoing';
  name: string;
  bot_id: string;
  created_by: string | null;
  created_at: number;
  /** Of an incoming one: SHA-256 of what its address ends with. */
  secret_hash: string | null;
  /** Of an outgoing one, sealed: it signs with it. */
  sealed_secret: string | null;
  url: string | null;
  triggered_by: string | null;
  word: string | null;
  /** Of an outgoing one: up to here everything was delivered, or need not be. */
  seq: number;
  last_used_at: number | null;
  last_status: number | null;
  last_error: string | null;
  failures: Generated<number>;
  failing_since: number | null;
  retry_at: Generated<number>;
  disabled_at: number | null;
  /** Somebody delivers until then. */
  busy_until: Generated<number>;
}

export interface ScheduledRow {
  user_id: string;
  client_id: string;
  conversation_id: string;
  /** Its text as JSON, since PostgreSQL takes no NUL. */
  body: string;
  reply_to: number | null;
  /** 0: what its links lead to is not looked up. */
  preview: Generated<number>;
  send_at: number;
  begun: Generated<number>;
  refused: string | null;
}

export interface ConversationRow {
  conversation_id: string;
  kind: 'direct' | 'group';
  title: string;
  created_at: number;
  version: number;
  member_count: number;
  /** When its title, settings, pins or number of members changed: what every member's state carries, without a write to each row. */
  changed_at: number;
  /** The pair of a direct conversation, in order; both null for groups. */
  low_id: string | null;
  high_id: string | null;
  /** Who made a group, under which key; both null for direct conversations. */
  creator_id: string | null;
  client_id: string | null;
  /** What differs from plain settings, or all of them. */
  settings: ColumnType<string, string | undefined>;
  pins: ColumnType<string, string | undefined>;
  /** Nobody is to be told of anything up to here by push any more. */
  pushed_seq: Generated<number>;
}

export interface MemberRow {
  conversation_id: string;
  user_id: string;
  role: 'owner' | 'admin' | 'member';
  member: number;
  spans: string;
  delivered_seq: number;
  /** What `delivered_seq` was before the marks last moved: who moves them learns nothing else of what was there. */
  delivered_before: Generated<number>;
  read_seq: number;
  changed_at: number;
  marks_changed_at: number;
  joined_at: number;
  /** Null: in a direct conversation, not settled yet, or from before this was noted. */
  joined_seq: number | null;
  /** Removed by an owner or admin, and added by nobody since. */
  barred: Generated<number>;
  pinned: Generated<number>;
  archived: Generated<number>;
  muted_until: number | null;
  marked_unread: Generated<number>;
  /** JSON, since PostgreSQL takes no NUL; null: there is no draft. */
  draft_text: string | null;
  draft_reply_to: number | null;
  draft_at: number | null;
  hidden: Generated<string>;
  /** When each mark last moved; null: never, or before this was noted. */
  delivered_at: number | null;
  read_at: number | null;
  /** Told by push up to here. */
  pushed_seq: Generated<number>;
}

export interface OwedRow {
  conversation_id: string;
  version: number;
  client_id: string;
  sender_id: string;
  kind: string;
  body: string;
  created_at: number;
  /** Where it stands in the log, once that is known; the row goes when all older ones are settled too. */
  settled_seq: number | null;
  target: number | null;
  /** From where those read who join by it; null: from where it stands. */
  opens_at: number | null;
}

export interface JobRow {
  job_id: Generated<number>;
  queue: string;
  key: string;
  payload: string;
  state: 'waiting' | 'running' | 'failed';
  /** When it may be taken: its time, or while it runs the end of its lease. */
  due_at: number;
  attempts: number;
  error: string | null;
  failed_at: number | null;
}

/** A conversation that came from elsewhere. */
export interface ImportRow {
  source: ImportSource;
  /** What it is called there. */
  import_key: string;
  conversation_id: string;
  kind: 'direct' | 'group';
  begun_at: number;
  /** Null: it goes on when it is imported again. */
  finished_at: number | null;
}

export interface NodeRow {
  node: string;
  roles: string;
  beat_at: number;
}
