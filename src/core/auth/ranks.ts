import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import { may, type Role, roles } from '../../protocol/roles.ts';
import type { Call } from '../call.ts';

/**
 * Throws `forbidden` where the caller may not give somebody this role: nobody gives one above their own, and only those
 * who manage invites give one above member. No API token does: whoever holds it would come in by that account with more than
 * its scopes. The host's owner may give any.
 */
export function refuseRoleAbove(call: Call, role: Role): void {
  const { caller } = call;
  if (caller.kind === 'local') return;
  if (caller.kind === 'anyone') throw new AppError('forbidden', 'needs_a_person');
  if (rank(role) < rank(caller.role)) throw new AppError('forbidden', 'role_above_own');
  const isMore = rank(role) < rank('member') && caller.scopes !== null;
  if (isMore || !mayGive(caller.role, role)) throw new AppError('forbidden', 'role_above_member');
}

/** Whether people of a role may give somebody a role. */
export function mayGive(own: Role, given: Role): boolean {
  return rank(given) >= rank(own) && (rank(given) >= rank('member') || may(own, 'manage_invites'));
}

/** Throws `forbidden` with `rank_above_own` where the caller may not act on somebody of this role. */
export function refuseRankAbove({ caller }: Call, role: Role): void {
  if (caller.kind === 'local') return;
  if (caller.kind === 'anyone') throw new AppError('forbidden', 'needs_a_person');
  if (rank(role) < rank(caller.role)) throw new AppError('forbidden', 'rank_above_own');
}

/** Throws `forbidden` with `not_for_oneself` where the caller means themself. */
export function refuseOneself({ caller }: Call, userId: UserId): void {
  if (caller.kind === 'person' && caller.userId === userId) throw new AppError('forbidden', 'not_for_oneself');
}

/** 0 is the most trusted. */
function rank(role: Role): number {
  return roles.indexOf(role);
}
