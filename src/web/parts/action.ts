import { useState } from 'preact/hooks';
import { failureText } from './failure.ts';
import { say } from './toast.tsx';

/** Runs what a button does: once at a time, and a failure is told as a toast unless `onFailure` has a better place. */
export function useAction(onFailure: (text: string, cause: unknown) => void = (text) => say(text, { problem: true })) {
  const [busy, setBusy] = useState(false);
  const run = (work: () => Promise<void>): void => {
    if (busy) return;
    setBusy(true);
    work()
      .catch((cause: unknown) => onFailure(failureText(cause), cause))
      .finally(() => setBusy(false));
  };
  return { busy, run };
}
