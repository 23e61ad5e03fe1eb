import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from '../../app/instance.ts';
import { numberIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, description } = wordsOf('en').commands['search rebuild'];

/** It is asked how far it is so often, and says so as seldom as this, ms. */
const askMs = 500;
const sayMs = 5_000;

export default class SearchRebuild extends BaseCommand {
  static override summary = summary;
  static override description = description;

  async run(): Promise<{ entries: number }> {
    const { flags } = await this.parse(SearchRebuild);
    const home = this.open(flags);
    return withInstance(this.machine, home, async (connection) => {
      await connection.call('search.rebuild', {});
      const entries = await this.#follow(connection);
      this.printer.done(this.words.printing.search.rebuilt(entries));
      return { entries };
    });
  }

  /** Until all that was there when it began is in the index. */
  async #follow(connection: Connection): Promise<number> {
    const { language, printing } = this.words;
    const { total } = await connection.call('search.progress', {});
    for (let waited = askMs; ; waited += askMs) {
      const { indexed } = await connection.call('search.progress', {});
      if (indexed >= total) return total;
      if (waited % sayMs === 0)
        this.printer.line(printing.search.indexed(numberIn(language, indexed), numberIn(language, total)));
      await wait(askMs);
    }
  }
}
