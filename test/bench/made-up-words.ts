import { randomUUID } from 'node:crypto';
import type { ClientId } from '../../src/protocol/ids.ts';

export type Chance = () => number;

/** The same numbers each time (mulberry32). */
export function makeChance(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Forty thousand made-up words, half of them Cyrillic, with endings as languages have them. */
export function makeWords(chance: Chance): readonly string[] {
  const languages = [
    { vowels: 'aeiou', consonants: 'bcdfghklmnprstvw', endings: ['', 's', 'ed', 'ing', 'ly', 'er'] },
    { vowels: 'аеиоуы', consonants: 'бвгдзклмнпрстхч', endings: ['', 'а', 'ы', 'ами', 'ого', 'ить'] },
  ];
  const pick = (from: string | readonly string[]) => from[Math.floor(chance() * from.length)] ?? '';
  return Array.from({ length: 40_000 }, (_, i) => {
    const { vowels, consonants, endings } = languages[i % 2] as (typeof languages)[number];
    const syllables = 1 + Math.floor(chance() * 3);
    const root = Array.from({ length: syllables }, () => pick(consonants) + pick(vowels)).join('');
    return root + pick(consonants) + pick(endings);
  });
}

/** The first words are the most frequent ones, as in any language. */
export function often(chance: Chance, words: readonly string[]): string {
  return words[Math.min(words.length - 1, Math.floor(Math.exp(chance() * Math.log(words.length))) - 1)] ?? '';
}

export function madeUpText(
  chance: Chance,
  words: readonly string[],
  { least = 1, most }: { least?: number; most: number },
) {
  const length = least + Math.floor(chance() * (most - least + 1));
  return Array.from({ length }, () => often(chance, words)).join(' ');
}

/** A UUIDv7 of that time, as the product's client makes it. */
export function uuidAt(ms: number): ClientId {
  const time = Math.floor(ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}` as ClientId;
}
