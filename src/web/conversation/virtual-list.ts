/**
 * The arithmetic of a list of which only the rows in view exist. Rows have heights that are guessed until they are
 * measured. `base` is where the first row begins in what is scrolled: it takes up the errors of guesses above the view, so
 * that what is being read stays where it is without moving the scroll position under a finger. It must come back to 0
 * sooner or later (`settle`), by moving the scroll position by the same amount.
 */
export interface Layout {
  readonly keys: readonly string[];
  /** Where each row begins, from the first one on; one more than there are rows: the last is the height of all. */
  readonly starts: Float64Array;
  readonly base: number;
}

export const emptyLayout: Layout = { keys: [], starts: new Float64Array(1), base: 0 };

/** A row and where its top was: what must not move. */
export interface Anchor {
  readonly key: string;
  /** From the top of what is scrolled. */
  readonly y: number;
}

export function layOut(keys: readonly string[], heightOf: (index: number) => number, base: number): Layout {
  const starts = new Float64Array(keys.length + 1);
  let sum = 0;
  for (let index = 0; index < keys.length; index += 1) {
    starts[index] = sum;
    sum += heightOf(index);
  }
  starts[keys.length] = sum;
  return { keys, starts, base };
}

export const topOf = ({ starts, base }: Layout, index: number): number => base + (starts[index] ?? 0);
export const heightOfAll = ({ starts }: Layout): number => starts[starts.length - 1] ?? 0;

/** The row at a height of what is scrolled; the nearest one beyond the ends. */
export function rowAt({ starts, base }: Layout, y: number): number {
  const wanted = y - base;
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

export interface Range {
  readonly from: number;
  /** The first row behind it. */
  readonly to: number;
}

/** The rows that must exist for a view, with `spare` pixels above and below. */
export function rangeFor(layout: Layout, top: number, height: number, spare: number): Range {
  if (layout.keys.length === 0) return { from: 0, to: 0 };
  return { from: rowAt(layout, top - spare), to: rowAt(layout, top + height + spare) + 1 };
}

/** The same layout, moved so that the anchor's row is where it was. Unchanged where that row is gone. */
export function holdAnchor(
  layout: Layout,
  anchor: Anchor | null,
  indexOf: (key: string) => number | undefined,
): Layout {
  const index = anchor === null ? undefined : indexOf(anchor.key);
  if (anchor === null || index === undefined) return layout;
  return { ...layout, base: anchor.y - (layout.starts[index] ?? 0) };
}

/**
 * By how much the scroll position must move, and the rows with it, so that `base` is 0 again; 0 while it may stay. It may
 * stay while the person scrolls, unless a row that must exist would begin above the top of what is scrolled, where
 * nothing can be placed, or the gap above the first row comes into view.
 */
export function settle(
  layout: Layout,
  { firstTop, top, moving }: { firstTop: number; top: number; moving: boolean },
): number {
  if (layout.base === 0) return 0;
  const gapInView = layout.base > 0 && top < layout.base;
  return !moving || firstTop < 0 || gapInView ? -layout.base : 0;
}
