import { basename } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '../config/problem.ts';
import type { Patient } from './checks.ts';
import type { Check } from './step.ts';

/** Every page of the database files is looked at, also while the server runs. Nothing is written. */
export function databaseCheck({ machine, home, config, words }: Patient): Check {
  const { title, none, says, elsewhere, damaged, unreadable, mend } = words.checks.database;
  const files = [
    ...(config instanceof Problem || config.database.store === 'sqlite' ? [home.database] : []),
    ...(config instanceof Problem || config.messages.store === 'sqlite' ? [home.messages] : []),
  ];
  return {
    id: 'database',
    title,
    async find() {
      if (files.length === 0) return { ok: true, says: elsewhere, mend: null };
      const made: string[] = [];
      const troubles: string[] = [];
      for (const file of files) {
        const facts = await machine.look(file);
        if (facts === null || facts.bytes === 0) continue;
        made.push(basename(file));
        try {
          const trouble = quickCheck(machine.path(file));
          if (trouble !== null) troubles.push(damaged(file, trouble));
        } catch (error) {
          troubles.push(unreadable(file, error instanceof Error ? error.message : String(error)));
        }
      }
      if (troubles.length > 0) return { ok: false, says: troubles.join('\n'), mend };
      return { ok: true, says: made.length === 0 ? none : says(made.join(', ')), mend: null };
    },
  };
}

/** The first trouble that SQLite finds; null: none. */
function quickCheck(file: string): string | null {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    const found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
    return found === 'ok' ? null : String(found);
  } finally {
    database.close();
  }
}
