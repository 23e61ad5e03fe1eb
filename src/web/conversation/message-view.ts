import { type Signal, signal } from '@preact/signals';
import { guessHeight, type Row } from './message-rows.ts';
import {
  type Anchor,
  emptyLayout,
  heightOfAll,
  holdAnchor,
  type Layout,
  layOut,
  type Range,
  rangeFor,
  rowAt,
  settle,
  topOf,
} from './virtual-list.ts';

/** Where the view should be: at the end (and stay there as the list grows), or at a row, once. */
export type Goal =
  | { readonly at: 'end' }
  /** `share` says where the row stands in the view: 0 at its top, 0.5 in its middle. */
  | { readonly at: 'row'; readonly find: (row: Row) => boolean; readonly share: number };

export interface MessageView {
  /** Grows by one whenever the drawing must be done again. */
  readonly drawing: Signal<number>;
  /** The view is at the end. */
  readonly atBottom: Signal<boolean>;
  attach(scroller: HTMLElement, content: HTMLElement): () => void;
  /** Before drawing: what to draw, and how high the empty space above and below it is. */
  prepare(rows: readonly Row[], goal: Goal | null): { range: Range; day: number | null; above: number; below: number };
  /** After drawing, before painting: measures and puts everything where it belongs. */
  arrange(): void;
  go(goal: Goal): void;
  indexOf(key: string): number | undefined;
  /** The seq of the last message that is wholly in view or above it; null where there is none. */
  lastSeenSeq(): number | null;
}

interface Watched {
  /** The view comes near an end of what is loaded. */
  readonly onNearStart: () => void;
  readonly onNearEnd: () => void;
  /** Something else is in view than before. */
  readonly onMoved: () => void;
}

/** Rows exist this far beyond the view, and are drawn anew when less than a third of it is left. */
const spare = 900;
const nearEnd = 1_500;

