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
  effect(() => showTheme(engine.preferences.theme.value));
  effect(() => {
    const name = engine.about.value?.name ?? 'Messenger';
    const unread = engine.unreadTotal.value;
    document.title = unread === 0 ? name : `(${unread}) ${name}`;
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

/** The bars that the system draws around the app take their colour from the page. */
const barColors = { light: '#ffffff', dark: '#17191c' } as const;

function showTheme(theme: 'system' | 'light' | 'dark'): void {
  document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const own = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = barColors[theme === 'system' ? own : theme];
  }
}

function showBadge(count: number): void {
  if (!('setAppBadge' in navigator)) return;
  const shown = count === 0 ? navigator.clearAppBadge() : navigator.setAppBadge(count);
  // Not every system shows badges, and none of them needs to.
  shown.catch(() => undefined);
}
