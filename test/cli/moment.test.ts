import { describe, expect, test } from 'vitest';
import { momentOf } from '../../src/commands/terminal/moment.ts';

const now = Date.UTC(2026, 10, 24, 12);
const hour = 3_600_000;

describe('a time on the command line', () => {
  test.each([
    ['30m', now - hour / 2],
    ['12h', now - 12 * hour],
    ['2d', now - 48 * hour],
    ['1w', now - 7 * 24 * hour],
    ['99999w', 0],
    ['2026-11-24T18:30:00Z', Date.UTC(2026, 10, 24, 18, 30)],
    ['2026-11-24T18:30', new Date(2026, 10, 24, 18, 30).getTime()],
    ['2026-11-24 18:30', new Date(2026, 10, 24, 18, 30).getTime()],
  ])('%s is a moment', (word, moment) => {
    expect(momentOf(word, now, 'start')).toBe(moment);
  });

  test('a day is meant from its beginning or to its end, in the time zone of the host', () => {
    expect(momentOf('2026-11-24', now, 'start')).toBe(new Date(2026, 10, 24).getTime());
    expect(momentOf('2026-11-24', now, 'end')).toBe(new Date(2026, 10, 25).getTime() - 1);
  });

  test.each(['', 'yesterday', '2', '2x', '-2d', '2026', '2026-13-01', '2026-11-24T', '1969-01-01'])(
    '%j is none',
    (word) => {
      expect(momentOf(word, now, 'start')).toBeNull();
    },
  );
});
