import { Args, Flags } from '@oclif/core';
import type { Home } from '../../config/home.ts';
import type { Account } from '../../protocol/models.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { nameOf } from '../terminal/accounts.ts';
import { BaseCommand, yesFlag } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { printLink } from '../terminal/one-time-link.ts';
import { choosePassword } from '../terminal/passwords.ts';
import { style } from '../terminal/printer.ts';

const { summary, description, args, flags } = wordsOf('en').commands['users password'];

type Given =
  | { readonly user: Account; readonly password?: string }
  | { readonly link: string; readonly expiresAt: number };

export default class UsersPassword extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> users password anna --link',
    '<%= config.bin %> users password anna',
    'printf %s "$PASSWORD" | <%= config.bin %> users password anna --password -',
  ];
  static override args = { user: Args.string({ description: args.user, required: true }) };
  static override flags = {
    link: Flags.boolean({ description: flags.link, exclusive: ['password'] }),
    password: Flags.string({ description: flags.password, helpValue: '-' }),
    'no-qr': Flags.boolean({ description: flags['no-qr'] }),
    ...yesFlag,
  };

  async run(): Promise<Given> {
    const { args: given, flags: asked } = await this.parse(UsersPassword);
    const home = this.open(asked);
    if (asked.link) return this.#makeLink(home, given.user, !asked['no-qr']);
    // Whoever asks for nobody hears it before they think of a password.
    const { user } = await this.#show(home, given.user);
    const chosen = await choosePassword(asked.password, { askable: this.canAsk(asked), words: this.words });
    await withInstance(this.machine, home, (connection) =>
      connection.call('user.setPassword', { user: user.userId, password: chosen.password }),
    );
    const { users } = this.words.printing;
    this.printer.done(users.passwordSet(nameOf(user)));
    if (!chosen.made) return { user };
    this.printer.line();
    this.printer.facts([[users.password, style('bold', chosen.password)]]);
    return { user, password: chosen.password };
  }

  #show(home: Home, user: string) {
    return withInstance(this.machine, home, (connection) => connection.call('user.show', { user }));
  }

  async #makeLink(home: Home, said: string, qr: boolean): Promise<Given> {
    const { user, link, expiresAt } = await withInstance(this.machine, home, async (connection) => {
      const { user: found } = await connection.call('user.show', { user: said });
      return { user: found, ...(await connection.call('user.resetLink', { user: found.userId })) };
    });
    const { printing, language } = this.words;
    printLink(this.printer, printing.users.linkMade(nameOf(user)), link, { qr });
    this.printer.line(printing.users.linkHolds(timeIn(language, expiresAt)));
    return { user, link, expiresAt };
  }
}
