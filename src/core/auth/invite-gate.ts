import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Invite } from '../../protocol/models.ts';
import type { Call } from '../call.ts';
import { networkOf } from './address.ts';
import { bounds, charge } from './throttling.ts';

/** Whom an invite lets in. */
export interface InviteGate {
  /**
   * The invite with this token, which can be used now. Throws `forbidden` with `invite_invalid`, `invite_revoked`,
   * `invite_expired` or `invite_spent`; `too_many_requests` where too many wrong tokens came from.
   */
  open(token: string, call: Call): Promise<Invite>;
}

export function makeInviteGate({ invites, digests, clock, limiter }: Platform): InviteGate {
  return {
    async open(token, call) {
      const invite = await invites.findByHash(digests.hash(token));
      if (invite === null) {
        if (call.address !== null) await charge(limiter, [bounds.guessesFrom(networkOf(call.address))]);
        throw new AppError('forbidden', 'invite_invalid');
      }
      const hindrance = whyClosed(invite, clock.now());
      if (hindrance !== null) throw new AppError('forbidden', hindrance);
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
