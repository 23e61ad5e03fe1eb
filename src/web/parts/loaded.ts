import { useEffect, useState } from 'preact/hooks';

export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly cause: unknown };

/** Loads when shown and when `inputs` change; an answer that comes late for older inputs is dropped. */
export function useLoaded<T>(load: () => Promise<T>, inputs: readonly unknown[]): [Loaded<T>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let wanted = true;
    load().then(
      (value) => wanted && setLoaded({ state: 'ready', value }),
      (cause: unknown) => wanted && setLoaded({ state: 'failed', cause }),
    );
    return () => {
      wanted = false;
    };
  }, [...inputs, round]);
  return [loaded, () => setRound(round + 1)];
}
