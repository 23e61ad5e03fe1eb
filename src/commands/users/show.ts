import { Args } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless } from '../terminal/printer.ts';

const { summary, args } = wordsOf('en').commands['users show'];

export default class UsersShow extends BaseCommand {
  static override summary = summary;
  static override args = { user: Args.string({ description: args.user, required: true }) };

  async run(): Promise<Output<'user.show'>> {
    const { args: given, flags } = await this.parse(UsersShow);
    const home = this.open(flags);
    const found = await withInstance(this.machine, home, (connection) =>
      connection.call('user.show', { user: given.user }),
    );
    const { printing, language } = this.words;
    const { labels } = printing.users;
    const { user, sessions } = found;
    this.printer.facts([
      [labels.name, harmless(user.name)],
      [labels.displayName, harmless(user.displayName)],
      [labels.role, user.gone ? labels.gone : user.role],
      [labels.created, timeIn(language, user.createdAt)],
      [labels.lastSeen, user.lastSeenAt === null ? printing.never : timeIn(language, user.lastSeenAt)],
      [labels.id, user.userId],
    ]);
    this.printer.line();
    if (sessions.length === 0) {
      this.printer.line(printing.users.noDevices);
      return found;
    }
    this.printer.table(
      [labels.device, labels.address, labels.created, labels.lastSeen],
      sessions.map((session) => [
        harmless(session.device) || '–',
        session.addressHint,
        timeIn(language, session.createdAt),
        timeIn(language, session.lastSeenAt),
      ]),
    );
    return found;
  }
}
