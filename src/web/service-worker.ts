import { signal } from '@preact/signals';

/** A newer version is installed and waits; calling it reloads into that version. */
export const newVersion = signal<(() => void) | null>(null);

/** Nothing happens where there is no secure context: everything works without a worker. */
export function startServiceWorker(): void {
  if (!import.meta.env.PROD || !isSecureContext || !('serviceWorker' in navigator)) return;
  addEventListener('load', () => {
    register().catch((cause: unknown) => console.warn('The service worker could not be registered.', cause));
  });
  // A part of an older version that the server no longer has: the new version has it.
  addEventListener('vite:preloadError', () => location.reload());
}

async function register(): Promise<void> {
  const registration = await navigator.serviceWorker.register('/sw.js');
  const offer = (worker: ServiceWorker | null) => {
    if (worker === null || navigator.serviceWorker.controller === null) return;
    newVersion.value = () => {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
      worker.postMessage({ type: 'SKIP_WAITING' });
    };
  };
  offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed') offer(worker);
    });
  });
}
