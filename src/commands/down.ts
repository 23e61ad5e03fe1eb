import { Flags } from '@oclif/core';
import { Problem } from '../config/problem.ts';
import { isInstance } from '../provision/instance-folder.ts';
import { stopServer } from '../provision/server-process.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { findRunning } from './terminal/instance.ts';

const { summary, flags } = wordsOf('en').commands.down;

export default class Down extends BaseCommand {
  static override summary = summary;
  static override flags = {
    force: Flags.boolean({ description: flags.force }),
    timeout: Flags.integer({ description: flags.timeout, default: 60, min: 1 }),
  };

  async run(): Promise<{ stopped: boolean; pid: number | null }> {
    const { flags: given } = await this.parse(Down);
    const home = this.open(given);
    if (!(await isInstance(this.machine, home))) throw new Problem('not_an_instance', { home: home.folder });
    const server = await findRunning(this.machine, home);
    if (server === null) {
      this.printer.line(this.words.printing.down.wasDown);
      return { stopped: false, pid: null };
    }
    await stopServer(this.machine, server, { seconds: given.timeout, force: given.force });
    this.printer.done(this.words.printing.down.stopped(server.pid));
    return { stopped: true, pid: server.pid };
  }
}
