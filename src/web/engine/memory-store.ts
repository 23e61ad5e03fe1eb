import type { Kept } from './apply.ts';
import { allowedBy, type Facts, type Key, type LocalStore, type Table, type Tables, tables } from './store.ts';

/** For browsers that keep nothing: all is gone with the page. */
export function makeMemoryStore(): LocalStore {
  const kept = Object.fromEntries(tables.map((table) => [table, new Map()])) as {
    [T in Table]: Map<string, Tables[T]>;
  };
  const name = (key: Key) => (typeof key === 'string' ? key : key.join('/'));
  const all = <T extends Table>(table: T): Tables[T][] => [...kept[table].values()];
  const bySeq = (a: Kept, b: Kept) => a.message.seq - b.message.seq;

  return {
    load: async () => ({
      facts: Object.fromEntries(kept.facts) as Partial<Facts>,
      conversations: all('conversations'),
      profiles: all('profiles'),
      outbox: all('outbox'),
      drafts: all('drafts'),
    }),
    get: async (table, key) => kept[table].get(name(key)),
    outbox: async () => all('outbox'),
    async messages({ conversationId, from, to, limit, end }) {
      const found = all('messages')
        .filter(({ message }) => message.conversationId === conversationId && from <= message.seq && message.seq <= to)
        .sort(bySeq);
      return end === 'oldest' ? found.slice(0, limit) : found.slice(-limit);
    },
    sentSince: async (userId, time) =>
      all('messages').filter(({ message }) => message.senderId === userId && message.time >= time),
    async write({ clear, drop, puts }, by) {
      const allowed = allowedBy(kept.facts.get('owner') as Facts['owner'] | undefined, by);
      if (allowed === 'nothing') return;
      for (const table of allowed === 'all' ? clear : []) kept[table].clear();
      for (const key of kept.messages.keys()) if (drop.some((id) => key.startsWith(id))) kept.messages.delete(key);
      for (const { table, key, value } of puts) {
        if (value === undefined) kept[table].delete(name(key));
        else (kept[table] as Map<string, typeof value>).set(name(key), value);
      }
    },
    close: () => {},
  };
}
