import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/protocol/ids.ts';
import type { Profile } from '../../src/protocol/models.ts';
import { mentionAt, peopleFor, withMention } from '../../src/web/conversation/mention-input.ts';

const person = (name: string, displayName: string, gone = false): Profile => ({
  userId: name as UserId,
  name,
  displayName,
  gone,
});

describe('a mention being typed', () => {
  test.each([
    ['@', 1, ''],
    ['hello @an', 9, 'an'],
    ['(@an', 4, 'an'],
    ['@an and more', 3, 'an'],
    ['@Ма', 3, 'Ма'],
    ['@anna.p', 7, 'anna.p'],
  ])('is found in %j at %i', (text, caret, query) => {
    expect(mentionAt(text, caret)?.query).toBe(query);
  });

  test.each([
    ['anna@example', 12],
    ['https://example.org/@an', 23],
    ['@an na', 6],
    ['no', 2],
    ['@@an', 4],
  ])('is not found in %j', (text, caret) => {
    expect(mentionAt(text, caret)).toBeNull();
  });

  test('is written out where it stands, with one space behind it', () => {
    const at = (text: string, caret: number) => {
      const mention = mentionAt(text, caret);
      return mention && withMention(text, mention, 'anna.petrova');
    };
    expect(at('ask @an', 7)).toEqual({ text: 'ask @anna.petrova ', caret: 18 });
    expect(at('ask @an please', 7)).toEqual({ text: 'ask @anna.petrova please', caret: 18 });
    expect(at('@', 1)).toEqual({ text: '@anna.petrova ', caret: 14 });
  });
});

test('people are found by the beginning of their sign-in name or of a word of their name, without accents', () => {
  const people = [
    person('anna.petrova', 'Anna Petrova'),
    person('zoe', 'Zoë Müller-Groß'),
    person('ivy', 'Ivy', true),
    person('olga', 'Ольга'),
  ];
  const names = (query: string) => peopleFor(query, people).map(({ name }) => name);
  expect(names('')).toEqual(['anna.petrova', 'zoe', 'olga']);
  expect(names('pet')).toEqual(['anna.petrova']);
  expect(names('mul')).toEqual(['zoe']);
  expect(names('ол')).toEqual(['olga']);
  expect(names('iv')).toEqual([]);
});
