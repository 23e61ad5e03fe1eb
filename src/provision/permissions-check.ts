import type { Patient } from './checks.ts';
import type { Check, Finding } from './step.ts';

/** Keys and data are for the owner alone, and the owner can write them. */
export function permissionsCheck({ machine, home, words, typed }: Patient): Check {
  const { title, says, ...found } = words.checks.permissions;
  const folders = [home.folder, home.data, home.run, home.logs, home.backups];

  async function judge(path: string, mode: number): Promise<Finding | null> {
    const facts = await machine.look(path);
    if (facts === null) {
      return path === home.secrets ? bad(found.missing(path), found.missingMend(typed)) : null;
    }
    if (facts.owner !== machine.user.id) {
      return bad(found.owner(path, facts.owner), found.ownerMend(home.folder, machine.user.name));
    }
    if ((facts.mode & ~mode) !== 0 && path !== home.config) {
      return bad(found.open(path, octal(facts.mode)), found.openMend(path, octal(mode)));
    }
    return (await machine.isWritable(path)) ? null : bad(found.unwritable(path), `${found.unwritableMend} ${path}`);
  }

  return {
    id: 'permissions',
    title,
    async find() {
      const judged = [
        ...(await Promise.all(folders.map((path) => judge(path, 0o700)))),
        ...(await Promise.all([home.secrets, home.database, home.messages].map((path) => judge(path, 0o600)))),
        await judge(home.config, 0o644),
      ].filter((finding) => finding !== null);
      if (judged.length === 0) return { ok: true, says, mend: null };
      return bad(
        judged.map((finding) => finding.says).join('\n'),
        [...new Set(judged.map((finding) => finding.mend))].join('\n'),
      );
    },
  };
}

function bad(says: string, mend: string): Finding {
  return { ok: false, says, mend };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
