import { signal } from '@preact/signals';
import type { Engine } from './engine.ts';
import type { Requests } from './requests.ts';
import type { World } from './world.ts';

const note = 'searches';
const kept = 8;

/** Finding messages, and what was looked for lately: kept on this device until the person signs out. */
export function makeSearches({ notes }: Pick<World, 'notes'>, { ask }: Pick<Requests, 'ask'>): Engine['search'] {
  const recent = signal(read(notes.get(note)));

  function keep(queries: readonly string[]) {
    recent.value = queries;
    notes.set(note, queries.length === 0 ? null : JSON.stringify(queries));
  }

  return {
    recent,
    find: ({ query, conversationId, senderId, since, until, hasLink }, cursor) =>
      ask('message.search', {
        query,
        cursor,
        ...(conversationId === null ? {} : { conversationId }),
        ...(senderId === null ? {} : { senderId }),
        ...(since === null ? {} : { since }),
        ...(until === null ? {} : { until }),
        ...(hasLink ? { has: 'link' as const } : {}),
      }),
    remember(query) {
      const words = query.trim();
      if (words !== '') keep([words, ...recent.peek().filter((one) => one !== words)].slice(0, kept));
    },
    forgetRecent: () => keep([]),
  };
}

/** Another version, or somebody's extension, may have written anything there. */
function read(text: string | null): readonly string[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(found) ? found.filter((one) => typeof one === 'string').slice(0, kept) : [];
  } catch {
    return [];
  }
}
