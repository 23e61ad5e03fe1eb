import { Flags } from '@oclif/core';
import { loadConfig } from '../config/config.ts';
import { stopServer } from '../provision/server-process.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { findRunning } from './terminal/instance.ts';

const { summary, flags } = wordsOf('en').commands.restart;

export default class Restart extends BaseCommand {
  static override summary = summary;
  static override flags = { timeout: Flags.integer({ description: flags.timeout, default: 60, min: 1 }) };

  async run(): Promise<unknown> {
    const { flags: given } = await this.parse(Restart);
    const home = this.open(given);
    // A server that runs is not given up for settings with which none would start.
    await loadConfig(home.folder);
    const server = await findRunning(this.machine, home);
    if (server !== null) {
      await stopServer(this.machine, server, { seconds: given.timeout, force: false });
      this.printer.done(this.words.printing.down.stopped(server.pid));
    }
    const passed = [
      ...(given.instance === undefined ? [] : ['--instance', given.instance]),
      ...(given.lang === undefined ? [] : ['--lang', given.lang]),
      ...(this.jsonEnabled() ? ['--json'] : []),
    ];
    // Its own output, JSON too, is this command's.
    await this.config.runCommand('up', ['--detach', ...passed]);
    return undefined;
  }
}
