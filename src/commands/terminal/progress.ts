import { Listr } from 'listr2';
import type { Step } from '../../provision/step.ts';

/** Takes steps in order, each with a line of its own; those with nothing to do say why. */
export async function takeSteps(steps: readonly Step[], { silent }: { readonly silent: boolean }): Promise<void> {
  const tasks = steps.map((step) => ({
    title: step.title,
    skip: async () => (await step.settled()) ?? false,
    task: () => step.run(),
  }));
  await new Listr(tasks, {
    renderer: silent ? 'silent' : process.stdout.isTTY ? 'default' : 'simple',
    fallbackRenderer: 'simple',
    exitOnError: true,
    rendererOptions: { collapseErrors: false, showErrorMessage: false },
  }).run();
}
