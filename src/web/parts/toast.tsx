import './toast.css';
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const shown = signal<{ text: string; problem: boolean } | null>(null);

/** One line about what just happened. A later one replaces it. */
export function say(text: string, { problem = false }: { problem?: boolean } = {}): void {
  shown.value = { text, problem };
}

const duration = 4_000;

export function Toast() {
  const toast = shown.value;
  useEffect(() => {
    if (toast === null) return undefined;
    const timer = setTimeout(() => {
      if (shown.peek() === toast) shown.value = null;
    }, duration);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {toast !== null && (
        <p class={toast.problem ? 'toast is-problem' : 'toast'} key={toast.text}>
          {toast.text}
        </p>
      )}
    </div>
  );
}
