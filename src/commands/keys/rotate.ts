import { Flags } from '@oclif/core';
import { Problem } from '../../config/problem.ts';
import { rotateSigningKey } from '../../config/secrets.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { findRunning, refuseOtherOwner } from '../terminal/instance.ts';

const { summary, description, flags } = wordsOf('en').commands['keys rotate'];

export default class KeysRotate extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = ['<%= config.bin %> keys rotate', '<%= config.bin %> keys rotate --minutes 60'];
  static override flags = {
    minutes: Flags.integer({ description: flags.minutes, default: 1, min: 1, max: 7 * 24 * 60 }),
  };

  async run(): Promise<{ kid: string; signsFrom: number; kept: string[]; dropped: string[] }> {
    const { flags: given } = await this.parse(KeysRotate);
    const home = this.open(given);
    await refuseOtherOwner(this.machine, home);
    if (!(await this.machine.look(home.config))) throw new Problem('not_an_instance', { home: home.folder });
    const { added, kept, dropped } = await rotateSigningKey(home.folder, Date.now(), given.minutes * 60_000);

    const { printing, language } = this.words;
    const { labels } = printing.keys;
    this.printer.done(printing.keys.added);
    this.printer.facts([
      [labels.kid, added.kid],
      [labels.signsFrom, timeIn(language, added.signsFrom)],
      [labels.kept, String(kept.length)],
      [labels.dropped, String(dropped.length)],
    ]);
    this.printer.line();
    const isRunning = (await findRunning(this.machine, home)) !== null;
    this.printer.line(isRunning ? printing.keys.takenByItself : printing.keys.takenAtStart);
    return {
      kid: added.kid,
      signsFrom: added.signsFrom,
      kept: kept.map(({ kid }) => kid),
      dropped: dropped.map(({ kid }) => kid),
    };
  }
}
