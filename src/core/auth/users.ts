import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Account } from '../../protocol/models.ts';
import { type Handlers, person } from '../call.ts';
import { describeAccount } from './account.ts';
import type { Audit } from './audit.ts';
import { type DraftAccount, refuseTaken } from './new-account.ts';
import { refuseWeakPassword } from './password-rules.ts';
import type { TellProfile } from './profile-news.ts';
import { refuseRoleAbove } from './ranks.ts';
import type { ListSessions } from './sessions.ts';
import type { LookUpUser } from './user-look-up.ts';

/** People find each other and keep their profile; those who manage accounts see and make them. */
export function makeUsers(
  platform: Platform,
  parts: {
    readonly lookUpUser: LookUpUser;
    readonly draftAccount: DraftAccount;
    readonly tellProfile: TellProfile;
    readonly listSessions: ListSessions;
    readonly audit: Audit;
  },
): Pick<Handlers, 'user.find' | 'user.update' | 'user.list' | 'user.show' | 'user.add'> {
  const { users, privacy, settings } = platform;

  async function accountOf(userId: UserId): Promise<Account> {
    const user = await users.find(userId);
    if (user === null) throw new AppError('not_found', 'no_such_user');
    return describeAccount(user);
  }

  /** What making the account would find. */
  async function refuseIfTaken(name: string, email: string | null): Promise<void> {
    if ((await users.findByName(name)) !== null) refuseTaken('name_taken');
    if (email !== null && (await users.findByEmail(email)) !== null) refuseTaken('email_taken');
  }

  return {
    async 'user.find'({ query, limit }, call) {
      const me = person(call).userId;
      const found = await users.search(query, limit + 1);
      return { people: found.filter(({ userId, gone }) => userId !== me && !gone).slice(0, limit) };
    },

    async 'user.update'({ displayName, language }, call) {
      const { userId } = person(call);
      if (displayName !== undefined) await users.setDisplayName(userId, displayName);
      if (language !== undefined) await users.setLanguage(userId, language);
      await parts.tellProfile(userId);
      await parts.audit(call, { action: 'user.updated', subjectId: userId });
      return { me: await accountOf(userId) };
    },

    async 'user.list'({ limit, ...ask }) {
      const found = await users.list({ ...ask, limit: limit + 1 });
      return { users: found.slice(0, limit), more: found.length > limit };
    },

    async 'user.show'({ user: said }, call) {
      const user = await parts.lookUpUser(said);
      return { user: describeAccount(user), sessions: await parts.listSessions(user.userId, call) };
    },

    async 'user.add'({ dryRun, bot, password = null, ...wanted }, call) {
      refuseRoleAbove(call, wanted.role);
      if (bot) refuseForBot({ password, email: wanted.email });
      else refuseWeakPassword(mustHave(password), { name: wanted.name, instanceName: settings.instanceName });
      await refuseIfTaken(wanted.name, wanted.email);
      if (dryRun) return { user: null };
      const drafted = await parts.draftAccount({
        ...wanted,
        password,
        displayName: wanted.displayName,
        state: 'active',
        ...(bot ? { bot: 'account' } : {}),
      });
      const outcome = await users.add(drafted);
      if (outcome === 'invite_spent') throw new Error('an account without an invite was refused for one');
      if (outcome !== 'added') refuseTaken(outcome);
      const { userId, role } = drafted;
      // It is nobody who comes and goes.
      if (bot) await privacy.set(userId, { lastSeen: 'nobody' });
      await parts.audit(call, { action: 'user.added', subjectId: userId, details: { role, ...(bot ? { bot } : {}) } });
      return { user: await accountOf(userId) };
    },
  };
}

function mustHave(password: string | null): string {
  if (password !== null) return password;
  throw new AppError('invalid', 'password_needed', { fields: [{ path: 'password', message: 'needed' }] });
}

/** Nobody signs in to it: what would help with that is a mistake. */
function refuseForBot(given: { readonly password: string | null; readonly email: string | null }): void {
  const fields = (['password', 'email'] as const)
    .filter((path) => given[path] !== null)
    .map((path) => ({ path, message: 'a bot has none' }));
  if (fields.length > 0) throw new AppError('invalid', 'bot_account', { fields });
}
