import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';
import { isApart, privacyOf } from './discretion.ts';

/** Those of the people whose presence the viewer may see now. One's own is never hidden. */
export type SeeWhom = (viewer: UserId, userIds: readonly UserId[]) => Promise<ReadonlySet<UserId>>;

const wholeLog = [{ from: 1, to: null }];
/** Behind every entry: nothing is unread. */
const behindAll = Number.MAX_SAFE_INTEGER;

export function makeSeeWhom({
  privacy,
  conversations,
  messages,
}: Pick<Platform, 'privacy' | 'conversations' | 'messages'>): SeeWhom {
  /** Those of the people who wrote to the viewer directly: the viewer is a contact of theirs. */
  async function whoWroteTo(viewer: UserId, userIds: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    if (userIds.length === 0) return new Set();
    const directs = [...(await conversations.directsWith(viewer, userIds))];
    const summaries = await messages.summaries(
      directs.map(([userId, conversationId]) => ({ conversationId, userId, spans: wholeLog, readSeq: behindAll })),
      0,
    );
    return new Set(directs.flatMap(([userId], i) => ((summaries[i]?.ownSeq ?? 0) > 0 ? [userId] : [])));
  }

  return async (viewer, userIds) => {
    const others = userIds.filter((userId) => userId !== viewer);
    const discretion = await privacy.between(viewer, others);
    const near = userIds.filter((userId) => userId === viewer || !isApart(discretion, viewer, userId));
    const choiceOf = (userId: UserId) => (userId === viewer ? 'everybody' : privacyOf(discretion, userId).lastSeen);
    const contacts = await whoWroteTo(
      viewer,
      near.filter((userId) => choiceOf(userId) === 'contacts'),
    );
    return new Set(
      near.filter((userId) => {
        const choice = choiceOf(userId);
        return choice === 'everybody' || (choice === 'contacts' && contacts.has(userId));
      }),
    );
  };
}
