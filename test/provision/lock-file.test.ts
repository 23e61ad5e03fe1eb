import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lockFile, missing } from '../../scripts/complete-lock.ts';

test('the lock names what every platform needs, so that `npm ci` works on each (mend: node scripts/complete-lock.ts)', () => {
  expect(missing(JSON.parse(readFileSync(lockFile, 'utf8')))).toEqual([]);
});
