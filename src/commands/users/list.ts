import { Flags } from '@oclif/core';
import { limits } from '../../protocol/limits.ts';
import type { Output } from '../../protocol/operations.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless } from '../terminal/printer.ts';

const { summary, flags } = wordsOf('en').commands['users list'];

export default class UsersList extends BaseCommand {
  static override summary = summary;
  static override flags = {
    query: Flags.string({ char: 'q', description: flags.query, default: '' }),
    limit: Flags.integer({ description: flags.limit, default: 100, min: 1, max: limits.pageItems }),
    after: Flags.string({ description: flags.after, default: '' }),
  };

  async run(): Promise<Output<'user.list'>> {
    const { flags: given } = await this.parse(UsersList);
    const home = this.open(given);
    const { query, limit, after } = given;
    const found = await withInstance(this.machine, home, (connection) =>
      connection.call('user.list', { query, limit, after }),
    );
    const { printing, language } = this.words;
    const { labels } = printing.users;
    if (found.users.length === 0) {
      this.printer.line(printing.users.nobody);
      this.printer.next(printing.next, printing.users.next(this.typed));
      return found;
    }
    this.printer.table(
      [labels.name, labels.displayName, labels.role, labels.created, labels.lastSeen],
      found.users.map((user) => [
        harmless(user.name),
        harmless(user.displayName),
        user.gone ? labels.gone : user.role,
        timeIn(language, user.createdAt),
        user.lastSeenAt === null ? printing.never : timeIn(language, user.lastSeenAt),
      ]),
    );
    const last = found.users.at(-1);
    if (found.more && last) this.printer.line(`\n${printing.users.more(this.typed, last.name)}`);
    return found;
  }
}
