import { Flags } from '@oclif/core';
import { Problem } from '../config/problem.ts';
import { isInstance } from '../provision/instance-folder.ts';
import { follow, lastLines } from '../provision/log-reader.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { levelOf, levels, logLine } from './terminal/log-line.ts';

const { summary, flags } = wordsOf('en').commands.logs;

export default class Logs extends BaseCommand {
  static override summary = summary;
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: flags.follow }),
    lines: Flags.integer({ char: 'n', description: flags.lines, default: 100, min: 0 }),
    level: Flags.option({ options: Object.keys(levels) as (keyof typeof levels)[], description: flags.level })(),
  };

  async run(): Promise<undefined> {
    const { flags: given } = await this.parse(Logs);
    const home = this.open(given);
    if (!(await isInstance(this.machine, home))) throw new Problem('not_an_instance', { home: home.folder });
    const least = given.level === undefined ? 0 : levels[given.level];
    const wanted = (line: string) => levelOf(line) >= least;
    const write = (line: string) => process.stdout.write(`${this.jsonEnabled() ? line : logLine(line, this.words)}\n`);
    // Who reads along may have seen enough: `logs | head`.
    process.stdout.on('error', () => process.exit(0));
    const { lines, end } = await lastLines(home.logFile, given.lines, wanted);
    if (end === 0 && !given.follow) this.logToStderr(this.words.printing.logs.none(home.logFile));
    for (const line of lines) write(line);
    if (given.follow) {
      await follow(home.logFile, end, (line) => {
        if (wanted(line)) write(line);
      });
    }
    return undefined;
  }
}
