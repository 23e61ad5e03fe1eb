import { signal } from '@preact/signals';
import type { Engine, SearchHit } from '../../../src/web/engine/engine.ts';
import { type DemoConversation, messageAt } from './demo-world.ts';

/** Of each conversation, only the latest messages are looked at. */
const depth = 300;
const pageSize = 20;

export function makeDemoSearch(
  demos: readonly DemoConversation[],
  answer: <T>(make: () => T) => Promise<T>,
  recent: readonly string[],
): Engine['search'] {
  const searches = signal(recent);

  function* found({ query, conversationId, senderId, since, until, hasLink }: Parameters<Engine['search']['find']>[0]) {
    const wanted = query.toLowerCase().split(/\s+/u).filter(Boolean);
    for (const demo of demos) {
      if (conversationId !== null && demo.id !== conversationId) continue;
      for (let seq = demo.count; seq > Math.max(0, demo.count - depth); seq -= 1) {
        const message = messageAt(demo, seq);
        if (message.kind !== 'message' || message.emptied) continue;
        if (senderId !== null && message.senderId !== senderId) continue;
        if (message.time < (since ?? 0) || message.time > (until ?? message.time)) continue;
        const text = message.body.text.toLowerCase();
        if (hasLink && !text.includes('https://')) continue;
        const ranges = wanted.flatMap((word) => {
          const from = text.indexOf(word);
          return from === -1 ? [] : [{ from, to: from + word.length }];
        });
        const hit: SearchHit = {
          conversationId: demo.id,
          seq,
          message,
          ranges: ranges.sort((a, b) => a.from - b.from),
        };
        if (ranges.length === wanted.length) yield hit;
      }
    }
  }

  return {
    recent: searches,
    find: (ask, cursor) =>
      answer(() => {
        const from = Number(cursor ?? 0);
        const all = [...found(ask)].sort((a, b) => b.message.time - a.message.time);
        const next = from + pageSize;
        return { results: all.slice(from, next), cursor: next < all.length ? String(next) : null };
      }),
    remember: (query) => {
      searches.value = [query, ...searches.peek().filter((one) => one !== query)];
    },
    forgetRecent: () => {
      searches.value = [];
    },
  };
}
