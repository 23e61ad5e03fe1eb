import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * For the title of what is arrived at: it takes the focus when shown, and when `inputs` change, so that keyboard and screen
 * reader go on from there. Where something else has the focus, that keeps it.
 */
export function useFreeFocus<T extends HTMLElement>(inputs: readonly unknown[] = []): RefObject<T | null> {
  const element = useRef<T>(null);
  useEffect(() => {
    const free = document.activeElement === null || document.activeElement === document.body;
    if (free) element.current?.focus({ preventScroll: true });
  }, inputs);
  return element;
}
