import { useRef } from 'preact/hooks';

/** Where a pointer is, from the upper left corner of the window. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Pressed {
  /** A right click (then with its place), the menu key, or a finger that rests. */
  readonly onMenu: (at: Point | null) => void;
  readonly onDoubleTap?: (() => void) | undefined;
  /** A finger drew it aside far enough. */
  readonly onSwipe?: (() => void) | undefined;
  /** A mouse's own menu stays for what is under it. */
  readonly keepsOwnMenu?: (target: Element) => boolean;
}

const longPress = 420;
const doubleTap = 280;
const slop = 10;
const swipeFrom = 64;
const swipeMost = 88;

interface Touch {
  readonly at: Point;
  readonly element: HTMLElement;
  timer: ReturnType<typeof setTimeout>;
  way: 'none' | 'aside' | 'off';
  distance: number;
}

/** What fingers, mice and keys do with a row, beside plain clicks. */
export function usePress({ onMenu, onDoubleTap, onSwipe, keepsOwnMenu }: Pressed) {
  const touch = useRef<Touch | null>(null);
  const lastTap = useRef(0);
  /** A long press opened something: the click that ends it is none. */
  const swallows = useRef(false);

  const end = () => {
    const now = touch.current;
    if (now === null) return;
    clearTimeout(now.timer);
    now.element.style.translate = '';
    touch.current = null;
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      swallows.current = false;
      if (event.pointerType === 'mouse' || !(event.currentTarget instanceof HTMLElement)) return;
      end();
      const timer = setTimeout(() => {
        end();
        swallows.current = true;
        navigator.vibrate?.(10);
        onMenu(null);
      }, longPress);
      touch.current = {
        at: { x: event.clientX, y: event.clientY },
        element: event.currentTarget,
        timer,
        way: 'none',
        distance: 0,
      };
    },
    onPointerMove: (event: PointerEvent) => {
      const now = touch.current;
      if (now === null || now.way === 'off') return;
      const [x, y] = [event.clientX - now.at.x, event.clientY - now.at.y];
      if (now.way === 'none') {
        if (Math.hypot(x, y) <= slop) return;
        clearTimeout(now.timer);
        const scrolls = event.target instanceof Element && event.target.closest('.code-block') !== null;
        now.way = onSwipe !== undefined && !scrolls && x > Math.abs(y) * 1.5 ? 'aside' : 'off';
        if (now.way === 'off') return;
      }
      const before = now.distance;
      now.distance = Math.max(0, Math.min(swipeMost, x - slop));
      now.element.style.translate = `${now.distance}px 0`;
      if (before < swipeFrom && now.distance >= swipeFrom) navigator.vibrate?.(10);
    },
    onPointerUp: (event: PointerEvent) => {
      const now = touch.current;
      end();
      if (now?.way === 'aside' && now.distance >= swipeFrom) onSwipe?.();
      if (now?.way !== 'none' || onDoubleTap === undefined) return;
      if (event.target instanceof Element && event.target.closest('a, button') !== null) return;
      const isSecond = event.timeStamp - lastTap.current < doubleTap;
      lastTap.current = isSecond ? 0 : event.timeStamp;
      if (isSecond) onDoubleTap();
    },
    onPointerCancel: end,
    onClickCapture: (event: MouseEvent) => {
      if (!swallows.current) return;
      swallows.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
    onContextMenu: (event: MouseEvent) => {
      end();
      const byMouse = event.button === 2 && !(event instanceof PointerEvent && event.pointerType !== 'mouse');
      const own = event.target instanceof Element && keepsOwnMenu?.(event.target) === true;
      if (byMouse && own) return;
      event.preventDefault();
      if (swallows.current) return;
      onMenu(byMouse ? { x: event.clientX, y: event.clientY } : null);
    },
  };
}
