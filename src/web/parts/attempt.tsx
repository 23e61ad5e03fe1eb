import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { AppError } from '../../protocol/errors.ts';
import { words } from '../i18n/language.ts';
import { failureText, isDismissed } from './failure.ts';
import { Problem } from './notice.tsx';

/** What a form's button tries: once at a time, with its failure beside it, and a pause where the server asks for one. */
export interface Attempt {
  readonly busy: boolean;
  readonly problem: string | null;
  /** Seconds until it may be tried again; 0: now. */
  readonly wait: number;
  run(work: () => Promise<void>): void;
  /** Says something that is not the failure of a try; null: nothing any more. */
  say(problem: string | null): void;
}

/** `textOf` says what a failure means here. */
export function useAttempt(textOf: (cause: unknown) => string = failureText): Attempt {
  const [busy, setBusy] = useState(false);
  const [problem, say] = useState<string | null>(null);
  const [until, setUntil] = useState(0);
  const wait = useCountdown(until, () => say(null));
  return {
    busy,
    problem,
    wait,
    say,
    run(work) {
      if (busy || wait > 0) return;
      setBusy(true);
      say(null);
      work()
        .catch((cause: unknown) => {
          const pause = pauseOf(cause);
          if (pause === null) return say(isDismissed(cause) ? null : textOf(cause));
          say(pause.text);
          setUntil(performance.now() + pause.seconds * 1000);
        })
        .finally(() => setBusy(false));
    },
  };
}

/** The button counts the seconds down; the text, which is read out once, does not. */
function pauseOf(cause: unknown): { readonly text: string; readonly seconds: number } | null {
  if (!(cause instanceof AppError) || cause.code !== 'too_many_requests') return null;
  const { errors } = words();
  return {
    text: cause.reason === 'busy' ? errors.busy : errors.tooManyNow,
    seconds: Math.max(1, cause.retryAfter ?? 1),
  };
}

/** Whole seconds until a moment of the page's clock. */
function useCountdown(until: number, onOver: () => void): number {
  const [left, setLeft] = useState(0);
  useLayoutEffect(() => {
    if (until === 0) return undefined;
    const tick = () => {
      const next = Math.max(0, Math.ceil((until - performance.now()) / 1000));
      setLeft(next);
      if (next > 0) return;
      clearInterval(timer);
      onOver();
    };
    const timer = setInterval(tick, 250);
    tick();
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

interface SubmitProps {
  readonly attempt: Attempt;
  readonly ready?: boolean;
  readonly children: ComponentChildren;
}

/** The problem of an attempt and the button that makes it. While a pause is asked for, the button counts it down. */
export function Submit({ attempt, ready = true, children }: SubmitProps) {
  const { busy, problem, wait } = attempt;
  return (
    <>
      {problem !== null && <Problem>{problem}</Problem>}
      <button type="submit" class="button main wide" disabled={!ready || busy || wait > 0} aria-busy={busy}>
        {wait > 0 ? words().errors.againIn(clock(wait)) : children}
      </button>
    </>
  );
}

/** 0:09, 14:59. */
const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
