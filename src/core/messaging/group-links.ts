import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, GroupLinkId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { GroupLink } from '../../protocol/models.ts';
import { may } from '../../protocol/roles.ts';
import { networkOf } from '../auth/address.ts';
import { bounds, charge } from '../auth/throttling.ts';
import { type Call, type Handlers, person } from '../call.ts';
import type { Membership } from './membership.ts';
import { memberOf, type Rules, type RulesCache } from './rules.ts';

type LinkOperation = Extract<keyof Handlers, `link.${string}`>;

const hour = 3_600_000;

/** Links by which people who have an account join a group by themselves. */
export function makeGroupLinks({
  clock,
  conversations,
  digests,
  groupLinks,
  limiter,
  membership,
  random,
  rules,
  settings,
  users,
}: Pick<
  Platform,
  'clock' | 'conversations' | 'digests' | 'groupLinks' | 'limiter' | 'random' | 'settings' | 'users'
> & {
  membership: Membership;
  rules: RulesCache;
}): Pick<Handlers, LinkOperation> {
  /** Throws where they may not add people to this group. */
  async function mustLead(conversationId: ConversationId, userId: UserId): Promise<void> {
    const present = await rules.get(conversationId);
    const mine = memberOf(present, userId);
    if (present.conversation.kind === 'direct') throw new AppError('conflict', 'direct_conversation');
    if (mine.role === 'member') throw new AppError('forbidden', 'not_an_admin');
  }

  async function linkOf(secret: string, { address }: Call): Promise<GroupLink> {
    const link = await groupLinks.findByHash(digests.hash(secret));
    if (link !== null) return link;
    if (address !== null) await charge(limiter, [bounds.linksFrom(networkOf(address))]);
    throw new AppError('forbidden', 'group_link_invalid');
  }

  /** A link counts for as long as who made it may add people. */
  async function standsFor({ conversationId, createdBy }: GroupLink): Promise<boolean> {
    const maker = await users.find(createdBy);
    if (maker?.state !== 'active' || !may(maker.role, 'converse')) return false;
    const row = await conversations.row(conversationId, createdBy);
    return row?.member === true && row.role !== 'member';
  }

  async function whyClosed(link: GroupLink, userId: UserId): Promise<string | null> {
    if (link.revokedAt !== null || !(await standsFor(link))) return 'group_link_revoked';
    if (link.expiresAt !== null && link.expiresAt <= clock.now()) return 'group_link_expired';
    const isUsedUp = link.maxUses !== null && link.uses >= link.maxUses;
    return isUsedUp && !(await groupLinks.holds(link.groupLinkId, userId)) ? 'group_link_used_up' : null;
  }

  /** Throws where the person does not come in by this link now. Answers whether they are in already. */
  async function judge(link: GroupLink, userId: UserId): Promise<{ readonly member: boolean }> {
    const row = await conversations.row(link.conversationId, userId);
    if (row?.member) return { member: true };
    const hindrance = await whyClosed(link, userId);
    if (hindrance !== null) throw new AppError('forbidden', hindrance);
    if (row?.barred) throw new AppError('forbidden', 'removed_from_group');
    return { member: false };
  }

  async function enter({ groupLinkId, conversationId }: GroupLink, userId: UserId): Promise<void> {
    if (!(await groupLinks.take(groupLinkId, userId))) throw new AppError('forbidden', 'group_link_used_up');
    try {
      await membership.change(conversationId, userId, (present) => joining(present, userId));
    } catch (error) {
      // Where the store does not answer they may have come in: they keep their use, and try again.
      if (error instanceof AppError && error.code !== 'unavailable') await groupLinks.giveBack(groupLinkId, userId);
      throw error;
    }
  }

  async function find(groupLinkId: GroupLinkId, userId: UserId): Promise<GroupLink> {
    const link = await groupLinks.find(groupLinkId);
    const row = link && (await conversations.row(link.conversationId, userId));
    if (!link || !row?.member || row.role === 'member') throw new AppError('not_found', 'no_such_link');
    return link;
  }

  return {
    'link.create': async ({ conversationId, expiresInHours, maxUses }, call) => {
      const { userId } = person(call);
      await mustLead(conversationId, userId);
      await charge(limiter, [bounds.groupLinksBy(userId)]);
      const secret = random.secret();
      const link = {
        groupLinkId: random.id() as GroupLinkId,
        conversationId,
        secretHash: digests.hash(secret),
        createdBy: userId,
        lifeMs: expiresInHours === null ? null : expiresInHours * hour,
        maxUses,
      };
      const groupLink = await groupLinks.add(link, limits.groupLinks);
      if (groupLink === null) throw new AppError('conflict', 'too_many_group_links');
      // Behind the # it stays out of every server's log and of the Referer header.
      return { groupLink, secret, link: `${settings.address}/j#${secret}` };
    },

    'link.list': async ({ conversationId }, call) => {
      await mustLead(conversationId, person(call).userId);
      return { links: [...(await groupLinks.list(conversationId))] };
    },

    'link.revoke': async ({ groupLinkId }, call) => {
      await find(groupLinkId, person(call).userId);
      await groupLinks.revoke(groupLinkId);
      return {};
    },

    'link.look': async ({ secret }, call) => {
      const link = await linkOf(secret, call);
      const { member } = await judge(link, person(call).userId);
      const { conversation } = await rules.get(link.conversationId);
      const { conversationId, title, memberCount, settings: decided } = conversation;
      const { description, avatar } = decided;
      return { conversationId, title, description, avatar, memberCount, member };
    },

    'link.join': async ({ secret }, call) => {
      const { userId } = person(call);
      await charge(limiter, [bounds.groupJoinsBy(userId)]);
      const link = await linkOf(secret, call);
      const { conversationId } = link;
      if (!(await judge(link, userId)).member) await enter(link, userId);
      // An earlier run may have ended between the change and its entry.
      else await membership.settle(conversationId);
      return { conversationId };
    },
  };
}

function joining({ conversation, members }: Rules, userId: UserId) {
  const row = members.get(userId);
  if (row?.member) return null;
  if (row?.barred) throw new AppError('forbidden', 'removed_from_group');
  if (conversation.memberCount >= limits.members) throw new AppError('conflict', 'group_full');
  return { type: 'add', userIds: [userId] } as const;
}
