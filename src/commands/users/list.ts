import { Args, Flags } from '@oclif/core';
import { limits } from '../../protocol/limits.ts';
import { accountStates } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless } from '../terminal/printer.ts';

const { summary, args, flags } = wordsOf('en').commands['users list'];

export default class UsersList extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> users list', '<%= config.bin %> users list --state waiting'];
  static override args = { query: Args.string({ description: args.query, default: '' }) };
  static override flags = {
    state: Flags.option({ options: accountStates, description: flags.state })(),
    limit: Flags.integer({ description: flags.limit, default: 100, min: 1, max: limits.pageItems }),
    after: Flags.string({ description: flags.after, default: '' }),
  };

  async run(): Promise<Output<'user.list'>> {
    const { args: given, flags: asked } = await this.parse(UsersList);
    const home = this.open(asked);
    const { limit, after, state = null } = asked;
    const found = await withInstance(this.machine, home, (connection) =>
      connection.call('user.list', { query: given.query, state, limit, after }),
    );
    if (found.users.length === 0) this.#printNobody(given.query !== '' || state !== null || after !== '');
    else this.#print(found.users);
    const last = found.users.at(-1);
    if (found.more && last) {
      const rest = [given.query, ...(state === null ? [] : ['--state', state]), '--after', last.name].filter(Boolean);
      this.printer.line(`\n${this.words.printing.users.more(this.typed, rest.join(' '))}`);
    }
    return found;
  }

  #printNobody(isFiltered: boolean): void {
    const { printing } = this.words;
    if (isFiltered) {
      this.printer.line(printing.users.nobodySo);
      return;
    }
    this.printer.line(printing.users.nobody);
    this.printer.next(printing.next, printing.users.next(this.typed));
  }

  #print(users: Output<'user.list'>['users']): void {
    const { printing, language } = this.words;
    const { labels, states } = printing.users;
    this.printer.table(
      [labels.name, labels.displayName, labels.role, labels.state, labels.created, labels.lastSeen],
      users.map((user) => [
        user.name === '' ? user.userId : harmless(user.name),
        harmless(user.displayName),
        user.role,
        states[user.state],
        timeIn(language, user.createdAt),
        user.lastSeenAt === null ? printing.never : timeIn(language, user.lastSeenAt),
      ]),
    );
  }
}
