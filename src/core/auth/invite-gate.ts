import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Invite } from '../../protocol/models.ts';
import { may } from '../../protocol/roles.ts';
import type { Call } from '../call.ts';
import { networkOf } from './address.ts';
import { mayGive } from './ranks.ts';
import { bounds, charge } from './throttling.ts';

/** Whom an invite lets in. */
export interface InviteGate {
  /**
   * The invite with this token, which can be used now. Throws `forbidden` with `invite_invalid`, `invite_revoked` (as it
   * counts, too, once its inviter could not make it any more), `invite_expired` or `invite_spent`; `too_many_requests` where
   * too many wrong tokens came from.
   */
  open(token: string, call: Call): Promise<Invite>;
}

export function makeInviteGate({ invites, users, digests, clock, limiter }: Platform): InviteGate {
  /** Who was disabled or lost a role does not come back by an invite of their own. */
  async function standsFor({ createdBy, role }: Invite): Promise<boolean> {
    if (createdBy === null) return true;
    const inviter = await users.find(createdBy);
    return inviter?.state === 'active' && may(inviter.role, 'invite') && mayGive(inviter.role, role);
  }

  return {
    async open(token, call) {
      const invite = await invites.findByHash(digests.hash(token));
      if (invite === null) {
        if (call.address !== null) await charge(limiter, [bounds.guessesFrom(networkOf(call.address))]);
        throw new AppError('forbidden', 'invite_invalid');
      }
      const hindrance = whyClosed(invite, clock.now());
      if (hindrance !== null) throw new AppError('forbidden', hindrance);
      if (!(await standsFor(invite))) throw new AppError('forbidden', 'invite_revoked');
      return invite;
    },
  };
}

function whyClosed(invite: Invite, now: number): string | null {
  if (invite.revokedAt !== null) return 'invite_revoked';
  if (invite.expiresAt !== null && invite.expiresAt <= now) return 'invite_expired';
  if (invite.maxUses !== null && invite.uses >= invite.maxUses) return 'invite_spent';
  return null;
}
