import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import type { Home } from '../../config/home.ts';
import { Problem } from '../../config/problem.ts';
import type { Output } from '../../protocol/operations.ts';
import { type Role, roles } from '../../protocol/roles.ts';
import { type Language, languages, wordsOf } from '../../provision/words/words.ts';
import { BaseCommand, quoted, yesFlag } from '../terminal/base-command.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { withInstance } from '../terminal/instance.ts';
import { type ListReport, printReport } from '../terminal/list-report.ts';
import { choosePassword } from '../terminal/passwords.ts';
import { harmless, style } from '../terminal/printer.ts';

const { summary, description, args, flags } = wordsOf('en').commands['users add'];

type Added = Output<'user.add'> & { password?: string };

export default class UsersAdd extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> users add anna --role admin --email anna@example.org',
    'printf %s "$PASSWORD" | <%= config.bin %> users add ben --password -',
    '<%= config.bin %> users add weather --bot --display-name "Weather"',
    '<%= config.bin %> users add --from people.csv --dry-run',
    '<%= config.bin %> users add --from people.csv --passwords-to passwords.csv',
  ];
  static override args = { name: Args.string({ description: args.name }) };
  static override flags = {
    'display-name': Flags.string({ description: flags['display-name'], exclusive: ['from'] }),
    email: Flags.string({ description: flags.email, exclusive: ['from'] }),
    role: Flags.option({ options: roles, description: flags.role, default: 'member' as const })(),
    language: Flags.option({ options: languages, description: flags.language, exclusive: ['from'] })(),
    password: Flags.string({ description: flags.password, helpValue: '-', exclusive: ['from'] }),
    bot: Flags.boolean({ description: flags.bot, default: false, exclusive: ['from', 'password', 'email'] }),
    from: Flags.string({ description: flags.from, helpValue: 'FILE' }),
    'dry-run': Flags.boolean({ description: flags['dry-run'], default: false }),
    'passwords-to': Flags.string({
      description: flags['passwords-to'],
      helpValue: 'FILE',
      dependsOn: ['from'],
      exclusive: ['dry-run'],
    }),
    ...yesFlag,
  };

  async run(): Promise<Added | ListReport | undefined> {
    const { args: given, flags: asked } = await this.parse(UsersAdd);
    const home = this.open(asked);
    if (asked.from === undefined) return this.#addOne(home, given.name, asked);
    if (given.name !== undefined) throw new Problem('bad_answer', { flag: 'NAME', wanted: '--from' });
    const passwordsTo = asked['passwords-to'];
    return this.#addList(home, {
      from: asked.from,
      passwordsTo: passwordsTo === undefined ? null : resolve(passwordsTo),
      dryRun: asked['dry-run'],
      role: asked.role,
    });
  }

  async #addOne(
    home: Home,
    given: string | undefined,
    asked: {
      readonly 'display-name'?: string | undefined;
      readonly email?: string | undefined;
      readonly language?: Language | undefined;
      readonly password?: string | undefined;
      readonly role: Role;
      readonly bot: boolean;
      readonly 'dry-run': boolean;
      readonly yes: boolean;
    },
  ): Promise<Added> {
    const { users, list } = this.words.printing;
    const askable = this.canAsk(asked) && asked.password === undefined;
    const name = given ?? (await this.#askName(askable));
    const chosen = asked.bot
      ? null
      : await choosePassword(asked.password, { askable: askable && !asked['dry-run'], words: this.words });
    const displayName = asked['display-name'];
    const added = await withInstance(this.machine, home, (connection) =>
      connection.call('user.add', {
        name,
        role: asked.role,
        bot: asked.bot,
        ...(chosen === null ? {} : { password: chosen.password }),
        email: asked.email ?? null,
        language: asked.language ?? null,
        dryRun: asked['dry-run'],
        ...(displayName === undefined ? {} : { displayName }),
      }),
    );
    if (added.user === null) {
      this.printer.done(list.wouldMake(1));
      return added;
    }
    this.printer.done(users.added(harmless(added.user.name)));
    if (asked.bot) {
      const next = `tokens create --user ${added.user.name} --name ${added.user.name} --scope chat`;
      this.printer.next(this.words.printing.next, [this.typed(next)]);
    }
    if (!chosen?.made) return added;
    this.printer.line();
    this.printer.facts([[users.password, style('bold', chosen.password)]]);
    return { ...added, password: chosen.password };
  }

  async #askName(askable: boolean): Promise<string> {
    if (!askable) throw new Problem('needs_answer', { flag: 'NAME' });
    const { input } = await import('@inquirer/prompts');
    return input({ message: this.words.printing.users.askName, required: true });
  }

  async #addList(
    home: Home,
    how: {
      readonly from: string;
      readonly passwordsTo: string | null;
      readonly dryRun: boolean;
      readonly role: Role;
    },
  ): Promise<ListReport | undefined> {
    const { takeList } = await import('../terminal/people-list.ts');
    const report = await takeList(this.machine, home, { ...how, words: this.words, typed: this.typed });
    printReport(this.printer, this.words, report);
    if (how.dryRun && report.counts.would_add > 0) {
      const { next, list } = this.words.printing;
      this.printer.next(
        next,
        list.forReal(this.typed, `users add --from ${quoted(how.from)} --passwords-to passwords.csv`),
      );
    }
    if (report.counts.failed === 0 && report.passwordsUnwritten === 0) return report;
    if (this.jsonEnabled()) this.logJson(report);
    return this.exit(exitCodes.failure);
  }
}
