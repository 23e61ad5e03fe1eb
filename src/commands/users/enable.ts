import { Args } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { nameOf } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args } = wordsOf('en').commands['users enable'];

export default class UsersEnable extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> users enable anna'];
  static override args = { user: Args.string({ description: args.user, required: true }) };

  async run(): Promise<Output<'user.enable'>> {
    const { args: given, flags } = await this.parse(UsersEnable);
    const home = this.open(flags);
    const done = await withInstance(this.machine, home, (connection) =>
      connection.call('user.enable', { user: given.user }),
    );
    this.printer.done(this.words.printing.users.enabled(nameOf(done.user)));
    return done;
  }
}
