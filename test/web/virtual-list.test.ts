import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Anchor,
  emptyLayout,
  heightOfAll,
  holdAnchor,
  type Layout,
  layOut,
  rangeFor,
  rowAt,
  settle,
  topOf,
} from '../../src/web/conversation/virtual-list.ts';

const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`);

describe('finding rows', () => {
  test('an empty list has no rows', () => {
    expect(rangeFor(emptyLayout, 0, 800, 600)).toEqual({ from: 0, to: 0 });
    expect(heightOfAll(emptyLayout)).toBe(0);
  });

  test('a row is found at its top, inside it, and at the ends beyond the list', () => {
    const layout = layOut(keysOf(3), () => 10, 5);
    expect([-100, 5, 14.9, 15, 34, 1_000].map((y) => rowAt(layout, y))).toEqual([0, 0, 0, 1, 2, 2]);
  });

  test('the range covers the view and what is spare around it, and no more than one row beyond', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 900 }),
        (heights, top, spare) => {
          const layout = layOut(keysOf(heights.length), (index) => heights[index] ?? 0, 0);
          const { from, to } = rangeFor(layout, top, 800, spare);
          expect(topOf(layout, from)).toBeLessThanOrEqual(Math.max(0, top - spare));
          expect(topOf(layout, to)).toBeGreaterThanOrEqual(Math.min(heightOfAll(layout), top + 800 + spare));
        },
      ),
    );
  });
});

/** The list and the scroll position as the view keeps them, without a browser. */
function makeReader(count: number) {
  let rows = keysOf(count).map((key) => ({ key, height: 50 }));
  let layout: Layout = layOut(keysOf(count), () => 50, 0);
  let top = 2_000;
  let made = count;
  const place = () => new Map(rows.map((row, index) => [row.key, index]));
  const anchorAt = (): Anchor => {
    const index = rowAt(layout, top);
    return { key: rows[index]?.key ?? '', y: topOf(layout, index) };
  };
  const change = (next: typeof rows, anchor: Anchor, moving: boolean) => {
    rows = next;
    const places = place();
    layout = holdAnchor(
      layOut(
        rows.map((row) => row.key),
        (index) => rows[index]?.height ?? 0,
        layout.base,
      ),
      anchor,
      (key) => places.get(key),
    );
    const { from } = rangeFor(layout, top, 800, 900);
    const shift = settle(layout, { firstTop: topOf(layout, from), top, moving });
    if (shift !== 0) layout = { ...layout, base: 0 };
    top += shift;
  };
  return {
    /** Where the row at the view's top stands in the view. */
    read: () => {
      const anchor = anchorAt();
      return { key: anchor.key, y: anchor.y - top };
    },
    standsAt: (key: string) => topOf(layout, place().get(key) ?? -1) - top,
    has: (key: string) => place().has(key),
    reachable: () => {
      const { from } = rangeFor(layout, top, 800, 900);
      return topOf(layout, from) >= 0 && top >= Math.min(layout.base, 0);
    },
    prepend: (heights: readonly number[], moving: boolean) => {
      const added = heights.map((height) => ({ key: `older${made++}`, height }));
      change([...added, ...rows], anchorAt(), moving);
    },
    append: (heights: readonly number[], moving: boolean) => {
      const added = heights.map((height) => ({ key: `newer${made++}`, height }));
      change([...rows, ...added], anchorAt(), moving);
    },
    measure: (at: number, height: number, moving: boolean) => {
      const anchor = anchorAt();
      const index = at % rows.length;
      change(
        rows.map((row, which) => (which === index ? { ...row, height } : row)),
        anchor,
        moving,
      );
    },
    forgetOlder: (count: number, moving: boolean) => {
      const anchor = anchorAt();
      const first = rows.findIndex((row) => row.key === anchor.key);
      change(rows.slice(Math.min(count, first)), anchor, moving);
    },
    forgetNewer: (count: number, moving: boolean) => {
      const anchor = anchorAt();
      const first = rows.findIndex((row) => row.key === anchor.key);
      change(rows.slice(0, Math.max(first + 1, rows.length - count)), anchor, moving);
    },
    scroll: (by: number) => {
      top = Math.max(0, Math.min(top + by, layout.base + heightOfAll(layout) - 800));
      const { from } = rangeFor(layout, top, 800, 900);
      const shift = settle(layout, { firstTop: topOf(layout, from), top, moving: true });
      if (shift !== 0) layout = { ...layout, base: 0 };
      // Nobody scrolls above the top.
      top = Math.max(0, top + shift);
    },
  };
}

describe('what is being read', () => {
  const heights = fc.array(fc.integer({ min: 20, max: 400 }), { maxLength: 60 });
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('prepend' as const, 'append' as const), heights, moving: fc.boolean() }),
    fc.record({
      kind: fc.constant('measure' as const),
      at: fc.nat(),
      height: fc.integer({ min: 20, max: 900 }),
      moving: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('forgetOlder' as const), count: fc.nat({ max: 80 }), moving: fc.boolean() }),
    fc.record({ kind: fc.constant('forgetNewer' as const), count: fc.nat({ max: 80 }), moving: fc.boolean() }),
  );

  test('stays where it is, whatever comes, goes or changes its height around it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -1_500, max: 1_500 }), step), { maxLength: 30 }), (steps) => {
        const reader = makeReader(200);
        for (const [by, change] of steps) {
          reader.scroll(by);
          const before = reader.read();
          if (change.kind === 'prepend') reader.prepend(change.heights, change.moving);
          else if (change.kind === 'append') reader.append(change.heights, change.moving);
          else if (change.kind === 'measure') reader.measure(change.at, change.height, change.moving);
          else if (change.kind === 'forgetOlder') reader.forgetOlder(change.count, change.moving);
          else if (change.kind === 'forgetNewer') reader.forgetNewer(change.count, change.moving);
          expect(reader.has(before.key)).toBe(true);
          expect(reader.standsAt(before.key)).toBeCloseTo(before.y, 6);
          expect(reader.reachable()).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the scroll position rests while the person scrolls, as long as it can', () => {
    const layout = { ...layOut(keysOf(100), () => 50, 0), base: 30 };
    expect(settle(layout, { firstTop: 500, top: 1_000, moving: true })).toBe(0);
    expect(settle(layout, { firstTop: 500, top: 1_000, moving: false })).toBe(-30);
    expect(settle(layout, { firstTop: 30, top: 10, moving: true })).toBe(-30);
    expect(settle({ ...layout, base: -30 }, { firstTop: -30, top: 10, moving: true })).toBe(30);
  });
});
