import { Args } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { printSessions } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless } from '../terminal/printer.ts';

const { summary, args } = wordsOf('en').commands['users show'];

export default class UsersShow extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> users show anna'];
  static override args = { user: Args.string({ description: args.user, required: true }) };

  async run(): Promise<Output<'user.show'>> {
    const { args: given, flags } = await this.parse(UsersShow);
    const home = this.open(flags);
    const found = await withInstance(this.machine, home, (connection) =>
      connection.call('user.show', { user: given.user }),
    );
    this.#print(found.user);
    this.printer.line();
    printSessions(this.printer, this.words, found.sessions);
    return found;
  }

  #print(user: Output<'user.show'>['user']): void {
    const { printing, language } = this.words;
    const { labels, states } = printing.users;
    this.printer.facts([
      [labels.name, harmless(user.name)],
      [labels.displayName, harmless(user.displayName)],
      [labels.role, user.role],
      [labels.state, states[user.state]],
      ...(user.deletesAt === null ? [] : [[labels.deletes, timeIn(language, user.deletesAt)] as const]),
      [labels.email, user.email === null ? printing.none : harmless(user.email)],
      [labels.language, user.language ?? printing.default],
      [labels.created, timeIn(language, user.createdAt)],
      [labels.lastSeen, user.lastSeenAt === null ? printing.never : timeIn(language, user.lastSeenAt)],
      [labels.id, user.userId],
    ]);
  }
}
