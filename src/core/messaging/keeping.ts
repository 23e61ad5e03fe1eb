import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Handlers, person } from '../call.ts';
import { covers } from './rules.ts';

/** What people keep for themselves, in whatever they are or were in. It reaches their own devices, and nobody else's. */
export function makeKeeping({
  bus,
  conversations,
  messages,
}: Pick<Platform, 'bus' | 'conversations' | 'messages'>): Pick<
  Handlers,
  'conversation.setMine' | 'draft.set' | 'message.hide'
> {
  function kept(userId: UserId, hasRow: boolean): Record<string, never> {
    if (!hasRow) throw new AppError('forbidden', 'not_a_member');
    bus.publish(`user:${userId}`, { type: 'changed', userId });
    return {};
  }

  return {
    'conversation.setMine': async ({ conversationId, change }, call) => {
      const { userId } = person(call);
      return kept(userId, await conversations.keep(conversationId, userId, change));
    },

    'draft.set': async ({ conversationId, draft }, call) => {
      const { userId } = person(call);
      return kept(userId, await conversations.setDraft(conversationId, userId, draft));
    },

    'message.hide': async ({ conversationId, seqs }, call) => {
      const { userId } = person(call);
      const [[head], row] = await Promise.all([
        messages.heads([conversationId]),
        conversations.row(conversationId, userId),
      ]);
      if (!row) throw new AppError('forbidden', 'not_a_member');
      if (seqs.some((seq) => seq > (head?.seq ?? 0) || !covers(row.spans, seq)))
        throw new AppError('not_found', 'no_such_message');
      const outcome = await conversations.hide(conversationId, userId, seqs, limits.hidden);
      if (outcome === 'too_many') throw new AppError('conflict', 'too_many_hidden');
      return kept(userId, outcome === 'hidden');
    },
  };
}
