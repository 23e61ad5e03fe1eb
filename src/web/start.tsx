import './style/tokens.css';
import './style/base.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import type { Engine } from './engine/engine.ts';
import { EngineContext } from './engine-context.ts';
import { language, startMinutes, words } from './i18n/language.ts';
import { startNavigation } from './routing/navigation.ts';
import { startServiceWorker } from './service-worker.ts';
import { followViewport } from './viewport.ts';

/** Puts the app into a page. Which engine drives it is the caller's business. */
export function startApp(engine: Engine, root: HTMLElement): void {
  effect(() => {
    language.value = engine.preferences.language.value;
  });
  effect(() => {
    document.documentElement.lang = words().locale;
  });
  effect(() => {
    document.documentElement.dataset.theme = engine.preferences.theme.value;
  });
  effect(() => {
    const accent = engine.about.value?.accent ?? null;
    if (accent !== null && CSS.supports('color', accent)) {
      document.documentElement.style.setProperty('--accent-base', accent);
    } else document.documentElement.style.removeProperty('--accent-base');
  });
  effect(() => showBadge(engine.unreadTotal.value));
  startMinutes();
  startNavigation();
  followViewport();
  startServiceWorker();
  render(
    <EngineContext.Provider value={engine}>
      <App />
    </EngineContext.Provider>,
    root,
  );
}

function showBadge(count: number): void {
  if (!('setAppBadge' in navigator)) return;
  const shown = count === 0 ? navigator.clearAppBadge() : navigator.setAppBadge(count);
  // Not every system shows badges, and none of them needs to.
  shown.catch(() => undefined);
}
