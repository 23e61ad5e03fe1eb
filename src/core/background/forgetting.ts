import type { Platform } from '../../ports/platform.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { kinds } from '../../protocol/models.ts';

/** What has had its time goes for good. Each node does it; doing it twice, or at once, does no harm. */
export interface Forgetting {
  /** Erases what has expired by now. */
  expire(): Promise<void>;
  /** Empties what is older than its conversation or the instance keeps it. */
  retire(): Promise<void>;
}

const expiredPage = 200;
const retiredPage = 200;
const conversationsPage = 500;
const wholeLog = [{ from: 1, to: null }];

export function makeForgetting({
  clock,
  settings,
  conversations,
  messages,
  search,
}: Pick<Platform, 'clock' | 'settings' | 'conversations' | 'messages' | 'search'>): Forgetting {
  async function expirePage(): Promise<boolean> {
    const gone = await messages.expired(clock.now(), expiredPage);
    for (const { conversationId, seq } of gone) {
      // Not found any more before it is erased: nothing would say that it is still to be taken out.
      await search.drop(conversationId, seq);
      await messages.erase(conversationId, seq);
      await conversations.unpin(conversationId, seq);
    }
    await conversations.touch([...new Set(gone.map(({ conversationId }) => conversationId))]);
    return gone.length === expiredPage;
  }

  /** True: there may be more. */
  async function retirePage(conversationId: ConversationId, before: number): Promise<boolean> {
    const [head] = await messages.heads([conversationId]);
    if (head === undefined || head.firstSeq > head.seq) return false;
    const page = await messages.entries({
      conversationId,
      after: head.firstSeq - 1,
      spans: wholeLog,
      limit: retiredPage,
      maxBytes: limits.pageBytes,
    });
    const fresh = page.entries.findIndex(({ time }) => time >= before);
    const old = fresh < 0 ? page.entries : page.entries.slice(0, fresh);
    const last = old.at(-1);
    if (last === undefined) return false;
    for (const { seq, kind } of old) if (kinds[kind].counts) await search.drop(conversationId, seq);
    await messages.retire(conversationId, last.seq);
    const pins = (await conversations.find(conversationId))?.pins ?? [];
    for (const seq of pins) if (seq <= last.seq) await conversations.unpin(conversationId, seq);
    return fresh < 0;
  }

  return {
    async expire() {
      while (await expirePage());
    },

    async retire() {
      for (let after: ConversationId | null = null; ; ) {
        const page: Awaited<ReturnType<typeof conversations.keeps>> = await conversations.keeps(
          after,
          conversationsPage,
        );
        for (const { conversationId, keepFor } of page) {
          const kept = Math.min(keepFor ?? Infinity, settings.keepMs ?? Infinity);
          if (kept === Infinity) continue;
          while (await retirePage(conversationId, clock.now() - kept));
        }
        if (page.length < conversationsPage) return;
        after = page.at(-1)?.conversationId ?? null;
      }
    },
  };
}
