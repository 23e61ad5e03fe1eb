import { randomInt } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Args, Flags } from '@oclif/core';
import { Problem } from '../../config/problem.ts';
import { limits } from '../../protocol/limits.ts';
import type { Output } from '../../protocol/operations.ts';
import { roles } from '../../protocol/roles.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand, yesFlag } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless, style } from '../terminal/printer.ts';

const { summary, description, args, flags } = wordsOf('en').commands['users add'];

export default class UsersAdd extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> users add anna --role admin',
    'printf %s "$PASSWORD" | <%= config.bin %> users add ben --password-stdin',
  ];
  static override args = { name: Args.string({ description: args.name }) };
  static override flags = {
    'display-name': Flags.string({ description: flags['display-name'] }),
    role: Flags.option({ options: roles, description: flags.role, default: 'member' as const })(),
    'password-stdin': Flags.boolean({ description: flags['password-stdin'] }),
    ...yesFlag,
  };

  async run(): Promise<Output<'user.add'> & { password?: string }> {
    const { args: given, flags: asked } = await this.parse(UsersAdd);
    const home = this.open(asked);
    const { printing } = this.words;
    const askable = this.canAsk(asked) && !asked['password-stdin'];
    const name = given.name ?? (await this.#askName(askable));
    const chosen = asked['password-stdin'] ? await readPassword() : askable ? await this.#askPassword() : '';
    const made = chosen === '' ? makePassword() : null;
    const displayName = asked['display-name'];
    const added = await withInstance(this.machine, home, (connection) =>
      connection.call('user.add', {
        name,
        password: made ?? chosen,
        role: asked.role,
        ...(displayName === undefined ? {} : { displayName }),
      }),
    );
    this.printer.done(printing.users.added(harmless(added.user.name)));
    if (made === null) return added;
    this.printer.line();
    this.printer.facts([[printing.users.password, style('bold', made)]]);
    return { ...added, password: made };
  }

  async #askName(askable: boolean): Promise<string> {
    if (!askable) throw new Problem('needs_answer', { flag: 'NAME' });
    const { input } = await import('@inquirer/prompts');
    return input({ message: this.words.printing.users.askName, required: true });
  }

  async #askPassword(): Promise<string> {
    const { password } = await import('@inquirer/prompts');
    const { users } = this.words.printing;
    const { min } = limits.passwordLength;
    const first = await password({
      message: users.askPassword,
      validate: (value) => value === '' || value.length >= min || users.tooShort(min),
    });
    if (first !== '') {
      await password({ message: users.askAgain, validate: (value) => value === first || users.differ });
    }
    return first;
  }
}

async function readPassword(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw new Problem('no_password', {});
  return password;
}

/** Letters and digits that nobody takes for others. Twenty of them: 99 bits. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

function makePassword(): string {
  const group = () => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}
