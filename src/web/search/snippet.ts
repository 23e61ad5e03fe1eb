import type { SearchHit } from '../engine/engine.ts';

interface SnippetPiece {
  readonly text: string;
  readonly hit: boolean;
}

/** Characters before the first hit, so that it stands in what is seen of the line. */
const before = 24;
const longest = 240;

/** What of a message is shown: the part around its first hit, in one line, cut into what was found and what stands between. */
export function snippetOf({ message, ranges }: Pick<SearchHit, 'message' | 'ranges'>): readonly SnippetPiece[] {
  const texts = textsOf(message);
  const which = ranges[0]?.option;
  const text = texts[which === undefined ? 0 : which + 1] ?? '';
  const its = ranges.filter(({ option }) => option === which);
  const from = startOf(text, its[0]?.from ?? 0);
  const to = Math.min(text.length, from + longest + (/[\uD800-\uDBFF]/.test(text[from + longest - 1] ?? '') ? 1 : 0));
  const pieces: SnippetPiece[] = [];
  const add = (start: number, end: number, hit: boolean) => {
    const part = text.slice(start, end).replace(/\s+/gu, ' ');
    if (part !== '') pieces.push({ text: part, hit });
  };
  if (from > 0) pieces.push({ text: '…', hit: false });
  let at = from;
  for (const range of its) {
    const [start, end] = [Math.max(at, range.from), Math.min(to, range.to)];
    if (start >= end) continue;
    add(at, start, false);
    add(start, end, true);
    at = end;
  }
  add(at, to, false);
  return pieces;
}

/** At the beginning of a word, where there is one near. */
function startOf(text: string, hit: number): number {
  if (hit <= before) return 0;
  const word = text.slice(hit - before, hit).search(/(?<=\s)\S/u);
  return word === -1 ? hit : hit - before + word;
}

function textsOf(message: SearchHit['message']): readonly string[] {
  if (message.emptied) return [];
  if (message.kind === 'message') return [message.body.text];
  return message.kind === 'poll' ? [message.body.question, ...message.body.options] : [];
}
