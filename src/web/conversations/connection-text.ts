import { effect, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Engine } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';

const shown = signal<Exclude<Engine['connection']['value'], 'ready'> | null>(null);

/** Short interruptions are not worth a word: coming back from the background must not flicker. */
const patience = 700;

/** What the one line about the connection says; null when all is well. */
export function useConnectionText(): string | null {
  const { connection } = useEngine();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = effect(() => {
      const state = connection.value;
      clearTimeout(timer);
      if (state === 'ready') shown.value = null;
      else if (state === 'offline' || shown.peek() !== null) shown.value = state;
      else timer = setTimeout(() => (shown.value = state), patience);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [connection]);
  const state = shown.value;
  return state === null ? null : `${words().connection[state]}…`;
}
