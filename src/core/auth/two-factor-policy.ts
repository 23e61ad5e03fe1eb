import type { Settings } from '../../ports/platform.ts';
import type { Role } from '../../protocol/roles.ts';

/** Whether the instance requires a second factor of people of this role. */
export function requiresSecondFactor({ twoFactor }: Settings, role: Role): boolean {
  if (twoFactor === 'required-for-admins') return role === 'owner' || role === 'admin';
  return twoFactor === 'required';
}
