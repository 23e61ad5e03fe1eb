import type { Invite } from '../../protocol/models.ts';

/** Why an invite cannot be used any more, or that it can. */
export function inviteState(
  { revokedAt, expiresAt, maxUses, uses }: Invite,
  now: number,
): 'open' | 'revoked' | 'expired' | 'spent' {
  if (revokedAt !== null) return 'revoked';
  if (maxUses !== null && uses >= maxUses) return 'spent';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'open';
}
