import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { exportPerson } from '../terminal/personal-export.ts';

const { summary, description, args, flags } = wordsOf('en').commands['users export'];

export default class UsersExport extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = ['<%= config.bin %> users export anna --to anna.jsonl'];
  static override args = { user: Args.string({ description: args.user, required: true }) };
  static override flags = {
    to: Flags.string({ description: flags.to, required: true, helpValue: 'FILE' }),
  };

  async run(): Promise<{ file: string; lines: number }> {
    const { args: given, flags: asked } = await this.parse(UsersExport);
    const home = this.open(asked);
    const file = resolve(asked.to);
    const lines = await withInstance(this.machine, home, (connection) => exportPerson(connection, given.user, file));
    this.printer.done(this.words.printing.users.exported(lines, file));
    return { file, lines };
  }
}
