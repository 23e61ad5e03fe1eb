import { text } from 'node:stream/consumers';
import { Args } from '@oclif/core';
import { loadConfig, setSetting, settingProblem } from '../../config/config.ts';
import { valueAt } from '../../config/config-text.ts';
import type { Home } from '../../config/home.ts';
import { findSecretSetting, type SecretSetting, setSecretSetting } from '../../config/secret-settings.ts';
import { findSetting, type Setting } from '../../config/settings.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { findRunning, refuseOtherOwner } from '../terminal/instance.ts';
import { meansNothing, settingValue, shownValue, withoutPasswords } from '../terminal/setting-value.ts';

const { summary, description, args } = wordsOf('en').commands['config set'];

interface Changed {
  readonly setting: string;
  /** Null for secrets: whether one is set says `config get`. */
  readonly value: unknown;
  readonly changed: boolean;
  readonly restart: boolean;
}

export default class ConfigSet extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> config set address https://chat.example.org',
    '<%= config.bin %> config set log.level debug',
    '<%= config.bin %> config set port default',
    '<%= config.bin %> config set mail.password -',
  ];
  static override args = {
    setting: Args.string({ description: args.setting, required: true }),
    value: Args.string({ description: args.value, required: true }),
  };

  async run(): Promise<Changed> {
    const { args: given, flags } = await this.parse(ConfigSet);
    const home = this.open(flags);
    await refuseOtherOwner(this.machine, home);
    const secret = findSecretSetting(given.setting);
    if (secret !== null) return this.#setSecret(home, secret, given.value);
    const setting = findSetting(given.setting);
    if (setting === null) throw settingProblem(given.setting);
    return this.#set(home, setting, settingValue(setting, given.value));
  }

  async #set(home: Home, { path }: Setting, wanted: unknown): Promise<Changed> {
    const before = valueAt(await loadConfig(home.folder, {}), path);
    const after = valueAt(await setSetting(home.folder, path, wanted), path);
    const changed = JSON.stringify(before) !== JSON.stringify(after);
    const value = withoutPasswords(after);
    return { setting: path, value, changed, restart: await this.#tell(home, path, shownValue(value), changed) };
  }

  async #setSecret(home: Home, setting: SecretSetting, word: string): Promise<Changed> {
    await loadConfig(home.folder, {});
    const wanted = word === '-' ? await this.#readSecret(setting.path) : meansNothing(word) ? null : word;
    const changed = await setSecretSetting(home.folder, setting, wanted);
    const shown = wanted === null ? shownValue(null) : this.words.printing.config.secret;
    return {
      setting: setting.path,
      value: null,
      changed,
      restart: await this.#tell(home, setting.path, shown, changed),
    };
  }

  /** Says what came of it; answers whether a restart is needed. */
  async #tell(home: Home, path: string, shown: string, changed: boolean): Promise<boolean> {
    const { config: words } = this.words.printing;
    const restart = changed && (await findRunning(this.machine, home)) !== null;
    this.printer.done(changed ? words.set(path, shown) : words.same(path, shown));
    if (restart) this.printer.line(words.restart(this.typed));
    return restart;
  }

  /** From standard input, and from the keyboard without showing it. Empty: none. */
  async #readSecret(path: string): Promise<string | null> {
    if (!this.canAsk({})) return (await text(process.stdin)).replace(/\r?\n$/, '') || null;
    const { password } = await import('@inquirer/prompts');
    return (await password({ message: this.words.printing.config.askSecret(path) })) || null;
  }
}
