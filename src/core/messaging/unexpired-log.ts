import type { Platform } from '../../ports/platform.ts';
import { withoutContent } from '../../protocol/fold.ts';
import type { Entry, Message } from '../../protocol/models.ts';

/** Whether its time to disappear has come. */
export const isExpired = ({ expiresAt }: Entry, now: number): boolean => expiresAt !== undefined && expiresAt <= now;

/**
 * The logs as everybody may see them: what has expired is emptied, whether or not the sweeper came by since. Whoever reads
 * through it cannot forget to look at the time.
 */
export function makeUnexpiredLog({ messages, clock }: Pick<Platform, 'messages' | 'clock'>): Platform['messages'] {
  const shown = <M extends Message>(message: M): M =>
    !message.emptied && isExpired(message, clock.now()) ? (withoutContent(message) as M) : message;
  const shownOr = (entry: Entry | null): Entry | null => entry && shown(entry);

  return {
    epoch: () => messages.epoch(),
    append: (draft) => messages.append(draft),
    heads: (conversationIds) => messages.heads(conversationIds),
    erase: (conversationId, seq) => messages.erase(conversationId, seq),
    expired: (now, limit) => messages.expired(now, limit),
    retire: (conversationId, seq) => messages.retire(conversationId, seq),
    count: () => messages.count(),
    markDispatched: (node, marks) => messages.markDispatched(node, marks),
    nodes: () => messages.nodes(),
    origin: (...place) => messages.origin(...place),
    health: () => messages.health(),
    close: () => messages.close(),
    find: async (...key) => shownOr(await messages.find(...key)),
    entry: async (...place) => shownOr(await messages.entry(...place)),
    async entries(ask) {
      const page = await messages.entries(ask);
      return { ...page, entries: page.entries.map(shown) };
    },
    async history(ask) {
      const page = await messages.history(ask);
      return { ...page, messages: page.messages.map(shown) };
    },
    async summaries(asks, now) {
      const found = await messages.summaries(asks, now);
      return found.map((summary) => ({ ...summary, last: summary.last && shown(summary.last) }));
    },
    targeting: async (ask) => (await messages.targeting(ask)).map(shown),
    undispatched: async (node, limit) => (await messages.undispatched(node, limit)).map(shown),
  };
}
