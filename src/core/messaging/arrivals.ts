import type { MemberRecord } from '../../ports/conversation-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { ConversationsOfPeople } from '../auth/conversations-of-people.ts';
import type { Membership } from './membership.ts';
import type { Rules } from './rules.ts';

/** Invites that lead into groups. */
export function makeArrivals({
  conversations,
  users,
  membership,
}: Pick<Platform, 'conversations' | 'users'> & {
  membership: Membership;
}): Pick<ConversationsOfPeople, 'mayAdd' | 'land'> {
  async function landIn(conversationId: ConversationId, userId: UserId, invitedBy: UserId | null): Promise<void> {
    if ((await conversations.find(conversationId)) === null) return;
    // Where nobody in particular invited them, they come by themselves.
    await membership.change(conversationId, invitedBy ?? userId, (present) =>
      isOpenTo(userId, invitedBy, present) ? { type: 'add', userIds: [userId] } : null,
    );
    // An earlier run may have ended between the change and its entry.
    await membership.settle(conversationId);
  }

  return {
    async mayAdd(userId, conversationId) {
      const conversation = await conversations.find(conversationId);
      return conversation?.kind === 'group' && addsOthers(await conversations.row(conversationId, userId));
    },

    async land(userId, conversationIds, invitedBy) {
      const [profile] = await users.profiles([userId]);
      if (profile === undefined || profile.gone) return;
      for (const conversationId of conversationIds) await landIn(conversationId, userId, invitedBy);
    },
  };
}

/** Whoever was in before does not come back by a repeated landing: they left, or were removed. */
function isOpenTo(userId: UserId, invitedBy: UserId | null, rules: Rules): boolean {
  const { kind, memberCount } = rules.conversation;
  if (kind !== 'group' || memberCount >= limits.members || rules.members.has(userId)) return false;
  return invitedBy === null || addsOthers(rules.members.get(invitedBy) ?? null);
}

function addsOthers(row: MemberRecord | null): boolean {
  return row?.member === true && row.role !== 'member';
}
