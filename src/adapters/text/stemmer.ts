import { english, russian } from 'multilingual-stemmer';
import type { Stemmer } from '../../ports/stemmer.ts';

const cyrillic = /\p{sc=Cyrillic}/u;
const latin = /\p{sc=Latin}/u;

/** Snowball's English and Russian, told apart by the letters; a word of both kinds of letters, or of neither, may be either. */
export function makeStemmer(): Stemmer {
  return {
    // The package's own version, and ours of what is done with it.
    version: 'snowball-3.1.1/1',
    stems(word) {
      const isCyrillic = cyrillic.test(word);
      const isLatin = latin.test(word);
      if (isLatin && !isCyrillic) return [english(word) || word];
      if (isCyrillic && !isLatin) return [russian(word) || word];
      const [first, second] = [russian(word) || word, english(word) || word];
      return first === second ? [first] : [first, second];
    },
  };
}
