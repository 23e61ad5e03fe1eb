import { Args } from '@oclif/core';
import { loadConfig, settingProblem } from '../../config/config.ts';
import { valueAt } from '../../config/config-text.ts';
import { findSetting } from '../../config/settings.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { shownValue, withoutPasswords } from '../terminal/setting-value.ts';

const { summary, args } = wordsOf('en').commands['config get'];

export default class ConfigGet extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> config get log.level'];
  static override args = { setting: Args.string({ description: args.setting, required: true }) };

  async run(): Promise<{ setting: string; value: unknown }> {
    const { args: given, flags } = await this.parse(ConfigGet);
    const home = this.open(flags);
    if (findSetting(given.setting) === null) throw settingProblem(given.setting);
    const value = withoutPasswords(valueAt(await loadConfig(home.folder), given.setting));
    this.log(shownValue(value));
    return { setting: given.setting, value };
  }
}
