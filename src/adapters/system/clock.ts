import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';

/** The longest wait Node's timers know; a longer one would run at once. */
const longestTimeout = 2 ** 31 - 1;

export function systemClock(log: Log): Clock {
  const run = (task: () => void) => {
    try {
      task();
    } catch (error) {
      log.error({ err: error }, 'timed task failed');
    }
  };

  return {
    now: Date.now,
    after(ms, task) {
      let timer: NodeJS.Timeout;
      const wait = (left: number) => {
        const step = Math.min(left, longestTimeout);
        timer = setTimeout(() => (left > step ? wait(left - step) : run(task)), step);
      };
      wait(ms);
      return () => clearTimeout(timer);
    },
  };
}
