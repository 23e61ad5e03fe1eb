import type { ConversationId, UserId } from '../../protocol/ids.ts';

/** What the auth service asks of messaging when people come and go. Each may be repeated: it runs in jobs. */
export interface ConversationsOfPeople {
  /** Whether the person may add others to this group: its owner and admins may. */
  mayAdd(userId: UserId, conversationId: ConversationId): Promise<boolean>;
  /**
   * Adds the person to these groups, as the inviter (null: the host's owner, who may add to any). A group that is gone or
   * full, or that the inviter may no longer add to, is left out.
   */
  land(userId: UserId, conversationIds: readonly ConversationId[], invitedBy: UserId | null): Promise<void>;
  /** Takes the person out of every group and ends their blocks; a group they own passes to its oldest admin, else its oldest member. */
  depart(userId: UserId): Promise<void>;
  /**
   * Removes every message the person wrote, for everybody, as they themselves could. One page at a time: `cursor` null begins,
   * and answers null at the end.
   */
  removeMessages(userId: UserId, cursor: string | null): Promise<string | null>;
  /**
   * What the person wrote and could read, as JSON lines, oldest first within each conversation; pages are bounded in bytes.
   * `cursor` null begins, and answers null at the end. One that is none throws `invalid cursor_invalid`. See docs/export.md.
   */
  exportOf(
    userId: UserId,
    cursor: string | null,
  ): Promise<{ readonly lines: readonly string[]; readonly cursor: string | null }>;
}
