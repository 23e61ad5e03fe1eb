import { Args } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless } from '../terminal/printer.ts';

const { summary, description, args } = wordsOf('en').commands['mail test'];

export default class MailTest extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = ['<%= config.bin %> mail test you@example.org'];
  static override args = { address: Args.string({ description: args.address, required: true }) };

  async run(): Promise<Output<'mail.test'>> {
    const { args: given, flags } = await this.parse(MailTest);
    const home = this.open(flags);
    const answer = await withInstance(this.machine, home, (connection) =>
      connection.call('mail.test', { to: given.address }),
    );
    const { mail } = this.words.printing;
    this.printer.done(mail.accepted(given.address));
    this.printer.facts([[mail.said, harmless(answer.accepted)]]);
    this.printer.line(mail.look);
    return answer;
  }
}
