/** A text cut into what is shown as text, as a link, or as code. Put together, the pieces are the text again. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'mention'; readonly text: string; readonly mine: boolean }
  | { readonly kind: 'code'; readonly text: string; readonly block: boolean };

/** Names that are mentions in a text, as the server found them, in lower case; whether they are mine. */
export type Mentions = ReadonlyMap<string, boolean>;

/** Never throws, whatever is written; the time it takes grows with the length alone. */
export function cutText(text: string, mentions: Mentions = new Map()): readonly Piece[] {
  const pieces: Piece[] = [];
  let rest = 0;
  const cut = (part: string) => cutLinks(part).flatMap((piece) => cutMentions(piece, mentions));
  for (const match of text.matchAll(code)) {
    pieces.push(...cut(text.slice(rest, match.index)));
    const [whole, block, inline] = match;
    pieces.push({ kind: 'code', text: block ?? inline ?? '', block: block !== undefined });
    rest = match.index + whole.length;
  }
  pieces.push(...cut(text.slice(rest)));
  return pieces;
}

/** As the server reads it: the whole of a sign-in name behind an @ that is in no address. */
const mention =
  /(?<![\p{L}\p{M}\p{N}_%+/@])@([\p{L}\p{M}\p{N}]+(?:[._-][\p{L}\p{M}\p{N}]+)*)(?![\p{L}\p{M}\p{N}@]|[._-][\p{L}\p{M}\p{N}])/gu;

function cutMentions(piece: Piece, mentions: Mentions): readonly Piece[] {
  if (piece.kind !== 'text' || mentions.size === 0) return [piece];
  const pieces: Piece[] = [];
  let rest = 0;
  for (const match of piece.text.matchAll(mention)) {
    const mine = mentions.get((match[1] ?? '').normalize('NFKC').toLowerCase());
    if (mine === undefined) continue;
    if (match.index > rest) pieces.push({ kind: 'text', text: piece.text.slice(rest, match.index) });
    pieces.push({ kind: 'mention', text: match[0], mine });
    rest = match.index + match[0].length;
  }
  if (rest < piece.text.length) pieces.push({ kind: 'text', text: piece.text.slice(rest) });
  return pieces;
}

const code = /```\n?([^`]+?)\n?```|`([^`\n]+)`/gu;

/**
 * What may be a link: an address with a scheme, one that begins with www., a bare domain under a well-known ending, or a
 * mail address. Characters that turn the writing direction end it, so that a link cannot show as another.
 */
const directionMarks = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const inAddress = `[^\\s<>"'\`{}|\\\\^${directionMarks}]`;
const endings = 'com|org|net|info|io|dev|app|edu|gov|me|tv|eu|ru|de|fr|uk|es|it|nl|pl|ua|ch|at|jp|cn|in|br|au|ca|us|рф';
const candidate = new RegExp(
  [
    `(?<![\\p{L}\\p{N}])(?:https?://|mailto:|tel:|www\\.)${inAddress}+`,
    `(?<![\\p{L}\\p{N}._%+@/-])[\\p{L}\\p{N}][\\p{L}\\p{N}._%+-]{0,63}@(?:[\\p{L}\\p{N}-]{1,63}\\.){1,8}\\p{L}{2,24}(?![\\p{L}\\p{N}@])`,
    `(?<![\\p{L}\\p{N}._%+@/:-])(?:[\\p{L}\\p{N}][\\p{L}\\p{N}-]{0,62}\\.){1,8}(?:${endings})(?![\\p{L}\\p{N}@_-]|\\.[\\p{L}\\p{N}])(?:[/?#]${inAddress}*)?`,
  ].join('|'),
  'giu',
);

function cutLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = 0;
  const keep = (to: number) => {
    if (to > rest) pieces.push({ kind: 'text', text: text.slice(rest, to) });
  };
  for (const match of text.matchAll(candidate)) {
    const shown = withoutTail(match[0]);
    const href = addressOf(shown);
    if (href === null) continue;
    keep(match.index);
    pieces.push({ kind: 'link', text: shown, href });
    rest = match.index + shown.length;
  }
  keep(text.length);
  return pieces;
}

const brackets: Readonly<Record<string, string>> = { ')': '(', ']': '[', '»': '«' };

/** Punctuation behind an address belongs to the sentence; a closing bracket only where none was opened inside. */
function withoutTail(address: string): string {
  const surplus = surplusOf(address);
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1] ?? '';
    const unopened = surplus.get(last) ?? 0;
    if (unopened > 0) surplus.set(last, unopened - 1);
    else if (last in brackets || !/[.,;:!?…*_~]/u.test(last)) break;
  }
  return address.slice(0, end);
}

/** By how many each closing bracket is more frequent than its opening one. */
function surplusOf(address: string): Map<string, number> {
  const count = (wanted: string) => address.split(wanted).length - 1;
  return new Map(Object.entries(brackets).map(([closing, opening]) => [closing, count(closing) - count(opening)]));
}

const allowed = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/** Where a link leads; null where it must not be one. An address with a name before an @ could show another host than it leads to. */
export function addressOf(shown: string): string | null {
  const address = /^(?:https?|mailto|tel):/iu.test(shown)
    ? shown
    : /^[^/?#]*@/u.test(shown)
      ? `mailto:${shown}`
      : `https://${shown}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (!allowed.has(url.protocol)) return null;
  if (url.protocol === 'tel:') return /^tel:\+?[\d().-]{3,32}$/u.test(url.href) ? url.href : null;
  if (url.protocol === 'mailto:') return url.pathname.includes('@') ? url.href : null;
  return url.username === '' && url.password === '' && url.hostname !== '' ? url.href : null;
}

const emoji = /^(?:\p{RGI_Emoji}|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f?)$/v;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How many emoji a text is made of, where there is nothing else in it and they are at most `most`; else 0. */
export function emojiCount(text: string, most = 3): number {
  const packed = text.replace(/\s+/gu, '');
  // The longest emoji (a family, a flag of a region) take less than 40 units.
  if (packed === '' || packed.length > most * 40) return 0;
  let count = 0;
  for (const { segment } of segmenter.segment(packed)) {
    if (!emoji.test(segment)) return 0;
    count += 1;
    if (count > most) return 0;
  }
  return count;
}

export const foldedLines = 30;

/** Whether a text may be longer than what is shown of it; measured when it is drawn. */
export const mayFold = (text: string): boolean =>
  text.length > 600 || text.split('\n', foldedLines + 1).length > foldedLines;
