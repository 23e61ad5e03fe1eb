import { Args, Flags } from '@oclif/core';
import type { Account, Session } from '../../protocol/models.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { nameOf, printSessions } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args, flags } = wordsOf('en').commands['users sessions'];

export default class UsersSessions extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> users sessions anna', '<%= config.bin %> users sessions anna --close'];
  static override args = { user: Args.string({ description: args.user, required: true }) };
  static override flags = { close: Flags.boolean({ description: flags.close }) };

  async run(): Promise<{ user: Account; sessions: Session[]; closed: number }> {
    const { args: given, flags: asked } = await this.parse(UsersSessions);
    const home = this.open(asked);
    const found = await withInstance(this.machine, home, async (connection) => {
      const { closed } = asked.close
        ? await connection.call('user.closeSessions', { user: given.user })
        : { closed: 0 };
      return { ...(await connection.call('user.show', { user: given.user })), closed };
    });
    if (asked.close) this.printer.done(this.words.printing.users.closed(nameOf(found.user), found.closed));
    else printSessions(this.printer, this.words, found.sessions);
    return found;
  }
}
