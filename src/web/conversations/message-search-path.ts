import { paths } from '../routing/route.ts';

/** The search for messages with these words. */
export const messageSearchPath = (query: string): string => {
  const words = query.trim();
  return paths.search(words === '' ? '' : new URLSearchParams({ q: words }).toString());
};
