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

/** Told well enough by the kind of error they come with, or never met by a person with this client. */
const toldByKind = new Set([
  ...['store_away', 'throttled', 'not_permitted', 'no_such_user', 'no_such_session', 'no_such_token', 'no_such_invite'],
  ...['no_such_passkey', 'no_such_conversation', 'account_deleted', 'account_not_active', 'deletion_under_way'],
  ...['cursor_invalid', 'too_many_tokens', 'scope_above_role', 'scope_missing', 'needs_a_person'],
  // These end the session, and what ended it is told.
  ...['session_closed', 'session_reused', 'refresh_token_invalid', 'token_expired', 'token_invalid'],
]);

async function reasonsOfAuth(): Promise<string[]> {
  const { readdir, readFile } = await import(/* @vite-ignore */ String('node:fs/promises'));
  const folder = new URL('../../src/core/auth/', import.meta.url).pathname;
  const files: string[] = await readdir(folder);
  const sources: string[] = await Promise.all(files.map((file) => readFile(folder + file, 'utf8')));
  const thrown = /(?:AppError\('\w+', |refused\()'(?<reason>\w+)'/g;
  return sources.flatMap((source) => [...source.matchAll(thrown)].map(({ groups }) => groups?.reason ?? ''));
}

test('whatever the auth service refuses has words of its own, or ones for its kind', async () => {
  const reasons = new Set(await reasonsOfAuth());
  expect(reasons.size).toBeGreaterThan(20);
  const told = new Set(Object.keys(en.errors.reasons));
  expect([...reasons].filter((reason) => !told.has(reason) && !toldByKind.has(reason))).toEqual([]);
});
