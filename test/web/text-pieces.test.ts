import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, cutText, emojiCount, mayFold } from '../../src/web/conversation/text-pieces.ts';

const links = (text: string) =>
  cutText(text).flatMap((piece) => (piece.kind === 'link' ? [[piece.text, piece.href]] : []));
const shown = (text: string) => links(text).map(([address]) => address);

describe('what becomes a link', () => {
  test.each([
    ['see https://example.org/a?b=c#d now', 'https://example.org/a?b=c#d'],
    ['HTTPS://EXAMPLE.ORG', 'HTTPS://EXAMPLE.ORG'],
    ['www.example.org', 'www.example.org'],
    ['on github.com/foo/bar.', 'github.com/foo/bar'],
    ['(see https://en.wikipedia.org/wiki/Knot_(unit))', 'https://en.wikipedia.org/wiki/Knot_(unit)'],
    ['"https://example.org/x".', 'https://example.org/x'],
    ['https://example.org/x...', 'https://example.org/x'],
    ['«https://example.org/x»', 'https://example.org/x'],
    ['http://192.168.1.20:8080/c/1', 'http://192.168.1.20:8080/c/1'],
    ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
    ['почта anna@пример.рф!', 'anna@пример.рф'],
    ['кремль.рф/новости', 'кремль.рф/новости'],
    ['mailto:anna@example.org?subject=Hi', 'mailto:anna@example.org?subject=Hi'],
    ['tel:+49-30-123456', 'tel:+49-30-123456'],
    ['https://example.org/наш-клуб', 'https://example.org/наш-клуб'],
    ['line\nhttps://example.org\nline', 'https://example.org'],
  ])('%j', (text, expected) => {
    expect(shown(text)).toEqual([expected]);
  });

  test('each of several, and punctuation between them stays text', () => {
    expect(shown('https://a.example, https://b.example; (https://c.example)')).toEqual([
      'https://a.example',
      'https://b.example',
      'https://c.example',
    ]);
  });
});

describe('what never becomes a link', () => {
  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\u0000script:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'intent://scan/#Intent;scheme=x;end',
    'https://',
    'http://user:secret@example.org/',
    'https://bank.example@evil.example/',
    'node.js and readme.md',
    '3.14 and 10.000.000',
    '@anna',
    'a@b',
    'tel:javascript',
    'xhttps://example.org',
    '`https://example.org`',
  ])('%j', (text) => {
    expect(links(text)).toEqual([]);
  });

  test('characters that turn the writing direction end an address', () => {
    expect(shown('https://example.org/\u202egpj.exe')).toEqual(['https://example.org/']);
  });

  test('only http, https, mailto and tel come out of any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('javascript:', 'data:', 'https://', 'www.', 'ht\ttps://', 'a@b.co '),
        (text, before) => {
          for (const [, href = ''] of links(before + text)) expect(href).toMatch(/^(?:https?|mailto|tel):/);
        },
      ),
    );
  });

  test('an address with credentials leads nowhere', () => {
    expect(addressOf('https://a:b@example.org')).toBeNull();
  });
});

describe('cutting', () => {
  test('loses and adds nothing outside of code', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('`')),
        (text) => {
          expect(
            cutText(text)
              .map((piece) => piece.text)
              .join(''),
          ).toBe(text);
        },
      ),
    );
  });

  test('finds code in a line and in blocks', () => {
    expect(cutText('run `npm start`\n```\na\n  b\n```\nthen')).toEqual([
      { kind: 'text', text: 'run ' },
      { kind: 'code', text: 'npm start', block: false },
      { kind: 'text', text: '\n' },
      { kind: 'code', text: 'a\n  b', block: true },
      { kind: 'text', text: '\nthen' },
    ]);
  });

  test('texts made to be slow are not', () => {
    const nasty = [
      'a.'.repeat(8_000),
      'a@'.repeat(8_000),
      `${'a-'.repeat(8_000)}.com`,
      'www.'.repeat(4_000),
      '`'.repeat(16_000),
      '```'.repeat(5_000),
      `https://${'('.repeat(4_000)}${')'.repeat(4_000)}`,
      `https://example.org/${')'.repeat(16_000)}`,
      'http://'.repeat(2_300),
    ];
    // Time that grows with the square of the length would run into the limit of the test.
    for (let round = 0; round < 20; round += 1) for (const text of nasty) cutText(text);
  }, 20_000);
});

describe('texts of emoji alone', () => {
  test.each([
    ['👍', 1],
    ['❤️', 1],
    ['👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿', 2],
    ['😂😂😂', 3],
    ['🇩🇪', 1],
    ['👍🏽', 1],
    ['1️⃣', 1],
    ['😂😂😂😂', 0],
    ['ok 👍', 0],
    ['1', 0],
    ['#', 0],
    ['', 0],
    ['   ', 0],
  ])('%j counts %i', (text, count) => {
    expect(emojiCount(text)).toBe(count);
  });
});

test('only long texts are folded', () => {
  expect(mayFold('short')).toBe(false);
  expect(mayFold('x\n'.repeat(29))).toBe(false);
  expect(mayFold('x\n'.repeat(31))).toBe(true);
  expect(mayFold('x'.repeat(5_000))).toBe(true);
});

describe('mentions', () => {
  const known = new Map([
    ['anna.petrova', true],
    ['олег', false],
  ]);
  const mentioned = (text: string) =>
    cutText(text, known).flatMap((piece) =>
      piece.kind === 'mention' ? [`${piece.text}${piece.mine ? '!' : ''}`] : [],
    );

  test.each([
    ['@anna.petrova look', ['@anna.petrova!']],
    ['(@Anna.Petrova), @Олег.', ['@Anna.Petrova!', '@Олег']],
    ['@anna.petrova.', ['@anna.petrova!']],
  ])('in %j', (text, found) => {
    expect(mentioned(text)).toEqual(found);
  });

  test.each([
    '@anna',
    '@anna.petrova2',
    '@nobody',
    'x@anna.petrova',
    'https://example.org/@anna.petrova',
    '`@anna.petrova`',
  ])('none in %j', (text) => {
    expect(mentioned(text)).toEqual([]);
  });

  test('pieces put together are the text again', () => {
    const text = 'Hi @anna.petrova, see www.example.org and `@олег`, @олег!';
    expect(
      cutText(text, known)
        .map((piece) => (piece.kind === 'code' ? `\`${piece.text}\`` : piece.text))
        .join(''),
    ).toBe(text);
  });
});
