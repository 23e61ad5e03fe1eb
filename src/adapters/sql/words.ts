/** Every word, folded, behind a space: a text that holds ` be` has a word that begins with `be`. */
export function wordsOf(...texts: readonly string[]): string {
  return ` ${texts.map(fold).filter(Boolean).join(' ')}`;
}

/** What to look for in such a text to find words that begin with the query. Null: the query has no words. */
export function likeWords(query: string): string | null {
  const folded = fold(query);
  return folded === '' ? null : `% ${folded.replace(/[\\%_]/g, '\\$&')}%`;
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{P}\p{Z}\p{C}]+/gu, ' ')
    .trim();
}
