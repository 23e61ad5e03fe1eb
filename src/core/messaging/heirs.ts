import type { MemberRecord } from '../../ports/conversation-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Rules } from './rules.ts';

/**
 * Who owns a group once its owner leaves: its oldest admin, else its oldest member; null where nobody is left. Those whose
 * account is gone come last; a bot is no heir.
 */
export type ChooseHeir = (rules: Rules, leaving: UserId) => Promise<UserId | null>;

const atOnce = 200;

export function makeChooseHeir({ users }: Pick<Platform, 'users'>): ChooseHeir {
  return async (rules, leaving) => {
    const candidates = inLine(rules, leaving);
    let gone: UserId | null = null;
    for (let first = 0; first < candidates.length; first += atOnce) {
      const some = candidates.slice(first, first + atOnce);
      const people = (await users.profiles(some)).filter((profile) => profile.bot !== true);
      const here = new Map(people.map((profile) => [profile.userId, !profile.gone]));
      const heir = some.find((userId) => here.get(userId));
      if (heir !== undefined) return heir;
      gone ??= some.find((userId) => here.has(userId)) ?? null;
    }
    return gone;
  };
}

function inLine(rules: Rules, leaving: UserId): readonly UserId[] {
  const joinedAt = (row: MemberRecord) => row.joinedSeq || Number.MAX_SAFE_INTEGER;
  const byAge = [...rules.members.values()]
    .filter((row) => row.member && row.userId !== leaving)
    .sort((a, b) => joinedAt(a) - joinedAt(b) || (a.userId < b.userId ? -1 : 1));
  const admins = byAge.filter((row) => row.role === 'admin');
  return [...admins, ...byAge.filter((row) => row.role !== 'admin')].map((row) => row.userId);
}
