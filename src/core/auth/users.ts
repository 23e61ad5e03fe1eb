import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import { type ConversationId, type UserId, userId as userIdSchema } from '../../protocol/ids.ts';
import { type Account, name as nameSchema } from '../../protocol/models.ts';
import { type Handlers, person } from '../call.ts';
import type { Audit } from './audit.ts';
import { refuseWeakPassword } from './password-rules.ts';
import { refuseRoleAbove } from './ranks.ts';
import type { AddAccount } from './registration.ts';
import type { ListSessions } from './sessions.ts';

const rowsPage = 1_000;

export function makeUsers(
  platform: Platform,
  parts: { readonly addAccount: AddAccount; readonly listSessions: ListSessions; readonly audit: Audit },
): Pick<Handlers, 'user.find' | 'user.update' | 'user.list' | 'user.show' | 'user.add'> {
  const { users, conversations, bus } = platform;

  async function accountOf(userId: UserId): Promise<Account> {
    const user = await users.find(userId);
    if (user === null) throw noSuchUser();
    return describeAccount(user);
  }

  /** Their own devices, and everybody they share a conversation with. */
  async function tellProfile(userId: UserId): Promise<void> {
    bus.publish(`user:${userId}`, { type: 'changed', userId });
    const profiles = await users.profiles([userId]);
    for (let after: ConversationId | null = null; ; ) {
      const rows = await conversations.rows(userId, after, rowsPage);
      for (const row of rows)
        if (row.member) bus.publish(`conversation:${row.conversationId}`, { type: 'profiles', profiles });
      after = rows.at(-1)?.conversationId ?? null;
      if (rows.length < rowsPage) return;
    }
  }

  /** By id, else by name. */
  async function lookUp(said: string): Promise<UserRecord | null> {
    const id = userIdSchema.safeParse(said);
    if (id.success) return users.find(id.data);
    const name = nameSchema.safeParse(said.trim());
    return name.success ? users.findByName(name.data) : null;
  }

  return {
    async 'user.find'({ query, limit }, call) {
      const me = person(call).userId;
      const found = await users.search(query, limit + 1);
      return { people: found.filter(({ userId, gone }) => userId !== me && !gone).slice(0, limit) };
    },

    async 'user.update'({ displayName }, call) {
      const { userId } = person(call);
      await users.setDisplayName(userId, displayName);
      await tellProfile(userId);
      await parts.audit(call, { action: 'user.updated', subjectId: userId });
      return { me: await accountOf(userId) };
    },

    async 'user.list'({ query, after, limit }) {
      const found = await users.list({ query, after, limit: limit + 1 });
      return { users: found.slice(0, limit), more: found.length > limit };
    },

    async 'user.show'({ user: said }, call) {
      const user = await lookUp(said);
      if (user === null) throw noSuchUser();
      return { user: describeAccount(user), sessions: await parts.listSessions(user.userId, call) };
    },

    async 'user.add'(input, call) {
      refuseRoleAbove(call, input.role);
      refuseWeakPassword(input.password, input.name);
      const { outcome, userId } = await parts.addAccount(input, input.role);
      if (outcome !== 'added') throw new AppError('conflict', 'name_taken');
      await parts.audit(call, { action: 'user.added', subjectId: userId, details: { role: input.role } });
      return { user: await accountOf(userId) };
    },
  };
}

/** Without what only the auth service may see. */
function describeAccount(user: UserRecord): Account {
  const { userId, name, displayName, gone, role, createdAt, lastSeenAt } = user;
  return { userId, name, displayName, gone, role, createdAt, lastSeenAt };
}

function noSuchUser(): AppError {
  return new AppError('not_found', 'no_such_user');
}
