import type { IndexChange, IndexedMessage, IndexedWords } from '../../ports/search-index.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import type { ReadWords } from './search-words.ts';

/** What of an entry people look for: the text of a message, the question of a poll and its answers. */
export function textsOf(entry: Entry): readonly string[] {
  if (entry.emptied) return [];
  if (entry.kind === 'message') return [entry.body.text];
  return entry.kind === 'poll' ? [entry.body.question, ...entry.body.options] : [];
}

export const hasLink = (texts: readonly string[]): boolean => texts.some((text) => link.test(text));
const link = /(?<![\p{L}\p{N}])(?:https?:\/\/|www\.)[^\s<>"]/iu;

/** What entries, none missing from behind `from`, change in the index. */
export function changeOf(
  conversationId: ConversationId,
  from: number,
  entries: readonly Entry[],
  readWords: ReadWords,
): IndexChange {
  const added = new Map<number, IndexedMessage>();
  const edited = new Map<number, IndexedWords & { readonly seq: number }>();
  const dropped = new Set<number>();
  for (const entry of entries) {
    const { seq, target } = entry;
    const texts = textsOf(entry);
    if (texts.length > 0) {
      const { time, senderId } = entry;
      added.set(seq, { seq, time, senderId, ...indexed(texts, readWords) });
    } else if (target !== undefined && entry.kind === 'edit' && !entry.emptied) {
      const words = indexed([entry.body.text], readWords);
      const message = added.get(target);
      if (message !== undefined) added.set(target, { ...message, ...words });
      else if (!dropped.has(target)) edited.set(target, { seq: target, ...words });
    } else if (target !== undefined && entry.kind === 'removal') {
      added.delete(target);
      edited.delete(target);
      dropped.add(target);
    }
  }
  const to = entries.at(-1)?.seq ?? from;
  return { conversationId, from, to, added: [...added.values()], edited: [...edited.values()], dropped: [...dropped] };
}

function indexed(texts: readonly string[], readWords: ReadWords): IndexedWords {
  const words = texts.flatMap(readWords);
  const stems = words.map((word) => word.stems[0]);
  const known = new Set(stems);
  const more = new Set(
    words.flatMap(({ word, stems: [, ...others] }) => [word, ...others]).filter((w) => !known.has(w)),
  );
  return { stems: stems.join(' '), more: [...more].join(' '), hasLink: hasLink(texts) };
}
