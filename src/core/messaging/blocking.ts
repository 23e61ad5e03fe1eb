import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { bounds, charge } from '../auth/throttling.ts';
import { type Handlers, person } from '../call.ts';
import type { RulesCache } from './rules.ts';

/** People decide whom they want nothing to do with, and what others see of them. */
export interface Blocking {
  readonly handlers: Pick<Handlers, 'person.block' | 'privacy.set'>;
  /** Ends all that a person decided about others. Twice does no harm. */
  unblockAll(userId: UserId): Promise<void>;
}

const rowsPage = 1_000;

export function makeBlocking({
  bus,
  conversations,
  limiter,
  privacy,
  rules,
}: Pick<Platform, 'bus' | 'conversations' | 'limiter' | 'privacy'> & { rules: RulesCache }): Blocking {
  /** Every node judges anew, this one from now on. */
  function forget(userIds: readonly UserId[]) {
    rules.forgetPeople(userIds);
    bus.publish('nodes', { type: 'privacy', userIds });
  }

  function tell(userIds: Iterable<UserId>) {
    for (const userId of userIds) bus.publish(`user:${userId}`, { type: 'changed', userId });
  }

  async function block(userId: UserId, blockedId: UserId, on: boolean) {
    const outcome = await privacy.block(userId, blockedId, on, limits.blocks);
    if (outcome !== 'changed') return outcome;
    forget([userId, blockedId]);
    tell([userId, blockedId]);
    return outcome;
  }

  /** Those whose states carry marks of the person. */
  async function whoSeeMarksOf(userId: UserId): Promise<ReadonlySet<UserId>> {
    const seeing = new Set([userId]);
    for (let after: ConversationId | null = null; ; ) {
      const rows = await conversations.rows(userId, after, rowsPage);
      const ids = rows.filter((row) => row.member).map((row) => row.conversationId);
      const marks = await conversations.marks(ids, limits.publishedMarks);
      for (const some of marks.values()) for (const mark of some) seeing.add(mark.userId);
      after = rows.at(-1)?.conversationId ?? null;
      if (rows.length < rowsPage) return seeing;
    }
  }

  return {
    handlers: {
      'person.block': async ({ userId: blockedId, on }, call) => {
        const { userId } = person(call);
        if (blockedId === userId) throw new AppError('conflict', 'yourself');
        await charge(limiter, [bounds.blocksBy(userId)]);
        const outcome = await block(userId, blockedId, on);
        if (outcome === 'no_such_user') throw new AppError('not_found', 'no_such_user');
        if (outcome === 'too_many') throw new AppError('conflict', 'too_many_blocks');
        return {};
      },

      'privacy.set': async (change, call) => {
        const { userId } = person(call);
        await charge(limiter, [bounds.privacyOf(userId)]);
        const { before, privacy: decided } = await privacy.set(userId, change);
        forget([userId]);
        tell(before.readReceipts === decided.readReceipts ? [userId] : await whoSeeMarksOf(userId));
        return { privacy: decided };
      },
    },

    async unblockAll(userId) {
      for (const blockedId of (await privacy.of(userId)).blocks) await block(userId, blockedId, false);
    },
  };
}
