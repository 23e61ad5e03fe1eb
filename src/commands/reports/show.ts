import { Args } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { printReport, reportIdOf } from '../terminal/reports.ts';

const { summary, description, args } = wordsOf('en').commands['reports show'];

export default class ReportsShow extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = ['<%= config.bin %> reports show 019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f'];
  static override args = { report: Args.string({ description: args.report, required: true }) };

  async run(): Promise<Output<'report.show'>> {
    const { args: given, flags } = await this.parse(ReportsShow);
    const home = this.open(flags);
    const reportId = reportIdOf(given.report);
    const found = await withInstance(this.machine, home, (connection) => connection.call('report.show', { reportId }));
    printReport(this.printer, this.words, found.report, found.removed);
    if (found.report.resolved === null) {
      const { next, reports } = this.words.printing;
      this.printer.next(next, reports.next(this.typed, reportId, calledForCommands(found.report.author)));
    }
    return found;
  }
}

function calledForCommands({ name, userId }: Output<'report.show'>['report']['author']): string {
  return name === '' ? userId : name;
}
