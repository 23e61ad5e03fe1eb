import { Args } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { nameOf } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args } = wordsOf('en').commands['users disable'];

export default class UsersDisable extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> users disable anna'];
  static override args = { user: Args.string({ description: args.user, required: true }) };

  async run(): Promise<Output<'user.disable'>> {
    const { args: given, flags } = await this.parse(UsersDisable);
    const home = this.open(flags);
    const done = await withInstance(this.machine, home, (connection) =>
      connection.call('user.disable', { user: given.user }),
    );
    const { next, users } = this.words.printing;
    this.printer.done(users.disabled(nameOf(done.user)));
    this.printer.next(next, users.undisable(this.typed, nameOf(done.user)));
    return done;
  }
}
