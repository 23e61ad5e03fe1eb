import { type ReadonlySignal, signal } from '@preact/signals';

function matching(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener('change', () => {
    matches.value = list.matches;
  });
  return matches;
}

/** List and conversation stand side by side. */
export const twoPanes = matching('(width >= 900px)');
/** Info stands beside the conversation. */
export const threePanes = matching('(width >= 1280px)');
/** A finger is the pointer: no keyboard may be assumed. */
export const touch = matching('(pointer: coarse)');
export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/**
 * iOS lays its keyboard over the page instead of resizing it, and scrolls the page below it. The app's height follows
 * what can be seen, and the page is put back to its top.
 */
export function followViewport(): void {
  const seen = window.visualViewport;
  if (seen === null || !CSS.supports('-webkit-touch-callout', 'none')) return;
  const follow = () => {
    if (seen.scale !== 1) return;
    document.documentElement.style.setProperty('--app-height', `${seen.height}px`);
    scrollTo(0, 0);
  };
  seen.addEventListener('resize', follow);
  seen.addEventListener('scroll', follow);
}
