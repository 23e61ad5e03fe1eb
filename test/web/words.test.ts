import { describe, expect, test } from 'vitest';
import { en } from '../../src/web/i18n/en.ts';
import { catalogues, daysBetween } from '../../src/web/i18n/language.ts';
import { pluralOf } from '../../src/web/i18n/plural.ts';
import { ru } from '../../src/web/i18n/ru.ts';

function keysOf(value: object, before = ''): string[] {
  return Object.entries(value).flatMap(([key, inside]) =>
    typeof inside === 'object' && inside !== null ? keysOf(inside, `${before}${key}.`) : [`${before}${key}`],
  );
}

describe('the languages', () => {
  test.each(Object.entries(catalogues))('%s has every text, and no text is empty', (_, catalogue) => {
    expect(keysOf(catalogue).sort()).toEqual(keysOf(en).sort());
    expect(JSON.stringify(catalogue)).not.toContain('""');
  });

  test('Russian counts by its own rules', () => {
    const members = [1, 2, 5, 11, 21, 22, 111, 1_001].map(ru.conversation.members);
    expect(members).toEqual([
      '1 участник',
      '2 участника',
      '5 участников',
      '11 участников',
      '21 участник',
      '22 участника',
      '111 участников',
      '1001 участник',
    ]);
  });

  test('English knows one and many', () => {
    expect([0, 1, 2].map(en.conversation.members)).toEqual(['0 members', '1 member', '2 members']);
  });

  test('a form that a language lacks falls back to the general one', () => {
    expect(pluralOf('ru')(2, { other: 'x' })).toBe('x');
  });
});

test('days are counted by the calendar, over a change of the clock too', () => {
  const at = (text: string) => new Date(text).getTime();
  expect(daysBetween(at('2026-03-28T23:59:00'), at('2026-03-29T00:01:00'))).toBe(1);
  expect(daysBetween(at('2026-03-28T12:00:00'), at('2026-03-30T01:00:00'))).toBe(2);
  expect(daysBetween(at('2026-06-12T00:00:00'), at('2026-06-12T23:59:59'))).toBe(0);
});
