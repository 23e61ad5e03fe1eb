import { Parser } from 'htmlparser2';
import type { PageSummary } from '../../ports/link-reader.ts';
import type { Fetched } from './link-fetching.ts';

/** Of one line, in UTF-16 units. */
const titleLength = 200;
const descriptionLength = 300;
const siteLength = 100;
/** A name or text longer than that is not looked at to its end. */
const longestRaw = 4_000;

/** What a page says about itself in its `<title>` and `<meta>`; null without a title. Nothing of it is run or loaded. */
export function summarise({ url, charset, content }: Fetched): PageSummary | null {
  const said = readMeta(decode(content, charset));
  const first = (...names: string[]) => names.map((name) => clean(said.get(name) ?? '')).find((text) => text !== '');
  const title = first('og:title', 'twitter:title', '<title>');
  if (title === undefined) return null;
  return {
    site: bounded(url.hostname.replace(/^www\./, ''), siteLength),
    title: bounded(title, titleLength),
    description: bounded(first('og:description', 'twitter:description', 'description') ?? '', descriptionLength),
  };
}

/** The first of each name counts, as it does for others. */
function readMeta(html: string): ReadonlyMap<string, string> {
  const said = new Map<string, string>();
  const note = (name: string, text: string) => {
    if (text.trim() !== '' && !said.has(name)) said.set(name, text.slice(0, longestRaw));
  };
  let title: string | null = null;
  let drawing = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'svg') drawing++;
      if (name === 'title' && drawing === 0) title = '';
      if (name !== 'meta') return;
      const of = (attributes.property ?? attributes.name ?? '').trim().toLowerCase();
      if (wanted.has(of)) note(of, attributes.content ?? '');
    },
    ontext(text) {
      if (title !== null && title.length < longestRaw) title += text;
    },
    onclosetag(name) {
      if (name === 'svg') drawing--;
      if (name !== 'title' || title === null) return;
      note('<title>', title);
      title = null;
    },
  });
  parser.end(html);
  return said;
}

const wanted = new Set(['og:title', 'og:description', 'twitter:title', 'twitter:description', 'description']);

/** As the header says, else its byte order mark or `<meta>`, else as UTF-8. What makes no sense is replaced. */
function decode(content: Buffer, charset: string | null): string {
  const label = markOf(content) ?? charset ?? declared(content) ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(content);
  } catch {
    return new TextDecoder().decode(content);
  }
}

function markOf(content: Buffer): string | null {
  const start = content.toString('latin1', 0, 3);
  if (start === 'ï»¿') return 'utf-8';
  if (start.startsWith('þÿ')) return 'utf-16be';
  return start.startsWith('ÿþ') ? 'utf-16le' : null;
}

function declared(content: Buffer): string | null {
  const start = content.toString('latin1', 0, 2048);
  return /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,40})/i.exec(start)?.[1] ?? null;
}

/**
 * One line that shows nothing but itself: without control characters, and without those that turn the direction of what
 * stands around it.
 */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Bidi_Control}\u200B\u2060\uFEFF]/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

/** Cut between characters as people see them. */
function bounded(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, most * 2))) {
    if (kept.length + segment.length >= most) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
