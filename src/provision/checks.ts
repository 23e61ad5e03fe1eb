import type { Home } from '../config/home.ts';
import { Problem } from '../config/problem.ts';
import type { Config } from '../config/schema.ts';
import { addressCheck } from './address-check.ts';
import { databaseCheck } from './database-check.ts';
import { clockCheck, diskCheck, memoryCheck, nodeCheck } from './host-checks.ts';
import type { Machine } from './machine.ts';
import { mailCheck } from './mail-check.ts';
import { permissionsCheck } from './permissions-check.ts';
import { portCheck } from './port-check.ts';
import type { Check } from './step.ts';
import type { Typed, Words } from './words/words.ts';

/** What a check may look at. */
export interface Patient {
  readonly machine: Machine;
  readonly home: Home;
  /** The settings, or why there are none. */
  readonly config: Config | Problem;
  /** The pid of the instance's server; null while it does not run. */
  readonly pid: number | null;
  readonly words: Words;
  readonly typed: Typed;
  /** Signs in to the mail server; null where that lets us in, else the setting to blame and what was said. Absent: not asked. */
  readonly tryMail?: (config: Config) => Promise<{ readonly setting: string; readonly said: string } | null>;
}

/** Everything `doctor` looks at, in the order in which one trouble explains the next. */
export function checksFor(patient: Patient): Check[] {
  const host = [nodeCheck(patient), folderCheck(patient), configCheck(patient)];
  const { config } = patient;
  const always = [diskCheck(patient), memoryCheck(patient), clockCheck(patient)];
  if (config instanceof Problem && config.reason === 'not_an_instance') return [...host.slice(0, 2), ...always];
  const instance = [permissionsCheck(patient), databaseCheck(patient)];
  if (config instanceof Problem) return [...host, ...always, ...instance];
  return [
    ...host,
    ...always,
    ...instance,
    portCheck(patient, config),
    addressCheck(patient, config),
    mailCheck(patient, config),
  ];
}

function folderCheck({ home, config, words, typed }: Patient): Check {
  const { title, says, none, mend } = words.checks.folder;
  return {
    id: 'folder',
    title,
    find: async () =>
      config instanceof Problem && config.reason === 'not_an_instance'
        ? { ok: false, says: none(home.folder), mend: mend(typed) }
        : { ok: true, says: says(home.folder), mend: null },
  };
}

function configCheck({ home, config, words, typed }: Patient): Check {
  const { title, says, mend } = words.checks.config;
  return {
    id: 'config',
    title,
    async find() {
      if (!(config instanceof Problem)) return { ok: true, says, mend: null };
      if (!isConfigInvalid(config))
        return {
          ok: false,
          says: words.problems.not_permitted({ path: home.config }, typed).what,
          mend: mend(home.config),
        };
      const lines = config.facts.mistakes.map((mistake) => `${mistake.line}: ${words.mistakes.says(mistake)}`);
      return { ok: false, says: lines.join('\n'), mend: mend(home.config) };
    },
  };
}

function isConfigInvalid(problem: Problem): problem is Problem<'config_invalid'> {
  return problem.reason === 'config_invalid';
}
