import type { SearchTerm } from '../../ports/search-index.ts';
import type { ReadWords, Word } from './search-words.ts';

/** Words to be found one behind the other. `isOpen`: the last of them may only be begun. */
export interface Clause {
  readonly words: readonly [Word, ...Word[]];
  readonly isOpen: boolean;
}

/** Where a text matches, in UTF-16 units; `to` is not included. */
export interface Match {
  readonly from: number;
  readonly to: number;
}

/** More places than these in one message tell nobody anything. */
const mostMatches = 100;
/** The index looks for so many words, the longest; the messages it names are looked at for all of them. */
const mostTerms = 16;
/** What begins with one letter is nearly everything: an index is not asked for that, and alone it stands for itself. */
const shortestBeginning = 2;

const quotes = /["“”„«»]/;
/** What is written together with one of these between it belongs together: addresses, versions, compound words. */
const holdsTogether = /^[-._@/:'’&+#=%~]*$/;

/**
 * Every word is to be there, in any of its forms, those in quotes one behind the other. The last word may only be begun,
 * unless it stands in closed quotes.
 */
export function parseQuery(query: string, readWords: ReadWords): readonly Clause[] {
  const parts = query.split(quotes);
  const clauses: Clause[] = [];
  const isAlone = readWords(query).length === 1;
  parts.forEach((part, at) => {
    const words = readWords(part);
    const isLast = at === parts.length - 1;
    const isQuoted = at % 2 === 1;
    for (const group of isQuoted ? [words] : together(part, words)) {
      const [first, ...others] = group;
      if (first === undefined) continue;
      const isOpen = isLast && group.at(-1) === words.at(-1) && !(isAlone && isShort(first));
      clauses.push({ words: [first, ...others], isOpen });
    }
  });
  return clauses;
}

function together(text: string, words: readonly Word[]): Word[][] {
  const groups: Word[][] = [];
  let end = 0;
  for (const word of words) {
    const group = groups.at(-1);
    if (group !== undefined && holdsTogether.test(text.slice(end, word.from))) group.push(word);
    else groups.push([word]);
    end = word.to;
  }
  return groups;
}

/** What the index is asked for: it may find more than matches, and never less. */
export function termsOf(clauses: readonly Clause[]): readonly SearchTerm[] {
  const terms = new Map<string, SearchTerm>();
  for (const { words, isOpen } of clauses) {
    const last = words.at(-1) as Word;
    const closed = isOpen ? words.slice(0, -1) : words;
    const found: SearchTerm[] = [];
    if (isOpen && !isShort(last)) found.push({ kind: 'word', stems: last.stems, begins: last.word });
    const [only] = closed;
    if (closed.length === 1 && only !== undefined) found.push({ kind: 'word', stems: only.stems, begins: null });
    else if (closed.length > 1) found.push({ kind: 'phrase', stems: closed.map(({ stems }) => stems[0]) });
    for (const term of found) terms.set(JSON.stringify(term), term);
  }
  const sizeOf = ({ stems }: SearchTerm) => stems.join('').length;
  return [...terms.values()].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, mostTerms);
}

/** Where each of the texts matches; null unless all clauses are somewhere in them. */
export function matchTexts(
  texts: readonly string[],
  clauses: readonly Clause[],
  readWords: ReadWords,
): readonly (readonly Match[])[] | null {
  const words = texts.map(readWords);
  const matches = texts.map((): Match[] => []);
  for (const clause of clauses) {
    let isThere = false;
    words.forEach((those, at) => {
      for (const match of occurrences(clause, those)) {
        isThere = true;
        matches[at]?.push(match);
      }
    });
    if (!isThere) return null;
  }
  return matches.map((those) => joined(those).slice(0, mostMatches));
}

function* occurrences({ words, isOpen }: Clause, text: readonly Word[]): Generator<Match, void, void> {
  for (let start = 0; start + words.length <= text.length; start++) {
    if (
      !words.every((word, i) =>
        isSame(word, text[start + i] as Word, words.length > 1, isOpen && i === words.length - 1),
      )
    )
      continue;
    const [first, last] = [text[start] as Word, text[start + words.length - 1] as Word];
    yield { from: first.from, to: last.to };
  }
}

/** Within a phrase the first stem alone counts: the index keeps no other one in its place. */
function isSame(wanted: Word, there: Word, inPhrase: boolean, isOpen: boolean): boolean {
  if (wanted.stems[0] === there.stems[0]) return true;
  if (isOpen && there.word.startsWith(wanted.word)) return true;
  return (!inPhrase || isOpen) && wanted.stems.some((stem) => there.stems.includes(stem));
}

const isShort = ({ word }: Word): boolean => word.length < shortestBeginning;

/** In order, those that touch or overlap as one. */
function joined(matches: readonly Match[]): readonly Match[] {
  const whole: { from: number; to: number }[] = [];
  for (const { from, to } of [...matches].sort((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
}
