import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import type { Home } from '../../config/home.ts';
import { Problem } from '../../config/problem.ts';
import type { Account } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { refusePresent } from '../../provision/secret-file.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { nameOf, whoIs } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { exportPerson } from '../terminal/personal-export.ts';

const { summary, description, args, flags } = wordsOf('en').commands['users delete'];

const dayMs = 24 * 3_600_000;

interface Order {
  readonly graceDays: number;
  readonly removeMessages: boolean;
}

interface Deleted {
  readonly user: Account;
  readonly deletedAt: number;
  /** Where what was kept about them went; null: nowhere. */
  readonly export: string | null;
}

export default class UsersDelete extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> users delete anna',
    '<%= config.bin %> users delete anna --export anna.jsonl --grace-days 30 --yes',
  ];
  static override args = { user: Args.string({ description: args.user, required: true }) };
  static override flags = {
    'grace-days': Flags.integer({ description: flags['grace-days'], default: 14, min: 0, max: 365 }),
    'remove-messages': Flags.boolean({ description: flags['remove-messages'] }),
    export: Flags.string({ description: flags.export, helpValue: 'FILE' }),
    yes: Flags.boolean({ char: 'y', description: flags.yes }),
  };

  async run(): Promise<Deleted | { kept: true }> {
    const { args: given, flags: asked } = await this.parse(UsersDelete);
    const home = this.open(asked);
    const order = { graceDays: asked['grace-days'], removeMessages: asked['remove-messages'] };
    const found = await withInstance(this.machine, home, (connection) =>
      connection.call('user.show', { user: given.user }),
    );
    this.#say(found, order);
    if (!asked.yes && !this.canAsk(asked)) throw new Problem('needs_yes', {});
    const target = asked.export ?? (asked.yes ? null : await this.#askExport(found.user));
    const file = target === null ? null : resolve(target);
    if (file !== null) await refusePresent(file);
    if (!asked.yes && !(await this.#isMeant(found.user))) {
      this.printer.line(this.words.printing.deletion.kept);
      return { kept: true };
    }
    return this.#delete(home, found.user, order, file);
  }

  /** What will happen, before anybody is asked whether it shall. */
  #say({ user, sessions }: Output<'user.show'>, { graceDays, removeMessages }: Order): void {
    const { printing, language } = this.words;
    const { deletion } = printing;
    const until = timeIn(language, this.machine.now() + graceDays * dayMs);
    const undo = this.typed(`users enable ${nameOf(user)}`);
    this.printer.line(deletion.title(whoIs(user)));
    this.printer.line(`  ${deletion.signedOut(sessions.length)}`);
    this.printer.line(`  ${graceDays === 0 ? deletion.noUndo : deletion.undo(until, undo)}`);
    this.printer.line(`  ${deletion.emptied}`);
    this.printer.line(`  ${removeMessages ? deletion.messagesGo : deletion.messagesStay}`);
    this.printer.line();
  }

  async #askExport(user: Account): Promise<string | null> {
    const { confirm, input } = await import('@inquirer/prompts');
    const { deletion } = this.words.printing;
    if (!(await confirm({ message: deletion.askExport, default: true }))) return null;
    return input({ message: deletion.askFile, default: `${nameOf(user)}.jsonl`, required: true });
  }

  async #isMeant(user: Account): Promise<boolean> {
    const { confirm } = await import('@inquirer/prompts');
    return confirm({ message: this.words.printing.deletion.ask(nameOf(user)), default: false });
  }

  /** What cannot be written is not deleted. */
  async #delete(home: Home, { userId }: Account, order: Order, file: string | null): Promise<Deleted> {
    const { printing, language } = this.words;
    const deleted = await withInstance(this.machine, home, async (connection) => {
      if (file !== null) {
        const lines = await exportPerson(connection, userId, file);
        this.printer.done(printing.users.exported(lines, file));
      }
      return connection.call('user.delete', { user: userId, ...order });
    });
    const name = nameOf(deleted.user);
    const { ordered, done } = printing.deletion;
    this.printer.done(order.graceDays === 0 ? done(name) : ordered(name, timeIn(language, deleted.deletedAt)));
    if (order.graceDays > 0) this.printer.next(printing.next, printing.users.undisable(this.typed, name));
    return { ...deleted, export: file };
  }
}
