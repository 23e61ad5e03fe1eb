import { Flags } from '@oclif/core';
import type { Home } from '../config/home.ts';
import { Problem } from '../config/problem.ts';
import { configSchema } from '../config/schema.ts';
import { instanceSteps, isInstance } from '../provision/instance-folder.ts';
import { lanAddress } from '../provision/network.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand, yesFlag } from './terminal/base-command.ts';
import { chosenPort } from './terminal/port.ts';
import { takeSteps } from './terminal/progress.ts';

const { summary, description, flags } = wordsOf('en').commands.init;

/** The safest first. */
const registrations = ['invite', 'approval', 'open', 'closed'] as const;
type Registration = (typeof registrations)[number];

export default class Init extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = ['<%= config.bin %> init', '<%= config.bin %> init --name "The Smiths" --port 8090 --yes'];
  static override flags = {
    name: Flags.string({ description: flags.name }),
    address: Flags.string({ description: flags.address, helpValue: 'URL' }),
    port: Flags.integer({ description: flags.port, min: 1, max: 65_535 }),
    registration: Flags.option({ options: registrations, description: flags.registration })(),
    ...yesFlag,
  };

  async run(): Promise<{ home: string; made: boolean; address: string | null }> {
    const { flags: given } = await this.parse(Init);
    const home = this.open(given);
    const { printing } = this.words;
    if (await isInstance(this.machine, home)) {
      await this.#complete(home);
      this.printer.done(printing.init.there(home.folder));
      this.printer.line(printing.init.kept(this.typed));
      return { home: home.folder, made: false, address: null };
    }
    const config = await this.#decide(given);
    await takeSteps(instanceSteps(this.machine, home, config, this.words), this.printer);
    this.printer.line();
    this.printer.done(printing.init.made(home.folder));
    this.printer.next(printing.next, printing.init.next(this.typed));
    return { home: home.folder, made: true, address: config.address };
  }

  /** What an instance lost: folders, or keys. */
  async #complete(home: Home): Promise<void> {
    await takeSteps(instanceSteps(this.machine, home, configSchema.parse({}), this.words), this.printer);
  }

  async #decide(given: {
    readonly name?: string | undefined;
    readonly address?: string | undefined;
    readonly port?: number | undefined;
    readonly registration?: Registration | undefined;
    readonly yes: boolean;
  }) {
    const { init } = this.words.printing;
    const port = given.port ?? chosenPort(process.env) ?? 8080;
    const found = await lanAddress(this.machine, port);
    const answers = this.canAsk(given) ? await this.#ask(given, found) : {};
    const wanted = { name: 'Messenger', address: found, ...answers, port };
    const asked = {
      ...wanted,
      ...(given.name === undefined ? {} : { name: given.name }),
      ...(given.address === undefined ? {} : { address: given.address.replace(/\/+$/, '') }),
      ...(given.registration === undefined ? {} : { registration: given.registration }),
    };
    const parsed = configSchema.safeParse(asked);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Problem('bad_answer', { flag: `--${issue?.path.join('.')}`, wanted: issue?.message ?? init.askName });
  }

  async #ask(
    given: {
      readonly name?: string | undefined;
      readonly address?: string | undefined;
      readonly registration?: Registration | undefined;
    },
    found: string,
  ) {
    const { input, select } = await import('@inquirer/prompts');
    const { init } = this.words.printing;
    const valid = (key: 'name' | 'address') => (value: string) =>
      configSchema.shape[key].safeParse(value).success ||
      `✖ ${key === 'address' ? 'https://chat.example.org' : '1–60'}`;
    const choices = registrations.map((value) => ({ value, name: init.registration[value] }));
    return {
      ...(given.name === undefined
        ? { name: await input({ message: init.askName, default: 'Messenger', validate: valid('name') }) }
        : {}),
      ...(given.address === undefined
        ? { address: await input({ message: init.askAddress, default: found, validate: valid('address') }) }
        : {}),
      ...(given.registration === undefined
        ? { registration: await select({ message: init.askRegistration, choices }) }
        : {}),
    };
  }
}
