import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { languages, wordsOf } from '../../src/provision/words/words.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Reasons that the rules of the auth service throw, as they stand in the code. */
function reasonsInCore(): string[] {
  const texts = globSync('src/core/auth/*.ts', { cwd: root }).map((file) => readFileSync(`${root}/${file}`, 'utf8'));
  const thrown = texts.flatMap((text) => [
    ...text.matchAll(/(?:new AppError\(\s*'\w+',\s*|refused\(|refuseTaken\(|unauthenticated\()'(\w+)'/g),
    ...text.matchAll(/\b(?!kind)\w+: '((?:account|invite)_\w+)',/g),
  ]);
  return [...new Set(thrown.map(([, reason = '']) => reason))].sort();
}

describe.each(languages)('in %s', (language) => {
  const table: Readonly<Record<string, unknown>> = wordsOf(language).refusals;

  test('every refusal of the auth service is told with what helps', () => {
    const reasons = reasonsInCore();
    expect(reasons.length).toBeGreaterThan(40);
    expect(reasons.filter((reason) => !(reason in table))).toEqual([]);
  });

  test('every refusal has words, and a command names the instance that was meant', () => {
    const typed = (command: string) => `messenger ${command} -i there`;
    for (const [reason, explain] of Object.entries(wordsOf(language).refusals)) {
      const { what, mend } = explain(typed);
      expect(what, reason).toMatch(/\S.*[.:]$/);
      expect(mend.length, reason).toBeGreaterThan(0);
      for (const line of mend) if (line.includes('messenger')) expect(line).toContain('-i there');
    }
  });
});
