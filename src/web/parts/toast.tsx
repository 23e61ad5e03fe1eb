import './toast.css';
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { words } from '../i18n/language.ts';

interface Toasted {
  readonly text: string;
  readonly problem: boolean;
  /** Takes back what was just done. */
  readonly undo: (() => void) | null;
}

const shown = signal<Toasted | null>(null);

/** One line about what just happened. A later one replaces it. */
export function say(text: string, { problem = false, undo = null }: Partial<Omit<Toasted, 'text'>> = {}): void {
  shown.value = { text, problem, undo };
}

const duration = 4_000;
/** Long enough to read it, to think, and to get there with a finger or by keyboard. */
const undoDuration = 8_000;

export function Toast() {
  const toast = shown.value;
  useEffect(() => {
    if (toast === null) return undefined;
    const timer = setTimeout(
      () => {
        if (shown.peek() === toast) shown.value = null;
      },
      toast.undo === null ? duration : undoDuration,
    );
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {toast !== null && (
        <p class={toast.problem ? 'toast is-problem' : 'toast'} key={toast.text}>
          {toast.text}
          {toast.undo !== null && (
            <button
              type="button"
              class="toast-undo"
              onClick={() => {
                shown.value = null;
                toast.undo?.();
              }}
            >
              {words().common.undo}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
