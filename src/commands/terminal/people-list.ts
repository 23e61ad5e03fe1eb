import type { Home } from '../../config/home.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Machine } from '../../provision/machine.ts';
import { readPeople } from '../../provision/people-file.ts';
import { type AppendedFile, openAppended } from '../../provision/secret-file.ts';
import type { Typed, Words } from '../../provision/words/words.ts';
import { withInstance } from './instance.ts';
import type { ListReport } from './list-report.ts';
import { addPeople, type RowOutcome } from './people-adding.ts';

/** Makes an account for everybody in a CSV file, or only finds out what that would do. */
export async function takeList(
  machine: Machine,
  home: Home,
  how: {
    readonly from: string;
    /** Where passwords that are made here go, each as soon as its account is there. */
    readonly passwordsTo: string | null;
    readonly dryRun: boolean;
    /** Of those whose row names none. */
    readonly role: Role;
    readonly words: Words;
    readonly typed: Typed;
  },
): Promise<ListReport> {
  const people = await readPeople(how.from);
  const file = how.passwordsTo === null ? null : await openAppended(how.passwordsTo, 'name,password');
  try {
    const rows: RowOutcome[] = [];
    let passwordsWritten = 0;
    await withInstance(machine, home, async (connection) => {
      for await (const row of addPeople(connection, people, how)) {
        const isWritten = file !== null && (await write(file, row));
        if (isWritten) passwordsWritten += 1;
        rows.push(isWritten ? { ...row, password: null } : row);
      }
    });
    return {
      dryRun: how.dryRun,
      counts: countsOf(rows),
      rows,
      passwordsTo: how.passwordsTo,
      passwordsWritten,
      passwordsUnwritten: file === null ? 0 : rows.filter(({ password }) => password !== null).length,
    };
  } finally {
    await file?.close();
  }
}

/** False where there is nothing to write, or where it cannot be written: then it is shown like others. */
async function write(file: AppendedFile, { name, password }: RowOutcome): Promise<boolean> {
  if (password === null) return false;
  return file.append(`${name},${password}`).then(
    () => true,
    () => false,
  );
}

function countsOf(rows: readonly RowOutcome[]): ListReport['counts'] {
  const count = (wanted: RowOutcome['outcome']) => rows.filter(({ outcome }) => outcome === wanted).length;
  return { added: count('added'), would_add: count('would_add'), exists: count('exists'), failed: count('failed') };
}
