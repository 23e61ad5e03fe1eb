import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Requirements of OWASP ASVS 5.0, levels 1 and 2, by section: they are numbered from 1, and these are the last numbers. */
const sections: Readonly<Record<string, number>> = {
  ...{ '1.1': 2, '1.2': 9, '1.3': 11, '1.4': 3, '1.5': 2 },
  ...{ '2.1': 3, '2.2': 3, '2.3': 4, '2.4': 1 },
  ...{ '3.2': 2, '3.3': 4, '3.4': 6, '3.5': 5, '3.7': 2 },
  ...{ '4.1': 3, '4.2': 1, '4.3': 2, '4.4': 4 },
  ...{ '5.1': 1, '5.2': 3, '5.3': 2, '5.4': 3 },
  ...{ '6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5, '6.6': 3, '6.8': 4 },
  ...{ '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 2, '7.6': 2 },
  ...{ '8.1': 2, '8.2': 3, '8.3': 1, '8.4': 1 },
  ...{ '9.1': 3, '9.2': 4 },
  ...{ '10.1': 2, '10.2': 2, '10.3': 4, '10.4': 11, '10.5': 5, '10.6': 2, '10.7': 3 },
  ...{ '11.1': 2, '11.2': 3, '11.3': 3, '11.4': 4, '11.5': 1, '11.6': 1 },
  ...{ '12.1': 3, '12.2': 2, '12.3': 4 },
  ...{ '13.1': 1, '13.2': 5, '13.3': 2, '13.4': 5 },
  ...{ '14.1': 2, '14.2': 4, '14.3': 3 },
  ...{ '15.1': 3, '15.2': 3, '15.3': 7 },
  ...{ '16.1': 1, '16.2': 5, '16.3': 4, '16.4': 3, '16.5': 3 },
  ...{ '17.1': 1, '17.2': 4, '17.3': 2 },
};

const docs = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'security.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| V\d/.test(line))
  .map((line) => line.slice(2, -2).split(' | '));

/** `V6.8.1–4` names four. */
function idsIn(cell: string): string[] {
  return [...cell.matchAll(/V(\d+\.\d+)\.(\d+)(?:–(\d+))?/g)].flatMap(([, section, first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => `V${section}.${Number(first) + at}`),
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The title of a test or of a row of its table, and behind it what it does or is given. */
function hasTest(source: string, title: string): boolean {
  return new RegExp(`(['"\`])${escaped(title)}\\1,\\s*\\S`).test(source);
}

test('docs/security.md answers every requirement of ASVS level 2 once, and no other', () => {
  const wanted = Object.entries(sections).flatMap(([section, last]) => idsIn(`V${section}.1–${last}`));
  expect(wanted).toHaveLength(253);
  expect(rows.flatMap(([ids = '']) => idsIn(ids))).toEqual(wanted);
  for (const [ids, asks, how] of rows) expect([ids, asks, how].every((cell) => cell?.trim())).toBe(true);
});

test('every test that docs/security.md names is there', () => {
  const links = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)];
  expect(links.length).toBeGreaterThan(150);
  const missing = links.filter(([, title = '', path = '']) => {
    const file = join(docs, '..', path);
    return !existsSync(file) || !hasTest(readFileSync(file, 'utf8'), title);
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});

test('every page that docs/security.md names is there', () => {
  const pages = [...page.matchAll(/\]\(((?!\.\.\/test)[^)]+)\)/g)].map(([, path = '']) => path);
  expect(pages.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
});
