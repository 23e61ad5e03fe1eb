import { Args, Flags } from '@oclif/core';
import { reportOutcomes } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { reportIdOf } from '../terminal/reports.ts';

const { summary, description, args, flags } = wordsOf('en').commands['reports resolve'];

export default class ReportsResolve extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> reports resolve 019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f --outcome acted --note "talked to Ben"',
    '<%= config.bin %> reports resolve 019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f --outcome acted --remove',
  ];
  static override args = { report: Args.string({ description: args.report, required: true }) };
  static override flags = {
    outcome: Flags.option({ options: reportOutcomes, description: flags.outcome, required: true })(),
    remove: Flags.boolean({ description: flags.remove, default: false }),
    note: Flags.string({ description: flags.note, default: '' }),
  };

  async run(): Promise<Output<'report.resolve'>> {
    const { args: given, flags: asked } = await this.parse(ReportsResolve);
    const home = this.open(asked);
    const reportId = reportIdOf(given.report);
    const settled = await withInstance(this.machine, home, (connection) =>
      connection.call('report.resolve', {
        reportId,
        outcome: asked.outcome,
        note: asked.note,
        ...(asked.remove ? { remove: true } : {}),
      }),
    );
    const { reports } = this.words.printing;
    const { resolved } = settled.report;
    // Somebody may have been faster: what they said stays.
    if (resolved !== null) this.printer.done(reports.settled(reports.outcomes[resolved.outcome]));
    return settled;
  }
}
