import type { Words } from '../../provision/words/words.ts';
import type { RowError, RowOutcome } from './people-adding.ts';
import { harmless, type Printer, style } from './printer.ts';

/** What came of a list of people. */
export interface ListReport {
  readonly dryRun: boolean;
  readonly counts: Readonly<Record<RowOutcome['outcome'], number>>;
  readonly rows: readonly RowOutcome[];
  /** Where passwords that were made went; null: they stand in the rows. */
  readonly passwordsTo: string | null;
  readonly passwordsWritten: number;
  /** Could not be written there, and stand in the rows. */
  readonly passwordsUnwritten: number;
}

export function printReport(printer: Printer, words: Words, report: ListReport): void {
  const { list } = words.printing;
  const { heads, outcomes } = list;
  printer.table(
    [heads.line, heads.name, heads.role, report.dryRun ? list.wouldHead : heads.outcome, heads.why],
    report.rows.map((row) => [
      String(row.line),
      harmless(row.name) || '–',
      harmless(row.role),
      `${signs[row.outcome]()} ${outcomes[row.outcome]}`,
      row.error === null ? '' : why(row.error),
    ]),
  );
  printer.line();
  printer.line(summary(words, report));
  printPasswords(printer, words, report);
}

const signs: Readonly<Record<RowOutcome['outcome'], () => string>> = {
  added: () => style('green', '✔'),
  would_add: () => style('green', '✔'),
  exists: () => style('dim', '–'),
  failed: () => style('red', '✖'),
};

function why({ column, message }: RowError): string {
  return column === null ? message : `${column}: ${message}`;
}

function summary({ printing: { list } }: Words, { dryRun, counts }: ListReport): string {
  return [
    dryRun ? list.wouldMake(counts.would_add) : list.madeAll(counts.added),
    ...(counts.exists === 0 ? [] : [list.existed(counts.exists)]),
    ...(counts.failed === 0 ? [] : [list.failed(counts.failed)]),
  ].join(', ');
}

function printPasswords(printer: Printer, { printing: { list } }: Words, report: ListReport): void {
  const { passwordsTo, passwordsWritten, passwordsUnwritten } = report;
  if (passwordsTo !== null && passwordsWritten > 0) printer.done(list.passwordsIn(passwordsWritten, passwordsTo));
  if (passwordsTo !== null && passwordsUnwritten > 0) {
    printer.line(`${style('red', '✖')} ${list.unwritten(passwordsUnwritten, passwordsTo)}`);
  }
  const made = report.rows.flatMap(({ name, password }) => (password === null ? [] : [[harmless(name), password]]));
  if (made.length === 0) return;
  printer.line();
  printer.line(list.passwords);
  printer.table([list.heads.name, list.heads.password], made);
}
