import { limits } from '../../protocol/limits.ts';

/** A text as messages that are not too long, cut between lines or words where there are some. NUL and lone surrogates go. */
export function textParts(text: string): readonly string[] {
  const clean = text.toWellFormed().replaceAll('\0', '');
  if (Buffer.byteLength(clean) <= limits.textBytes) return clean.trim() === '' ? [] : [clean];
  // However its characters are written, so many take no more bytes than one message may have.
  const most = Math.floor(limits.textBytes / 3);
  const parts: string[] = [];
  for (let rest = clean; rest !== ''; ) {
    const end = rest.length <= most ? rest.length : endOf(rest, most);
    const part = rest.slice(0, end).trim();
    if (part !== '') parts.push(part);
    rest = rest.slice(end);
  }
  return parts;
}

function endOf(text: string, most: number): number {
  const begin = text.slice(0, most);
  const line = begin.lastIndexOf('\n');
  if (line > most / 2) return line + 1;
  const word = begin.lastIndexOf(' ');
  if (word > most / 2) return word + 1;
  return /[\ud800-\udbff]$/.test(begin) ? most - 1 : most;
}
