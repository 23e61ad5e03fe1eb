import { limits } from '../../protocol/limits.ts';
import { name as nameSchema } from '../../protocol/models.ts';

/** A name to sign in with, made of what somebody is called: `Иван Петров` → `иван.петров`. */
export function accountName(called: string, otherwise: string): string {
  const words =
    called
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const cut = [...words.join('.')].slice(0, limits.nameLength.max - 2).join('');
  const read = nameSchema.safeParse(cut.replace(/[._-]+$/u, ''));
  return read.success && read.data.length <= limits.nameLength.max ? read.data : otherwise;
}

/** What somebody is called, as the product takes it: one line, not too long. */
export function displayedName(called: string, otherwise: string): string {
  const line = called.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
  const cut = cutAt(line, limits.displayNameLength).trim();
  return cut === '' ? otherwise : cut;
}

/** At most so many UTF-16 units, and no half of a character at the end. */
export function cutAt(text: string, units: number): string {
  return text.length <= units
    ? text.toWellFormed()
    : text
        .slice(0, units)
        .replace(/[\ud800-\udbff]$/, '')
        .toWellFormed();
}
