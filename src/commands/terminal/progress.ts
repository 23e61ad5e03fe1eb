import type { Step } from '../../provision/step.ts';
import type { Printer } from './printer.ts';

/** Takes steps in order, and says which it took. A failure ends it; a second run goes on where it ended. */
export async function takeSteps(steps: readonly Step[], printer: Printer): Promise<void> {
  for (const step of steps) {
    if ((await step.settled()) !== null) continue;
    await step.run();
    printer.done(step.title);
  }
}
