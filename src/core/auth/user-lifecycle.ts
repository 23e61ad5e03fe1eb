import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { AccountState } from '../../protocol/models.ts';
import type { Call, Handlers } from '../call.ts';
import { describeAccount } from './account.ts';
import type { Audit } from './audit.ts';
import type { Deletion } from './deletion.ts';
import type { Letters } from './letters.ts';
import type { TellProfile } from './profile-news.ts';
import { refuseRankAbove, refuseRoleAbove } from './ranks.ts';
import type { LookUpUser } from './user-look-up.ts';

const day = 24 * 3_600_000;

type Change = Parameters<Platform['users']['setState']>[1];

/** How accounts are let in, kept out, deleted, and given another role. Nobody acts on somebody of a higher rank. */
export function makeUserLifecycle(
  platform: Platform,
  parts: {
    readonly lookUpUser: LookUpUser;
    readonly deletion: Deletion;
    readonly tellProfile: TellProfile;
    readonly letters: Letters;
    readonly audit: Audit;
  },
): Pick<Handlers, 'user.approve' | 'user.disable' | 'user.enable' | 'user.delete' | 'user.setRole'> {
  const { users, sessions, bus, settings } = platform;
  const { lookUpUser, deletion, tellProfile, letters, audit } = parts;

  /** Whom the caller means and may act on. */
  async function subject(said: string, call: Call): Promise<UserRecord> {
    const user = await lookUpUser(said);
    if (user.state === 'deleted') throw new AppError('conflict', 'account_deleted');
    refuseRankAbove(call, user.role);
    return user;
  }

  async function asItIs({ userId }: UserRecord): Promise<UserRecord> {
    return lookUpUser(userId);
  }

  /** Throws `conflict` where the account is in none of the states, with the one it is in. */
  async function move(user: UserRecord, change: Change): Promise<UserRecord> {
    const outcome = await users.setState(user.userId, change);
    if (outcome === 'last_owner') throw new AppError('conflict', 'last_owner');
    const present = await asItIs(user);
    if (outcome === 'unchanged') throw new AppError('conflict', conflicts[present.state]);
    bus.publish('nodes', { type: 'revoked' });
    await tellProfile(user.userId);
    return present;
  }

  return {
    async 'user.approve'({ user: said }, call) {
      const user = await subject(said, call);
      if (user.state === 'active') return { user: describeAccount(user) };
      const approved = await move(user, { from: ['waiting'], state: 'active' });
      await audit(call, { action: 'user.approved', subjectId: user.userId });
      await letters.write(approved, { kind: 'account_approved', name: user.displayName, link: settings.address });
      return { user: describeAccount(approved) };
    },

    async 'user.disable'({ user: said }, call) {
      const user = await subject(said, call);
      if (user.state === 'disabled') return { user: describeAccount(user) };
      const disabled = await move(user, { from: ['active', 'waiting'], state: 'disabled' });
      await audit(call, { action: 'user.disabled', subjectId: user.userId });
      return { user: describeAccount(disabled) };
    },

    async 'user.enable'({ user: said }, call) {
      const user = await subject(said, call);
      if (user.state === 'active') return { user: describeAccount(user) };
      refuseUnderWay(user, await sessions.now());
      const enabled = await move(user, { from: ['disabled', 'deleting'], state: 'active' });
      await audit(call, { action: 'user.enabled', subjectId: user.userId, details: { from: user.state } });
      return { user: describeAccount(enabled) };
    },

    async 'user.delete'({ user: said, graceDays, removeMessages }, call) {
      const user = await subject(said, call);
      const now = await sessions.now();
      // At once is what it is: that begins it again, should it have got stuck.
      if (graceDays > 0) refuseUnderWay(user, now);
      const deletesAt = now + graceDays * day;
      await deletion.plan(user.userId, { deletesAt, removeMessages });
      const deleting = await move(user, {
        from: ['active', 'waiting', 'disabled', 'deleting'],
        state: 'deleting',
        deletesAt,
      });
      await deletion.begin(user.userId, { deletesAt, removeMessages });
      const details = { deletesAt, removeMessages };
      await audit(call, { action: 'user.deletion_ordered', subjectId: user.userId, details });
      await letters.write(user, { kind: 'account_deleting', name: user.displayName, deletesAt });
      return { user: describeAccount(deleting), deletedAt: deletesAt };
    },

    async 'user.setRole'({ user: said, role }, call) {
      const user = await subject(said, call);
      refuseRoleAbove(call, role);
      if (user.role === role) return { user: describeAccount(user) };
      const outcome = await users.setRole(user.userId, role);
      if (outcome === 'last_owner') throw new AppError('conflict', 'last_owner');
      if (outcome === 'not_found') throw new AppError('not_found', 'no_such_user');
      bus.publish('nodes', { type: 'revoked' });
      bus.publish(`user:${user.userId}`, { type: 'changed', userId: user.userId });
      await audit(call, {
        action: 'user.role_changed',
        subjectId: user.userId,
        details: { from: user.role, to: role },
      });
      return { user: describeAccount(await asItIs(user)) };
    },
  };
}

/** Once it began it goes on: who was taken out of groups already would come back to half an account. */
function refuseUnderWay({ state, deletesAt }: UserRecord, now: number): void {
  if (state === 'deleting' && (deletesAt ?? 0) <= now) throw new AppError('conflict', 'deletion_under_way');
}

/** Why a state cannot be left in the way that was asked for. */
const conflicts: Readonly<Record<AccountState, string>> = {
  active: 'account_active',
  waiting: 'account_waiting',
  disabled: 'account_disabled',
  deleting: 'account_deleting',
  deleted: 'account_deleted',
};
