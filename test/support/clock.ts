import type { Clock } from '../../src/ports/clock.ts';

/** A clock that stands still until it is moved. */
export interface HandClock extends Clock {
  /** Moves on and runs what falls due, in order of time, then of calling; what that adds runs too, if due. */
  advance(ms: number): void;
  /** As `advance`, but lets the promises that each task started settle before the next one runs. */
  pass(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

const someDay = Date.UTC(2026, 2, 1, 12);

export function makeHandClock(start = someDay): HandClock {
  let time = start;
  const timers = new Set<Timer>();

  /** Takes the next timer due by `end` and moves to its time. */
  const takeDue = (end: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    if (next === undefined) return undefined;
    timers.delete(next);
    time = Math.max(time, next.at);
    return next;
  };

  return {
    now: () => time,
    after(ms, task) {
      const timer = { at: time + Math.max(0, ms), task };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    advance(ms) {
      const end = time + ms;
      for (let due = takeDue(end); due !== undefined; due = takeDue(end)) due.task();
      time = end;
    },
    async pass(ms) {
      const end = time + ms;
      await settled();
      for (let due = takeDue(end); due !== undefined; due = takeDue(end)) {
        due.task();
        await settled();
      }
      time = end;
    },
  };
}

/** A few turns of the event loop: enough for work that waits for nothing outside the process. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
