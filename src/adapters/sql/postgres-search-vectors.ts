import type { IndexedWords, SearchTerm } from '../../ports/search-index.ts';

/** PostgreSQL counts places no further. */
const lastPlace = 16_383;

/** Behind a sign that no word of a text has. Two people may share one word: who asks looks at the message. */
export const conversationWord = (id: number): string => lexeme(`@c${id}`);
export const senderWord = (userId: string): string => lexeme(`@u${userId.slice(-12)}`);
export const linkWord = lexeme('@link');

export function textVector({ stems, more, hasLink }: IndexedWords): string {
  const placed = split(stems).map((stem, i) => `${lexeme(stem)}:${Math.min(i + 1, lastPlace)}`);
  return [...placed, ...split(more).map(lexeme), ...(hasLink ? [linkWord] : [])].join(' ');
}

export function placeVector(conversation: number, senderId: string | null): string {
  return [conversationWord(conversation), ...(senderId === null ? [] : [senderWord(senderId)])].join(' ');
}

export function termText(term: SearchTerm): string {
  if (term.kind === 'phrase') return `(${term.stems.map(lexeme).join(' <-> ')})`;
  const any = term.stems.map(lexeme);
  if (term.begins !== null) any.push(`${lexeme(term.begins)}:*`);
  return `(${any.join(' | ')})`;
}

const split = (words: string): string[] => (words === '' ? [] : words.split(' '));

/** Words hold letters, marks and digits alone; should one hold a quote, it stays within its own. */
function lexeme(word: string): string {
  return `'${word.replace(/['\\]/g, '$&$&')}'`;
}
