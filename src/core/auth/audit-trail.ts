import type { Platform } from '../../ports/platform.ts';
import type { Handlers } from '../call.ts';
import type { LookUpUser } from './user-look-up.ts';

/** Reading the audit log. */
export function makeAuditTrail(
  { audit }: Platform,
  parts: { readonly lookUpUser: LookUpUser },
): Pick<Handlers, 'audit.list'> {
  return {
    async 'audit.list'({ user, limit, ...ask }) {
      const userId = user === null ? null : (await parts.lookUpUser(user)).userId;
      const found = await audit.query({ ...ask, userId, limit: limit + 1 });
      return { events: found.slice(0, limit), more: found.length > limit };
    },
  };
}
