import { Args } from '@oclif/core';
import { loadConfig, settingProblem } from '../../config/config.ts';
import { valueAt } from '../../config/config-text.ts';
import type { Home } from '../../config/home.ts';
import { findSecretSetting, isSecretSet, type SecretSetting } from '../../config/secret-settings.ts';
import { findSetting } from '../../config/settings.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { shownValue, withoutPasswords } from '../terminal/setting-value.ts';

const { summary, args } = wordsOf('en').commands['config get'];

export default class ConfigGet extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> config get log.level'];
  static override args = { setting: Args.string({ description: args.setting, required: true }) };

  async run(): Promise<{ setting: string; value: unknown; set?: boolean }> {
    const { args: given, flags } = await this.parse(ConfigGet);
    const home = this.open(flags);
    const secret = findSecretSetting(given.setting);
    if (secret !== null) return this.#getSecret(home, secret);
    if (findSetting(given.setting) === null) throw settingProblem(given.setting);
    const value = withoutPasswords(valueAt(await loadConfig(home.folder), given.setting));
    this.log(shownValue(value));
    return { setting: given.setting, value };
  }

  /** Whether there is one. */
  async #getSecret(home: Home, setting: SecretSetting): Promise<{ setting: string; value: null; set: boolean }> {
    await loadConfig(home.folder);
    const isSet = await isSecretSet(home.folder, setting);
    this.log(isSet ? this.words.printing.config.secret : shownValue(null));
    return { setting: setting.path, value: null, set: isSet };
  }
}
