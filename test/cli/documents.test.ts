import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { documents } from '../../scripts/docs.ts';

test.each(Object.entries(documents))('%s is what the code says (mend: npm run docs)', async (path, make) => {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  expect(readFileSync(file, 'utf8')).toBe(await make());
});
