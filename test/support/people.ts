import type { Platform } from '../../src/ports/platform.ts';
import type { UserId } from '../../src/protocol/ids.ts';

let made = 0;

/** Accounts that nobody signs in to, named `person-1`, `person-2` … over all calls. */
export async function addPeople(
  { users, random }: Pick<Platform, 'users' | 'random'>,
  count: number,
): Promise<readonly UserId[]> {
  const ids = Array.from({ length: count }, () => random.id() as UserId);
  for (const userId of ids) {
    made++;
    await users.add({
      userId,
      name: `person-${made}`,
      displayName: `Person ${made}`,
      passwordHash: 'none',
      role: 'member',
      state: 'active',
      email: null,
      language: null,
    });
  }
  return ids;
}
