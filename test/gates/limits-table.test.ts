import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';

const docs = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'limits.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '))
  .map(([limit = '', value = '', , shown = '']) => ({ limit: limit.replaceAll('`', ''), value, file: fileIn(shown) }));

function fileIn(cell: string): string {
  return /\]\(([^)]+)\)/.exec(cell)?.[1] ?? '';
}

const written = (value: number) => value.toLocaleString('en');
function valueIn(limit: keyof typeof limits): string {
  const value = limits[limit];
  return typeof value === 'number' ? written(value) : `${written(value.min)} to ${written(value.max)}`;
}

test('docs/limits.md has every limit, in the order of the code, with its value', () => {
  expect(rows.map(({ limit }) => limit)).toEqual(Object.keys(limits));
  const said = rows.map(({ limit, value }) => [limit, value.replace(/ (ms|bytes|hours)$/, '')]);
  expect(said).toEqual(Object.keys(limits).map((limit) => [limit, valueIn(limit as keyof typeof limits)]));
});

test.each(rows)('the test that docs/limits.md names for $limit speaks of it', ({ limit, file }) => {
  expect(readFileSync(join(docs, file), 'utf8')).toContain(limit);
});

test('every test that the page names is there', () => {
  const links = [...page.matchAll(/\]\((\.\.\/test[^)]+)\)/g)].map(([, link]) => link as string);
  expect(links.filter((link) => !existsSync(join(docs, link)))).toEqual([]);
});
