import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import { depthOf, parseRoute, type Route } from './route.ts';

const path = signal(location.pathname);

/** Where the person is. The address bar and the browser's history are the truth; this follows them. */
export const route: ReadonlySignal<Route> = computed(() => parseRoute(path.value));

/** What stands behind the #, without it. */
export const fragment = signal(location.hash.slice(1));

/** Screens of this app that lie behind the present one in the browser's history. */
const steps = (): number => (history.state as { steps?: number } | null)?.steps ?? 0;

export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (to === location.pathname && location.hash === '') return;
  if (replace) history.replaceState({ steps: steps() }, '', to);
  else history.pushState({ steps: steps() + 1 }, '', to);
  arrive(true);
}

/** What the screen shows now stands behind the #, for coming back to it and for loading it again. */
export function showFragment(text: string): void {
  if (text === location.hash.slice(1)) return;
  history.replaceState(history.state, '', text === '' ? location.pathname : `${location.pathname}#${text}`);
  fragment.value = text;
}

/** Back to where the person came from; where this screen was opened first, to the screen above it. */
export function goBack(above: string): void {
  if (steps() > 0) history.back();
  else navigate(above, { replace: true });
}

export function startNavigation(): void {
  addEventListener('popstate', (event) => arrive(!event.hasUAVisualTransition));
  document.addEventListener('click', (event) => {
    const target = followed(event);
    if (target === null) return;
    event.preventDefault();
    navigate(target);
  });
}

/** The path of a link of this app that a plain click would follow. */
function followed(event: MouseEvent): string | null {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  ) {
    return null;
  }
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.origin !== location.origin || link.hash !== '') return null;
  return isScreen(link.pathname) ? link.pathname : null;
}

const isScreen = (pathname: string): boolean =>
  /^\/(?:c|search|new|archive|join|sign-in|forgot|reset|confirm|settings|admin)?(?:\/[^.]*)?$/.test(pathname);

const onePane = matchMedia('(width < 900px)');
const still = matchMedia('(prefers-reduced-motion: reduce)');

function arrive(animated: boolean): void {
  const next = location.pathname;
  const place = location.hash.slice(1);
  // Together, so that no screen takes what belongs to another one for its own.
  const move = () =>
    batch(() => {
      path.value = next;
      fragment.value = place;
    });
  const change = depthOf(parseRoute(next)) - depthOf(route.peek());
  if (!animated || change === 0 || !onePane.matches || still.matches || !('startViewTransition' in document)) {
    move();
    return;
  }
  document.documentElement.dataset.move = change > 0 ? 'on' : 'back';
  const transition = document.startViewTransition(() => {
    move();
    return drawn();
  });
  // A transition that is skipped (another began, the page is hidden) has changed the screen all the same.
  transition.ready.catch(() => undefined);
  transition.finished.catch(() => undefined);
}

/** Preact draws in a microtask; a task later the new screen stands. */
const drawn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
