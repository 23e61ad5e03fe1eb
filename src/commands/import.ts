import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { Problem } from '../config/problem.ts';
import { type ImportReport, runImport } from '../provision/transfer/import-run.ts';
import { openSource } from '../provision/transfer/open-source.ts';
import { readPeopleMap } from '../provision/transfer/people-map.ts';
import { numberIn } from '../provision/words/format.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand, yesFlag } from './terminal/base-command.ts';
import { printDone, printPlan } from './terminal/import-report.ts';
import { withInstance } from './terminal/instance.ts';
import { rarely } from './terminal/rarely.ts';

const { summary, description, args, flags } = wordsOf('en').commands.import;

export default class Import extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> import family-2026 --dry-run',
    '<%= config.bin %> import result.json --as anna --people people.csv',
    '<%= config.bin %> import "WhatsApp Chat - Family.zip" --time-zone Europe/Berlin --yes',
  ];
  static override args = { source: Args.string({ description: args.source, required: true }) };
  static override flags = {
    'dry-run': Flags.boolean({ description: flags['dry-run'], default: false }),
    people: Flags.string({ description: flags.people, helpValue: 'FILE' }),
    as: Flags.string({ description: flags.as, helpValue: 'NAME' }),
    title: Flags.string({ description: flags.title }),
    'time-zone': Flags.string({ description: flags['time-zone'], helpValue: 'ZONE' }),
    'date-order': Flags.option({ options: ['dmy', 'mdy', 'ymd'] as const, description: flags['date-order'] })(),
    ...yesFlag,
  };

  async run(): Promise<ImportReport> {
    const { args: given, flags: asked } = await this.parse(Import);
    const home = this.open(asked);
    const dryRun = asked['dry-run'];
    if (!dryRun && !asked.yes && !this.canAsk(asked)) throw new Problem('needs_yes', {});
    const as = asked.people === undefined ? new Map<string, string>() : await readPeopleMap(resolve(asked.people));
    const source = await openSource(resolve(given.source), {
      as: asked.as ?? null,
      title: asked.title ?? null,
      timeZone: asked['time-zone'] ?? null,
      dateOrder: asked['date-order'] ?? null,
    });
    const progress = rarely((entries: number) =>
      this.printer.line(this.words.printing.transfer.progress(numberIn(this.words.language, entries))),
    );
    return withInstance(this.machine, home, async ({ call }) => {
      const how = { as, progress };
      if (dryRun || !asked.yes) {
        const plan = await runImport(source, call, { ...how, dryRun: true });
        printPlan(this.printer, this.words, plan);
        if (dryRun || !(await this.#goOn())) return plan;
      }
      const report = await runImport(source, call, { ...how, dryRun: false });
      printDone(this.printer, this.words, this.typed, report);
      return report;
    });
  }

  async #goOn(): Promise<boolean> {
    const { confirm } = await import('@inquirer/prompts');
    return confirm({ message: this.words.printing.transfer.ask, default: false });
  }
}
