import { Args } from '@oclif/core';
import { loadConfig, setSetting, settingProblem } from '../../config/config.ts';
import { valueAt } from '../../config/config-text.ts';
import { findSetting } from '../../config/settings.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { findRunning, refuseOtherOwner } from '../terminal/instance.ts';
import { settingValue, shownValue, withoutPasswords } from '../terminal/setting-value.ts';

const { summary, args } = wordsOf('en').commands['config set'];

export default class ConfigSet extends BaseCommand {
  static override summary = summary;
  static override examples = [
    '<%= config.bin %> config set address https://chat.example.org',
    '<%= config.bin %> config set log.level debug',
    '<%= config.bin %> config set port default',
  ];
  static override args = {
    setting: Args.string({ description: args.setting, required: true }),
    value: Args.string({ description: args.value, required: true }),
  };

  async run(): Promise<{ setting: string; value: unknown; changed: boolean; restart: boolean }> {
    const { args: given, flags } = await this.parse(ConfigSet);
    const home = this.open(flags);
    const setting = findSetting(given.setting);
    if (setting === null) throw settingProblem(given.setting);
    await refuseOtherOwner(this.machine, home);
    const before = valueAt(await loadConfig(home.folder, {}), setting.path);
    const wanted = settingValue(setting, given.value);
    const { config: words } = this.words.printing;
    const after = valueAt(await setSetting(home.folder, setting.path, wanted), setting.path);
    const changed = JSON.stringify(before) !== JSON.stringify(after);
    const restart = changed && (await findRunning(this.machine, home)) !== null;
    const shown = shownValue(withoutPasswords(after));
    this.printer.done(changed ? words.set(setting.path, shown) : words.same(setting.path, shown));
    if (restart) this.printer.line(words.restart(this.typed));
    return { setting: setting.path, value: withoutPasswords(after), changed, restart };
  }
}
