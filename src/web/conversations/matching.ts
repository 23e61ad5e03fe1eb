import type { ConversationItem } from '../engine/engine.ts';

const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLocaleLowerCase();

/** Conversations whose title has words that begin with the words typed. */
export function matchingItems(
  items: readonly ConversationItem[],
  typed: string,
  selfTitle: string,
): readonly ConversationItem[] {
  const wanted = folded(typed).split(/\s+/u).filter(Boolean);
  if (wanted.length === 0) return items;
  return items.filter((item) => {
    const title = ` ${folded(`${item.self ? selfTitle : item.title} ${item.peer?.name ?? ''}`)}`;
    return wanted.every(
      (word) => title.includes(` ${word}`) || title.includes(`.${word}`) || title.includes(`-${word}`),
    );
  });
}
