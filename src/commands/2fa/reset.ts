import { Args, Flags } from '@oclif/core';
import { Problem } from '../../config/problem.ts';
import type { Account } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { nameOf, whoIs } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, description, args, flags } = wordsOf('en').commands['2fa reset'];

export default class TwoFactorReset extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = ['<%= config.bin %> 2fa reset anna'];
  static override args = { user: Args.string({ description: args.user, required: true }) };
  static override flags = { yes: Flags.boolean({ char: 'y', description: flags.yes }) };

  async run(): Promise<{ user: Account; reset: boolean; required: boolean }> {
    const { args: given, flags: asked } = await this.parse(TwoFactorReset);
    const home = this.open(asked);
    const status = await withInstance(this.machine, home, (connection) =>
      connection.call('twoFactor.status', { user: given.user }),
    );
    const { user, required } = status;
    const { twoFactor } = this.words.printing;
    this.#say(status);
    if (!asked.yes && !this.canAsk(asked)) throw new Problem('needs_yes', {});
    if (!asked.yes && !(await this.#isMeant(user))) {
      this.printer.line(twoFactor.kept);
      return { user, reset: false, required };
    }
    await withInstance(this.machine, home, (connection) => connection.call('twoFactor.reset', { user: user.userId }));
    this.printer.done(twoFactor.reset(nameOf(user)));
    return { user, reset: true, required };
  }

  #say({ user, required }: Output<'twoFactor.status'>): void {
    const { twoFactor } = this.words.printing;
    this.printer.line(twoFactor.what(whoIs(user)));
    this.printer.line(required ? twoFactor.thenRequired : twoFactor.thenPassword);
    this.printer.line();
  }

  async #isMeant(user: Account): Promise<boolean> {
    const { confirm } = await import('@inquirer/prompts');
    return confirm({ message: this.words.printing.twoFactor.ask(nameOf(user)), default: false });
  }
}
