import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { name } from '../../src/protocol/models.ts';
import { deriveName, isLongEnough, numberedName } from '../../src/protocol/names.ts';

describe('the sign-in name that a typed name suggests', () => {
  test.each([
    ['Anna Petrova', 'anna.petrova'],
    ['  Zoë   Müller-Groß! ', 'zoë.müller-groß'],
    ['Юлия', 'юлия'],
    ['Liam O’Connor', 'liam.oconnor'],
    ['J. R. R. Tolkien', 'j.r.r.tolkien'],
    ['🦊 Foxy', 'foxy'],
    ['…', ''],
    ['ANNA\u00a0P', 'anna.p'],
    ['ﬁ', 'fi'],
    ['محمد عبد الرحمن', 'محمد.عبد.الرحمن'],
  ])('%j gives %j', (typed, derived) => {
    expect(deriveName(typed)).toBe(derived);
  });

  const typed = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 80 }));

  test('is accepted by the server wherever it is long enough', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const derived = deriveName(text);
        expect(derived.length).toBeLessThanOrEqual(limits.nameLength.max);
        if (isLongEnough(derived)) expect(name.parse(derived)).toBe(derived);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is accepted with a number behind it too', () => {
    fc.assert(
      fc.property(typed, fc.integer({ min: 2, max: 9_999 }), (text, number) => {
        const derived = deriveName(text);
        fc.pre(isLongEnough(derived));
        const numbered = numberedName(derived, number);
        expect(name.parse(numbered)).toBe(numbered);
        expect(numbered).not.toBe(derived);
      }),
    );
  });

  test('stays itself when derived again', () => {
    fc.assert(
      fc.property(typed, (text) => {
        expect(deriveName(deriveName(text))).toBe(deriveName(text));
      }),
    );
  });
});
