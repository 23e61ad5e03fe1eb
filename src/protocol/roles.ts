/** The roles a person can have on the instance, from most to least trusted. */
export const roles = ['owner', 'admin', 'moderator', 'member', 'guest'] as const;
export type Role = (typeof roles)[number];

const everyone: readonly Role[] = roles;
const staff: readonly Role[] = ['owner', 'admin'];

/** What each role may do. Operations name the permission they need; this is the only table. */
export const permissions = {
  /** Read and change one's own profile, settings and sessions. */
  account: everyone,
  /** Take part in conversations one is a member of, and find people. */
  chat: everyone,
  /** Make tokens for one's own scripts and bots, which may as much as oneself or less. */
  tokens: ['owner', 'admin', 'moderator', 'member'],
  /** Start direct conversations and groups. */
  converse: ['owner', 'admin', 'moderator', 'member'],
  /** Invite people to the instance, and see and revoke one's own invites. */
  invite: ['owner', 'admin', 'moderator', 'member'],
  /** See and revoke everybody's invites, and invite people with a role above member. */
  manage_invites: staff,
  /** See, add, approve, disable, delete and change accounts, up to one's own role. */
  manage_users: staff,
  /** See what people reported, and settle it. */
  moderate: ['owner', 'admin', 'moderator'],
  /** See how the instance is doing. */
  inspect: staff,
  /** Read the audit log. */
  audit: staff,
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;
export const permissionNames = Object.keys(permissions) as [Permission, ...Permission[]];

/** Who may call an operation: `anyone`, a permission, or `local` (only over the management socket and the CLI). */
export type Access = 'anyone' | 'local' | Permission;

export function may(role: Role, permission: Permission): boolean {
  const allowed: readonly Role[] = permissions[permission];
  return allowed.includes(role);
}
