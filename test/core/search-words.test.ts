import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeStemmer } from '../../src/adapters/text/stemmer.ts';
import { matchTexts, parseQuery, termsOf } from '../../src/core/messaging/search-query.ts';
import { makeReadWords } from '../../src/core/messaging/search-words.ts';

const readWords = makeReadWords(makeStemmer());

/** What a query marks in a text, joined by `|`; null: it does not match. */
function marked(query: string, text: string): string | null {
  const matches = matchTexts([text], parseQuery(query, readWords), readWords);
  return matches === null ? null : (matches[0] ?? []).map(({ from, to }) => text.slice(from, to)).join('|');
}

describe('a word finds its other forms', () => {
  it.each([
    ['meeting', 'Our meetings'],
    ['meetings', 'one meeting'],
    ['running', 'he runs'],
    ['письмо', 'без писем'],
    ['письма', 'письмами'],
    ['встреча', 'на встречу'],
    ['встретились', 'встретился'],
    ['книга', 'книгами'],
    ['большой', 'о больших'],
    ['отправить', 'отправила'],
    ['день рождения', 'с днём рождения'],
    ['John', 'John’s'],
    ["don't", 'dont'],
  ])('%s: %s', (query, text) => {
    // Snowball keeps `письм` and `писем`, `день` and `днем` apart.
    const apart = text === 'без писем' || text.startsWith('с днём');
    expect(marked(query, text) !== null).toBe(!apart);
  });

  it('and not other words', () => {
    expect(marked('cat', 'category')).not.toBeNull();
    expect(marked('cat ears', 'category of ears')).toBeNull();
    expect(marked('мой дом', 'мои дома')).not.toBeNull();
    expect(marked('моя', 'мыло')).toBeNull();
  });
});

describe('spelling', () => {
  it.each([
    ['елка', 'Ёлки', 'Ёлки'],
    ['ЁЖ', 'ежи', 'ежи'],
    ['cafe', 'Café!', 'Café'],
    ['CAFÉ', 'cafe', 'cafe'],
    ['resume', 're\u0301sume\u0301', 're\u0301sume\u0301'],
    ['strasse', 'Straße', 'Straße'],
    ['ΣΟΦΟΣ', 'σοφός', 'σοφός'],
    ['ISTANBUL', 'İstanbul', 'İstanbul'],
    ['lodz', 'Łódź', 'Łódź'],
    ['замок', 'за́мок', 'за́мок'],
    ['ﬁne', 'fine', 'fine'],
    ['１２３', '123', '123'],
  ])('%s is %s', (query, text, mark) => {
    expect(marked(query, text)).toBe(mark);
  });

  it('keeps й apart from и, and signs that make syllables', () => {
    expect(marked('"край"', 'краи')).toBe('краи');
    expect(readWords('край краи кра\u0438\u0306').map(({ word }) => word)).toEqual(['край', 'краи', 'край']);
    expect(readWords('हिन्दी')[0]?.word).toBe('हिन्दी');
    expect(readWords('ไทย')[0]?.word).toBe('ไทย');
  });

  it('of both alphabets is stemmed as either', () => {
    expect(makeStemmer().stems('covidный')).toHaveLength(2);
    expect(marked('covidные', 'covidный')).toBe('covidный');
    expect(marked('iphones', 'iphone')).toBe('iphone');
  });
});

