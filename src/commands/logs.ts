import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { Problem } from '../config/problem.ts';
import { isInstance } from '../provision/instance-folder.ts';
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
    const write = (line: string) => {
      if (line === '' || levelOf(line) < least) return;
      process.stdout.write(`${this.jsonEnabled() ? line : logLine(line, this.words)}\n`);
    };
    const text = (await this.machine.read(home.logFile)) ?? '';
    if (text === '' && !given.follow) this.logToStderr(this.words.printing.logs.none(home.logFile));
    const past = text.split('\n').filter((line) => line !== '' && levelOf(line) >= least);
    if (given.lines > 0) past.slice(-given.lines).forEach(write);
    if (given.follow) await follow(home.logFile, Buffer.byteLength(text), write);
    return undefined;
  }
}

/** Hears each line that is added, also after the log has moved aside and begun anew. Ends with the process. */
async function follow(path: string, from: number, hear: (line: string) => void): Promise<never> {
  let place = from;
  let rest = '';
  for (;;) {
    const file = await open(path, 'r').catch(() => null);
    if (file !== null) {
      const { size } = await file.stat();
      if (size < place) [place, rest] = [0, ''];
      if (size > place) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(size - place), 0, size - place, place);
        place += bytesRead;
        const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(hear);
      }
      await file.close();
    }
    await wait(200);
  }
}
