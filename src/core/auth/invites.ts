import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, InviteId, UserId } from '../../protocol/ids.ts';
import type { Invite } from '../../protocol/models.ts';
import { type Call, callerMay, type Handlers } from '../call.ts';
import type { Audit } from './audit.ts';
import type { ConversationsOfPeople } from './conversations-of-people.ts';
import type { InviteGate } from './invite-gate.ts';
import { refuseRoleAbove } from './ranks.ts';
import { bounds, charge } from './throttling.ts';

const hour = 3_600_000;

export function makeInvites(
  platform: Platform,
  parts: {
    readonly gate: InviteGate;
    readonly people: Pick<ConversationsOfPeople, 'mayAdd'>;
    readonly audit: Audit;
  },
): Pick<Handlers, 'invite.look' | 'invite.create' | 'invite.list' | 'invite.revoke'> {
  const { invites, users, conversations, random, digests, clock, limiter, settings } = platform;

  async function nameOf(userId: UserId | null): Promise<string | null> {
    if (userId === null) return null;
    const [inviter] = await users.profiles([userId]);
    return inviter === undefined || inviter.gone ? null : inviter.displayName;
  }

  async function titlesOf(conversationIds: readonly ConversationId[]): Promise<string[]> {
    const found = await Promise.all(conversationIds.map((conversationId) => conversations.find(conversationId)));
    return found.flatMap((conversation) => (conversation?.kind === 'group' ? [conversation.title] : []));
  }

  /** The host's owner may name any group; others those they may add people to, and learn of no other. */
  async function refuseGroup(conversationId: ConversationId, createdBy: UserId | null): Promise<void> {
    if (createdBy === null) {
      const conversation = await conversations.find(conversationId);
      if (conversation?.kind !== 'group') throw new AppError('not_found', 'no_such_conversation');
    } else if (!(await parts.people.mayAdd(createdBy, conversationId))) {
      throw new AppError('forbidden', 'may_not_add');
    }
  }

  return {
    async 'invite.look'({ token }, call) {
      const invite = await parts.gate.open(token, call);
      return {
        instanceName: settings.instanceName,
        invitedBy: await nameOf(invite.createdBy),
        role: invite.role,
        expiresAt: invite.expiresAt,
        groups: await titlesOf(invite.conversationIds),
      };
    },

    async 'invite.create'(input, call) {
      refuseRoleAbove(call, input.role);
      const createdBy = callerId(call);
      if (createdBy !== null) await charge(limiter, [bounds.invitesBy(createdBy)]);
      const conversationIds = [...new Set(input.conversationIds)];
      // Leading people into a group is adding them to it, by a detour.
      if (conversationIds.length > 0 && !callerMay(call, 'converse')) throw new AppError('forbidden', 'scope_missing');
      for (const conversationId of conversationIds) await refuseGroup(conversationId, createdBy);
      const token = random.secret();
      const invite = await invites.add({
        inviteId: random.id() as InviteId,
        tokenHash: digests.hash(token),
        role: input.role,
        createdBy,
        maxUses: input.maxUses,
        expiresAt: input.expiresInHours === null ? null : clock.now() + input.expiresInHours * hour,
        note: input.note,
        conversationIds,
      });
      await parts.audit(call, {
        action: 'invite.created',
        subjectId: invite.inviteId,
        details: {
          role: invite.role,
          maxUses: invite.maxUses,
          expiresAt: invite.expiresAt,
          groups: conversationIds.length,
        },
      });
      // Behind the # it stays out of every server's log and of the Referer header.
      return { invite, token, link: `${settings.address}/join#${token}` };
    },

    async 'invite.list'({ all, spent }, call) {
      if (all && !callerMay(call, 'manage_invites')) throw new AppError('forbidden', 'not_permitted');
      return { invites: [...(await invites.list({ createdBy: all ? null : callerId(call), spent }))] };
    },

    async 'invite.revoke'({ inviteId }, call) {
      const invite = await invites.find(inviteId);
      if (invite === null || !mayRevoke(call, invite)) throw new AppError('not_found', 'no_such_invite');
      if (invite.revokedAt !== null) return {};
      await invites.revoke(inviteId);
      await parts.audit(call, { action: 'invite.revoked', subjectId: inviteId });
      return {};
    },
  };
}

/** Null for the host's owner, who is nobody in particular. */
function callerId({ caller }: Call): UserId | null {
  return caller.kind === 'person' ? caller.userId : null;
}

function mayRevoke(call: Call, invite: Invite): boolean {
  return callerMay(call, 'manage_invites') || invite.createdBy === callerId(call);
}
