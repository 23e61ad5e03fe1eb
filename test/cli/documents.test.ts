import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { documents } from '../../scripts/docs.ts';
import { type CommandWords, wordsOf } from '../../src/provision/words/words.ts';

test.each(Object.entries(documents))('%s is what the code says (mend: npm run docs)', async (path, make) => {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  expect(readFileSync(file, 'utf8')).toBe(await make());
});

/** Command lines that a document shows, without the program's name. */
function shownCommands(path: string): string[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  return [...text.matchAll(/^\$ messenger (.+)$/gm)].map(([, command = '']) => command);
}

test.each(shownCommands('docs/accounts.md'))(
  'docs/accounts.md: `messenger %s` is a command with such flags',
  (command) => {
    const known: Readonly<Record<string, CommandWords>> = wordsOf('en').commands;
    const id = Object.keys(known).find((name) => command === name || command.startsWith(`${name} `));
    expect(id).toBeDefined();
    const flags = [...command.matchAll(/(?<= )--([a-z-]+)/g)].map(([, flag = '']) => flag);
    const allowed = { ...wordsOf('en').globalFlags, ...known[id ?? '']?.flags };
    expect(flags.filter((flag) => !(flag in allowed))).toEqual([]);
  },
);
