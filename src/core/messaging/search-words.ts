import type { Stemmer } from '../../ports/stemmer.ts';

/** A word of a text: where it stands (UTF-16 units, `to` not included), folded, and its stems. */
export interface Word {
  readonly from: number;
  readonly to: number;
  readonly word: string;
  readonly stems: readonly [string, ...string[]];
}

/** The words of a text, in order. */
export type ReadWords = (text: string) => readonly Word[];

/** What is done to texts here; a change that gives other words raises it, and indexes are made anew. */
export const wordsVersion = 1;

/** Longer ones are cut, so that no database has to say how long is too long. */
const longestWord = 64;
const remembered = 20_000;

/**
 * Chinese and Japanese put no spaces between words: there each character counts as one, and what is written together is
 * looked for as a phrase. `it's` and `don’t` are one word.
 */
const pattern =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[[\p{L}\p{M}\p{N}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]]+(?:['’](?:s|t|re|ve|ll|d|m)(?![\p{L}\p{M}\p{N}]))?/giv;

type Reduced = Pick<Word, 'word' | 'stems'> | null;

export function makeReadWords(stemmer: Stemmer): ReadWords {
  const known = new Map<string, Reduced>();

  function reduce(written: string): Reduced {
    const there = known.get(written);
    if (there !== undefined) return there;
    const word = foldWord(written);
    const made = word === '' ? null : { word, stems: stemmer.stems(word) };
    if (known.size >= remembered) known.clear();
    known.set(written, made);
    return made;
  }

  return (text) => {
    const words: Word[] = [];
    for (const match of text.matchAll(pattern)) {
      const [written] = match;
      const reduced = reduce(written);
      if (reduced !== null) words.push({ from: match.index, to: match.index + written.length, ...reduced });
    }
    return words;
  };
}

/** Letters that are no base letter with a mark, and yet stand for others. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
  ς: 'σ',
};

/** Most words. `ё` is not among these letters. */
const needsNothing = /^[a-z0-9а-я]*$/;

/**
 * One spelling of a word: lower case, compatible forms, without diacritics. `й` stays another letter than `и`; marks that make
 * syllables in other scripts stay. Letters, marks and digits alone come out.
 */
function foldWord(written: string): string {
  const lower = written.toLowerCase();
  if (needsNothing.test(lower)) return lower.slice(0, longestWord);
  const folded = lower
    .normalize('NFKD')
    .toLowerCase()
    .replace(/(и)\u0306|[\u0300-\u036f]/g, (_, letter?: string) => (letter === undefined ? '' : 'й'))
    .replace(/[ßæœøłđıς]/g, (letter) => plainLetters[letter] ?? letter)
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
  return cut(folded);
}

function cut(word: string): string {
  if (word.length <= longestWord) return word;
  const kept = word.slice(0, longestWord);
  // No half of a character.
  return kept.isWellFormed() ? kept : kept.slice(0, -1);
}