/** Keeps what is read in its place while rows come, go and change their height. */
export function makeMessageView({ onNearStart, onNearEnd, onMoved }: Watched): MessageView {
  const drawing = signal(0);
  const atBottom = signal(true);
  const heights = new Map<string, number>();
  let rows: readonly Row[] = [];
  let places = new Map<string, number>();
  let layout: Layout = emptyLayout;
  let range: Range = { from: 0, to: 0 };
  let day: number | null = null;
  let goal: Goal | null = { at: 'end' };
  let anchor: Anchor | null = null;
  let scroller: HTMLElement | null = null;
  let content: HTMLElement | null = null;
  let viewHeight = 0;
  let moving = false;
  let still: ReturnType<typeof setTimeout> | undefined;

  const width = () => scroller?.clientWidth ?? 390;
  const heightAt = (index: number): number => {
    const row = rows[index];
    return row === undefined ? 0 : (heights.get(row.key) ?? guessHeight(row, width()));
  };
  const relayout = () => {
    const keys = rows.map((row) => row.key);
    layout = holdAnchor(layOut(keys, heightAt, layout.base), anchor, (key) => places.get(key));
  };

  /** Where the goal wants the scroll position; null where there is no goal, or its row is not there. */
  const wantedTop = (): number | null => {
    if (goal === null) return null;
    if (goal.at === 'end') return Math.max(0, layout.base + heightOfAll(layout) - viewHeight);
    const index = rows.findIndex(goal.find);
    if (index === -1) return null;
    const free = Math.max(0, viewHeight - heightAt(index));
    return Math.max(0, topOf(layout, index) - free * goal.share);
  };

  const currentTop = (): number => wantedTop() ?? scroller?.scrollTop ?? 0;

  const chooseRange = (top: number) => {
    range = rangeFor(layout, top, viewHeight || 800, spare);
    day = dayAbove(range.from);
  };

  /** A day whose title stands above the first row drawn, so that it can stick to the view's top. */
  const dayAbove = (from: number): number | null => {
    if (rows[from]?.kind === 'day') return null;
    for (let index = from - 1; index >= 0; index -= 1) if (rows[index]?.kind === 'day') return index;
    return null;
  };

  const spaces = () => ({
    above: topOf(layout, range.from) - (day === null ? 0 : heightAt(day)),
    below: Math.max(0, topOf(layout, rows.length) - topOf(layout, range.to)),
  });

  const covers = (top: number): boolean => {
    const enough = rangeFor(layout, top, viewHeight, spare / 3);
    return enough.from >= range.from && enough.to <= range.to;
  };

  const measure = (): boolean => {
    let changed = false;
    for (const element of content?.querySelectorAll<HTMLElement>('[data-row]') ?? []) {
      const key = element.dataset.row ?? '';
      const { height } = element.getBoundingClientRect();
      if (Math.abs((heights.get(key) ?? -1) - height) < 0.1) continue;
      heights.set(key, height);
      changed = true;
    }
    return changed;
  };

  const pinAnchor = () => {
    if (scroller === null || rows.length === 0) return;
    let index = rowAt(layout, scroller.scrollTop);
    // Titles of days stick, and the lines that are not messages may go: neither can hold the rest.
    while (index < rows.length - 1 && !isSteady(rows[index])) index += 1;
    const row = rows[index];
    anchor = row === undefined ? null : { key: row.key, y: topOf(layout, index) };
  };

  const applySpaces = () => {
    const { above, below } = spaces();
    const [first, last] = [content?.firstElementChild, content?.lastElementChild];
    if (first instanceof HTMLElement) first.style.height = `${Math.max(0, above)}px`;
    if (last instanceof HTMLElement) last.style.height = `${below}px`;
  };

  const arrange = () => {
    if (scroller === null) return;
    viewHeight = scroller.clientHeight;
    if (measure()) relayout();
    const wanted = wantedTop();
    const shift =
      wanted === null ? settle(layout, { firstTop: spaces().above, top: scroller.scrollTop, moving }) : -layout.base;
    if (shift !== 0) {
      layout = { ...layout, base: 0 };
      if (anchor !== null) anchor = { ...anchor, y: anchor.y + shift };
    }
    applySpaces();
    if (goal?.at === 'end') scroller.scrollTop = scroller.scrollHeight;
    else if (wanted !== null) scroller.scrollTop = wanted + shift;
    else if (shift !== 0) scroller.scrollTop += shift;
    if (!covers(scroller.scrollTop)) redraw();
    else if (goal?.at === 'row' && wanted !== null) goal = distanceToEnd() <= 2 ? { at: 'end' } : null;
    pinAnchor();
    notice();
  };

  const distanceToEnd = () =>
    scroller === null ? 0 : scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

  const redraw = () => {
    chooseRange(currentTop());
    drawing.value += 1;
  };

  const notice = () => {
    if (scroller === null || rows.length === 0) return;
    const { scrollTop } = scroller;
    atBottom.value = scroller.scrollHeight - scrollTop - viewHeight < 40;
    if (scrollTop - layout.base < nearEnd) onNearStart();
    if (scroller.scrollHeight - scrollTop - viewHeight < nearEnd) onNearEnd();
    onMoved();
  };

  const onScroll = () => {
    if (scroller === null) return;
    moving = true;
    clearTimeout(still);
    still = setTimeout(stopped, 160);
    const fromEnd = distanceToEnd();
    if (goal?.at === 'end' && fromEnd > 8) goal = null;
    else if (goal === null && fromEnd <= 2) goal = { at: 'end' };
    pinAnchor();
    if (!covers(scroller.scrollTop)) redraw();
    notice();
  };

  const stopped = () => {
    moving = false;
    if (layout.base !== 0) arrange();
  };

  /** The keyboard, a growing composer, a turned phone: the lower edge of what is read stays. */
  const onResize = () => {
    if (scroller === null) return;
    const before = viewHeight;
    if (goal === null && before !== 0 && before !== scroller.clientHeight)
      scroller.scrollTop += before - scroller.clientHeight;
    arrange();
  };

  return {
    drawing,
    atBottom,
    attach: (newScroller, newContent) => {
      [scroller, content] = [newScroller, newContent];
      viewHeight = scroller.clientHeight;
      scroller.addEventListener('scroll', onScroll, { passive: true });
      const resized = new ResizeObserver(onResize);
      resized.observe(scroller);
      resized.observe(content);
      return () => {
        clearTimeout(still);
        resized.disconnect();
        newScroller.removeEventListener('scroll', onScroll);
        [scroller, content] = [null, null];
      };
    },
    prepare: (newRows, newGoal) => {
      if (newGoal !== null) goal = newGoal;
      if (newRows !== rows) {
        rows = newRows;
        places = new Map(rows.map((row, index) => [row.key, index]));
        relayout();
        chooseRange(currentTop());
      }
      const { above, below } = spaces();
      return { range, day, above: Math.max(0, above), below };
    },
    arrange,
    go: (newGoal) => {
      goal = newGoal;
      redraw();
    },
    indexOf: (key) => places.get(key),
    lastSeenSeq: () => {
      if (scroller === null || rows.length === 0) return null;
      const bottom = scroller.scrollTop + viewHeight + 4;
      for (let index = rowAt(layout, bottom); index >= 0; index -= 1) {
        const row = rows[index];
        const seen = topOf(layout, index + 1) <= bottom;
        if (seen && (row?.kind === 'message' || row?.kind === 'notice') && row.shown.seq !== null) return row.shown.seq;
      }
      return null;
    },
  };
}

const isSteady = (row: Row | undefined): boolean => row?.kind === 'message' || row?.kind === 'notice';
