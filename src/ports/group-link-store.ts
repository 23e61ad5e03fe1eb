import type { ConversationId, GroupLinkId, UserId } from '../protocol/ids.ts';
import type { GroupLink } from '../protocol/models.ts';

interface NewGroupLink {
  readonly groupLinkId: GroupLinkId;
  readonly conversationId: ConversationId;
  /** Of the secret in it. */
  readonly secretHash: string;
  readonly createdBy: UserId;
  /** Milliseconds from now, by the store's clock; null: it does not expire. */
  readonly lifeMs: number | null;
  /** People; null: no limit. */
  readonly maxUses: number | null;
}

/** Links by which people join groups by themselves. Every method is atomic; times are by the store's clock; null is "not found". */
export interface GroupLinkStore {
  /** Null: the conversation has `most` links that count already. */
  add(link: NewGroupLink, most: number): Promise<GroupLink | null>;
  find(groupLinkId: GroupLinkId): Promise<GroupLink | null>;
  findByHash(secretHash: string): Promise<GroupLink | null>;
  /** Those that count: not revoked, not expired, with a use left. The newest first. */
  list(conversationId: ConversationId): Promise<readonly GroupLink[]>;
  /** Twice does no harm. */
  revoke(groupLinkId: GroupLinkId): Promise<void>;
  /**
   * Takes a use for a person; who has one takes no other. False: none is left, or the link was revoked or has expired. Of
   * several who want the last one, one gets it.
   */
  take(groupLinkId: GroupLinkId, userId: UserId): Promise<boolean>;
  /** What the person took is free again. Twice does no harm. */
  giveBack(groupLinkId: GroupLinkId, userId: UserId): Promise<void>;
  holds(groupLinkId: GroupLinkId, userId: UserId): Promise<boolean>;
}
