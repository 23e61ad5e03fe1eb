import type { ImportReport } from '../../provision/transfer/import-run.ts';
import { numberIn, timeIn } from '../../provision/words/format.ts';
import type { Typed, Words } from '../../provision/words/words.ts';
import { harmless, type Printer, style } from './printer.ts';

/** Of longer lists people see the beginning. */
const mostRows = 50;

/** What an import would do. */
export function printPlan(printer: Printer, words: Words, report: ImportReport): void {
  const { transfer } = words.printing;
  printer.line(transfer.would);
  printer.line();
  printContents(printer, words, report);
}

/** What an import did. */
export function printDone(printer: Printer, words: Words, typed: Typed, report: ImportReport): void {
  const { transfer, next } = words.printing;
  const appended = report.conversations.reduce((sum, each) => sum + each.appended, 0);
  const made = report.people.filter(({ outcome }) => outcome === 'made').length;
  const came = report.conversations.filter(({ outcome }) => outcome === 'new' || outcome === 'begun').length;
  printContents(printer, words, report);
  printer.done(came + made === 0 ? transfer.nothing : transfer.imported(came, appended, made));
  if (made > 0) printer.next(next, transfer.next(typed));
}

function printContents(printer: Printer, words: Words, report: ImportReport): void {
  const { language, printing } = words;
  const { transfer } = printing;
  const { firstAt, lastAt } = report;
  printer.facts([
    [transfer.source, transfer.sources[report.source]],
    ...(firstAt === null || lastAt === null
      ? []
      : [[transfer.span, `${timeIn(language, firstAt)} – ${timeIn(language, lastAt)}`] as const]),
    ...(report.dates === null ? [] : [[transfer.dateOrder, dates(transfer, report.dates)] as const]),
  ]);
  printPeople(printer, words, report);
  printConversations(printer, words, report);
  const kinds = Object.entries(report.kinds).map(
    ([kind, n]) => [transfer.kinds[kind] ?? kind, numberIn(language, n)] as const,
  );
  const reasons = Object.entries(report.leftOut) as [keyof typeof transfer.reasons, number][];
  printCounts(printer, transfer.messages, kinds);
  printCounts(
    printer,
    transfer.leftOut,
    reasons.map(([reason, n]) => [transfer.reasons[reason], numberIn(language, n)] as const),
  );
  printer.line();
}

function dates(transfer: Words['printing']['transfer'], { order, sure }: NonNullable<ImportReport['dates']>): string {
  return sure ? transfer.dateOrders[order] : `${transfer.dateOrders[order]} ${transfer.unsure}`;
}

function printPeople(printer: Printer, { printing: { transfer } }: Words, { people }: ImportReport): void {
  if (people.length === 0) return;
  const { heads } = transfer;
  printer.line();
  printer.line(style('bold', `${transfer.people}: ${people.length}`));
  printer.table(
    [heads.source, heads.displayName, heads.name, heads.outcome],
    people
      .slice(0, mostRows)
      .map(({ key, displayName, name, outcome }) => [
        harmless(key),
        harmless(displayName),
        name === '' ? transfer.deleted : harmless(name),
        transfer.personOutcomes[outcome],
      ]),
  );
  if (people.length > mostRows) printer.line(`  ${transfer.more(people.length - mostRows)}`);
}

function printConversations(printer: Printer, { language, printing }: Words, { conversations }: ImportReport): void {
  if (conversations.length === 0) return;
  const { transfer } = printing;
  const { heads } = transfer;
  const day = (at: number | null) => (at === null ? '–' : timeIn(language, at));
  printer.line();
  printer.line(style('bold', `${transfer.conversations}: ${conversations.length}`));
  printer.table(
    [heads.title, heads.entries, heads.first, heads.last, heads.outcome],
    conversations
      .slice(0, mostRows)
      .map(({ title, entries, firstAt, lastAt, outcome }) => [
        title === '' ? transfer.direct : harmless(title),
        numberIn(language, entries),
        day(firstAt),
        day(lastAt),
        transfer.outcomes[outcome],
      ]),
  );
  if (conversations.length > mostRows) printer.line(`  ${transfer.more(conversations.length - mostRows)}`);
}

function printCounts(printer: Printer, title: string, rows: readonly (readonly [string, string])[]): void {
  if (rows.length === 0) return;
  printer.line();
  printer.line(style('bold', title));
  printer.facts(rows);
}
