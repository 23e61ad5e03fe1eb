import type { Entry } from '../../protocol/models.ts';
import { fold, type Kept } from './apply.ts';
import type { Page } from './log.ts';

/** More than fills any screen before and behind what is being read. */
const windowSize = 600;

/** The piece with one more entry, the next behind `known`: changed by it, or with it where the piece reaches so far. */
export function withEntry(here: Page, entry: Entry, kept: Kept | null, known: number): Page {
  const to = here.to >= known ? Math.max(here.to, entry.seq) : here.to;
  if (kept)
    return entry.seq > here.to && to === entry.seq
      ? cutOlder({ ...here, messages: [...here.messages, kept], to })
      : here;
  const at = here.messages.findIndex(({ message }) => message.seq === entry.target);
  const old = here.messages[at];
  const changed = old && fold(old, entry);
  return { ...here, to, messages: changed && changed !== old ? here.messages.with(at, changed) : here.messages };
}

/** Both pieces as one, bounded at the end that is not being read. */
export function joined(here: Page, page: Page, which: 'older' | 'newer'): Page {
  if (which === 'older') {
    const messages = [...page.messages.filter(({ message }) => message.seq < here.from), ...here.messages];
    return cutNewer({ messages, from: Math.min(page.from, here.from), to: here.to });
  }
  const messages = [...here.messages, ...page.messages.filter(({ message }) => message.seq > here.to)];
  return cutOlder({ messages, from: here.from, to: Math.max(page.to, here.to) });
}

function cutOlder(window: Page): Page {
  const gone = window.messages.length - windowSize;
  if (gone <= 0) return window;
  return { ...window, messages: window.messages.slice(gone), from: (window.messages[gone - 1]?.message.seq ?? 0) + 1 };
}

function cutNewer(window: Page): Page {
  if (window.messages.length <= windowSize) return window;
  return {
    ...window,
    messages: window.messages.slice(0, windowSize),
    to: (window.messages[windowSize]?.message.seq ?? 1) - 1,
  };
}
