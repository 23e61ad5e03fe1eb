import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { withInstance } from './terminal/instance.ts';

const { summary } = wordsOf('en').commands.migrate;

export default class Migrate extends BaseCommand {
  static override summary = summary;

  async run(): Promise<{ migrated: true; version: string }> {
    const { flags } = await this.parse(Migrate);
    const home = this.open(flags);
    // Whoever opens the stores brings them to this version first, be it a server or this command.
    const { version } = await withInstance(this.machine, home, (connection) => connection.call('instance.about', {}));
    this.printer.done(this.words.printing.migrate.done(version));
    return { migrated: true, version };
  }
}
