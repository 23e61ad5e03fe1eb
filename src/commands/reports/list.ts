import { Flags } from '@oclif/core';
import type { Report } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless } from '../terminal/printer.ts';
import { calledBy, reportIdOf, wordingOf } from '../terminal/reports.ts';

const { summary, flags } = wordsOf('en').commands['reports list'];

/** Of a message in one line. */
const shownLength = 40;

export default class ReportsList extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> reports list', '<%= config.bin %> reports list --state resolved'];
  static override flags = {
    state: Flags.option({
      options: ['open', 'resolved', 'all'] as const,
      description: flags.state,
      default: 'open' as const,
    })(),
    limit: Flags.integer({ description: flags.limit, default: 50, min: 1, max: 100 }),
    after: Flags.string({ description: flags.after, helpValue: 'ID' }),
  };

  async run(): Promise<Output<'report.list'>> {
    const { flags: asked } = await this.parse(ReportsList);
    const home = this.open(asked);
    const state = asked.state === 'all' ? null : asked.state;
    const after = asked.after === undefined ? null : reportIdOf(asked.after);
    const found = await withInstance(this.machine, home, (connection) =>
      connection.call('report.list', { state, after, limit: asked.limit }),
    );
    const { reports } = this.words.printing;
    const last = found.reports.at(-1);
    if (last === undefined) this.printer.line(state === 'open' ? reports.noneOpen : reports.none);
    else this.#print(found.reports);
    if (found.more && last !== undefined) {
      const rest = [...(asked.state === 'open' ? [] : ['--state', asked.state]), '--after', last.reportId].join(' ');
      this.printer.line(`\n${reports.more(this.typed, rest)}`);
    }
    return found;
  }

  #print(found: readonly Report[]): void {
    const { printing, language } = this.words;
    const { labels, reasons, outcomes, open, directly } = printing.reports;
    this.printer.table(
      [labels.id, labels.at, labels.state, labels.reason, labels.author, labels.conversation, labels.message],
      found.map(({ reportId, at, resolved, reason, author, conversation, message }) => [
        reportId,
        timeIn(language, at),
        resolved === null ? open : outcomes[resolved.outcome],
        reasons[reason],
        calledBy(author),
        conversation.kind === 'direct' ? directly : harmless(conversation.title),
        inOneLine(wordingOf(message)),
      ]),
    );
  }
}

function inOneLine(text: string): string {
  const characters = [...text.replace(/\s+/gu, ' ').trim()];
  return characters.length <= shownLength ? characters.join('') : `${characters.slice(0, shownLength - 1).join('')}…`;
}
