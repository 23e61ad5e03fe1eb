import { saveConfig } from '../config/config.ts';
import type { Home } from '../config/home.ts';
import { Problem } from '../config/problem.ts';
import type { Config } from '../config/schema.ts';
import { makeSecrets, saveSecrets } from '../config/secrets.ts';
import type { Machine } from './machine.ts';
import type { Step } from './step.ts';
import type { Words } from './words/words.ts';

/** What makes a folder an instance. The configuration comes last: with it, the folder is one. */
export function instanceSteps(machine: Machine, home: Home, config: Config, words: Words): Step[] {
  const folder = (id: string, path: string, title: string): Step => ({
    id,
    title,
    settled: async () => ((await machine.look(path))?.kind === 'folder' ? words.steps.there(path) : null),
    run: () => machine.makeFolder(path, 0o700),
  });
  return [
    {
      ...folder('folder', home.folder, words.steps.folder(home.folder)),
      async settled() {
        await refuseForeign(machine, home);
        return (await machine.look(home.folder)) ? words.steps.there(home.folder) : null;
      },
    },
    folder('data', home.data, words.steps.data),
    folder('run', home.run, words.steps.run),
    folder('logs', home.logs, words.steps.logs),
    folder('backups', home.backups, words.steps.backups),
    {
      id: 'secrets',
      title: words.steps.secrets,
      settled: async () => ((await machine.look(home.secrets)) ? words.steps.there(home.secrets) : null),
      run: () => saveSecrets(machine.path(home.folder), makeSecrets()),
    },
    {
      id: 'config',
      title: words.steps.config,
      settled: async () => ((await machine.look(home.config)) ? words.steps.there(home.config) : null),
      run: () => saveConfig(machine.path(home.folder), config),
    },
  ];
}

export async function isInstance(machine: Machine, home: Home): Promise<boolean> {
  return (await machine.look(home.config)) !== null;
}

/** Throws where a folder holds what is not of an instance: somebody's documents, say. */
async function refuseForeign(machine: Machine, home: Home): Promise<void> {
  const ours = [home.config, home.secrets, home.data, home.run, home.logs, home.backups].map((path) =>
    path.slice(home.folder.length + 1),
  );
  const found = await machine.look(home.folder);
  if (found !== null && found.kind !== 'folder') throw new Problem('folder_not_empty', { home: home.folder });
  const foreign = (await machine.list(home.folder)).filter((name) => !ours.includes(name) && !name.startsWith('.'));
  if (foreign.length > 0 && !(await isInstance(machine, home))) {
    throw new Problem('folder_not_empty', { home: home.folder });
  }
}
