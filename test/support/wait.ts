import { setTimeout as pause } from 'node:timers/promises';

/** Resolves once it holds; throws when it does not within `ms`. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`still not so after ${ms} ms: ${holds}`);
    await pause(5);
  }
}