describe('a query', () => {
  it('wants all of its words, anywhere', () => {
    expect(marked('noon meeting', 'the meeting at noon')).toBe('meeting|noon');
    expect(marked('noon midnight', 'the meeting at noon')).toBeNull();
    expect(marked('noon noon', 'noon and noon')).toBe('noon|noon');
  });

  it('may end with a word that is only begun', () => {
    expect(marked('meet', 'meeting')).toBe('meeting');
    expect(marked('meetin', 'Meetings')).toBe('Meetings');
    expect(marked('сообщени', 'сообщений')).toBe('сообщений');
    expect(marked('сооб', 'сообщений')).toBe('сообщений');
    expect(marked('meet noon', 'meeting at noon')).toBe('meeting|noon');
    expect(marked('mee noon', 'meeting at noon')).toBeNull();
    expect(marked('meeting n', 'meeting at noon')).toBe('meeting|noon');
    expect(marked('meeting x', 'meeting at noon')).toBeNull();
  });

  it('of one letter is that letter', () => {
    expect(marked('m', 'meeting')).toBeNull();
    expect(marked('m', 'plan m')).toBe('m');
  });

  it('finds phrases in quotes of any kind, in any form of their words', () => {
    for (const query of ['"new year"', '“new year”', '«new year»', '„new year“', '"new years"'])
      expect(marked(query, 'A New Year, a new big year')).toBe('New Year');
    expect(marked('"новый год"', 'с новым годом')).toBe('новым годом');
    expect(marked('"new year" big', 'A New Year, a new big year')).toBe('New Year|big');
    expect(marked('"new ye"', 'new year')).toBeNull();
    expect(marked('"year new"', 'new year')).toBeNull();
  });

  it('that is still being typed has its quotes open', () => {
    expect(marked('"new ye', 'new year')).toBe('new year');
    expect(marked('"', 'new year')).toBe('');
    expect(marked('new "', 'new year')).toBe('new');
    expect(marked('ne "', 'new year')).toBeNull();
  });

  it('holds together what is written together', () => {
    expect(marked('example.org', 'see https://example.org/a')).toBe('example.org');
    expect(marked('example.o', 'see https://example.org/a')).toBe('example.org');
    expect(marked('example.org', 'an example, org')).toBe('example, org');
    expect(marked('org.example', 'example.org')).toBeNull();
    expect(marked('anna@example.org', 'write to Anna@example.org')).toBe('Anna@example.org');
    expect(marked('well-known', 'well known')).toBe('well known');
    expect(marked('one,two', 'two one')).toBe('two|one');
    expect(marked('北京', '我在北京大学')).toBe('北京');
    expect(marked('京北', '我在北京大学')).toBeNull();
  });

  it('marks what touches once', () => {
    expect(marked('example "example org"', 'example.org')).toBe('example.org');
    expect(marked('a', 'a '.repeat(500))?.split('|')).toHaveLength(100);
  });
});

describe('the terms for an index', () => {
  const terms = (query: string) => termsOf(parseQuery(query, readWords));

  it('are stems, phrases, and how a word begins', () => {
    expect(terms('meetings "new years" runn')).toEqual([
      { kind: 'phrase', stems: ['new', 'year'] },
      { kind: 'word', stems: ['meet'], begins: null },
      { kind: 'word', stems: ['runn'], begins: 'runn' },
    ]);
    expect(terms('exam.co')).toEqual([
      { kind: 'word', stems: ['exam'], begins: null },
      { kind: 'word', stems: ['co'], begins: 'co' },
    ]);
    expect(terms('"new yea')).toMatchObject([{ begins: 'yea' }, { stems: ['new'], begins: null }]);
    expect(terms('x')).toEqual([{ kind: 'word', stems: ['x'], begins: null }]);
    expect(terms('meetings x')).toEqual([{ kind: 'word', stems: ['meet'], begins: null }]);
    expect(terms('!? "" \u0000')).toEqual([]);
  });

  it('are few, and none twice', () => {
    expect(terms('no no no no')).toHaveLength(2);
    expect(terms(Array.from({ length: 100 }, (_, i) => `word${i}`).join(' '))).toHaveLength(16);
  });

  it('hold letters, marks and digits alone, of a bounded length, whatever is written', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
    fc.assert(
      fc.property(texts, (text) => {
        for (const { from, to, word, stems } of readWords(text)) {
          expect(from).toBeLessThan(to);
          for (const each of [word, ...stems]) {
            expect(each).toMatch(/^[\p{L}\p{M}\p{N}]+$/u);
            expect(each.length).toBeLessThanOrEqual(64);
            expect(each.isWellFormed()).toBe(true);
          }
        }
      }),
    );
    expect(readWords('x'.repeat(10_000))[0]?.word).toHaveLength(64);
    expect(readWords('𝒳ß'.repeat(100))[0]?.word.length).toBeLessThanOrEqual(64);
    expect(readWords(`${'a'.repeat(63)}𐐨𐐨`)[0]?.word.isWellFormed()).toBe(true);
  });

  it('of a text find that text', () => {
    const word = fc.constantFrom('cat', 'Running', 'ёлки', 'covidный', 'a', '北京', "it's", 'x.y', 'день', '12');
    const joint = fc.constantFrom(' ', ', ', '.', '\n', ' - ');
    fc.assert(
      fc.property(fc.array(fc.tuple(word, joint), { minLength: 1, maxLength: 8 }), (parts) => {
        const text = parts.flat().join('');
        for (const query of [text, `"${text}"`, text.toUpperCase()]) {
          expect(marked(query, text), query).not.toBeNull();
          const indexed = readWords(text).flatMap(({ word, stems }) => [word, ...stems]);
          for (const term of termsOf(parseQuery(query, readWords))) {
            if (term.kind === 'phrase') for (const stem of term.stems) expect(indexed).toContain(stem);
            else expect(term.stems.some((stem) => indexed.includes(stem))).toBe(true);
          }
        }
      }),
    );
  });
});
