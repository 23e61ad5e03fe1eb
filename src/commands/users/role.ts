import { Args } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { type Role, roles } from '../../protocol/roles.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { nameOf } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args } = wordsOf('en').commands['users role'];

export default class UsersRole extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> users role anna admin'];
  static override args = {
    user: Args.string({ description: args.user, required: true }),
    role: Args.custom<Role>({ options: [...roles] })({ description: args.role, required: true }),
  };

  async run(): Promise<Output<'user.setRole'>> {
    const { args: given, flags } = await this.parse(UsersRole);
    const home = this.open(flags);
    const done = await withInstance(this.machine, home, (connection) =>
      connection.call('user.setRole', { user: given.user, role: given.role }),
    );
    this.printer.done(this.words.printing.users.role(nameOf(done.user), done.user.role));
    return done;
  }
}
