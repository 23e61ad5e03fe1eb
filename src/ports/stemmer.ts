/** Brings the forms of a word together: `письма` and `письмами`, `meeting` and `meetings`. */
export interface Stemmer {
  /**
   * What the forms of a word have in common: one stem, or two where its language is unclear. `word` is folded (lower case,
   * no diacritics but `й`). The first one is always of the same language for the same letters. At once, never throws.
   */
  stems(word: string): readonly [string, ...string[]];
  /** Another one means other stems: what was stemmed under the former is to be made anew. */
  readonly version: string;
}
