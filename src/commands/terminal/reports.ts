import { AppError } from '../../protocol/errors.ts';
import { type ReportId, reportId } from '../../protocol/ids.ts';
import type { Message, Profile, Report } from '../../protocol/models.ts';
import { timeIn } from '../../provision/words/format.ts';
import type { Words } from '../../provision/words/words.ts';
import { harmless, type Printer } from './printer.ts';

/** Throws `not_found no_such_report` for what no report can be called. */
export function reportIdOf(word: string): ReportId {
  const id = reportId.safeParse(word);
  if (!id.success) throw new AppError('not_found', 'no_such_report');
  return id.data;
}

/** The sign-in name; the id where nothing personal is left. */
export function calledBy({ name, userId }: Profile): string {
  return name === '' ? userId : harmless(name);
}

/** What was written, as text. */
export function wordingOf({ kind, body }: Message): string {
  if (kind === 'message') return lines(body.text);
  return kind === 'poll' ? lines([body.question, ...body.options.map((option) => `– ${option}`)].join('\n')) : kind;
}

/** Keeps the lines that the writer made. */
function lines(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}

export function printReport(printer: Printer, { printing, language }: Words, report: Report, removed: boolean): void {
  const { labels, reasons, outcomes, directly } = printing.reports;
  const { conversation, resolved } = report;
  printer.facts([
    [labels.id, report.reportId],
    [labels.at, timeIn(language, report.at)],
    [labels.reason, reasons[report.reason]],
    [labels.author, calledBy(report.author)],
    [labels.reporter, calledBy(report.reporter)],
    ...(report.note === '' ? [] : [[labels.note, lines(report.note)] as const]),
    [labels.conversation, conversation.kind === 'direct' ? directly : harmless(conversation.title)],
    [labels.written, timeIn(language, report.message.time)],
    [labels.message, wordingOf(report.message)],
    [labels.removed, removed ? printing.yes : printing.no],
    ...(resolved === null
      ? []
      : [
          [labels.outcome, outcomes[resolved.outcome]] as const,
          [labels.resolvedAt, timeIn(language, resolved.at)] as const,
          [labels.resolvedBy, resolved.by === null ? printing.audit.host : calledBy(resolved.by)] as const,
          ...(resolved.note === '' ? [] : [[labels.outcomeNote, lines(resolved.note)] as const]),
        ]),
  ]);
}
