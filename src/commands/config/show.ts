import { Args, Flags } from '@oclif/core';
import { loadConfig, settingProblem } from '../../config/config.ts';
import { valueAt, writtenDefault } from '../../config/config-text.ts';
import { isSecretSet, secretSettings } from '../../config/secret-settings.ts';
import { sections, settings } from '../../config/settings.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { style } from '../terminal/printer.ts';
import { shownValue, withoutPasswords } from '../terminal/setting-value.ts';

const { summary, args, flags } = wordsOf('en').commands['config show'];

export default class ConfigShow extends BaseCommand {
  static override summary = summary;
  static override args = { section: Args.string({ description: args.section }) };
  static override flags = { changed: Flags.boolean({ description: flags.changed }) };

  async run(): Promise<{ file: string; settings: Record<string, unknown> }> {
    const { args: given, flags: asked } = await this.parse(ConfigShow);
    const home = this.open(asked);
    const config = await loadConfig(home.folder);
    const { section } = given;
    const wanted = settings.filter(
      ({ path, default: usual }) =>
        isWithin(path, section) && (!asked.changed || JSON.stringify(valueAt(config, path)) !== JSON.stringify(usual)),
    );
    const known = section === undefined || [...sections, ...settings].some(({ path }) => path === section);
    if (!known) throw settingProblem(section);
    const { printing } = this.words;
    this.printer.line(style('dim', home.config));
    for (const setting of wanted) {
      const value = valueAt(config, setting.path);
      const usual = JSON.stringify(value) === JSON.stringify(setting.default);
      const note = usual ? '' : style('dim', ` (${printing.default}: ${writtenDefault(setting)})`);
      this.printer.line(`${style('bold', setting.path)}  ${style('cyan', shownValue(withoutPasswords(value)))}${note}`);
      this.printer.line(`    ${style('dim', setting.description)}`);
    }
    for (const secret of asked.changed ? [] : secretSettings.filter(({ path }) => isWithin(path, section))) {
      const { secret: hidden } = printing.config;
      const shown = (await isSecretSet(home.folder, secret)) ? hidden : shownValue(null);
      this.printer.line(`${style('bold', secret.path)}  ${style('cyan', shown)}`);
      this.printer.line(`    ${style('dim', secret.description)}`);
    }
    return {
      file: home.config,
      settings: Object.fromEntries(wanted.map(({ path }) => [path, withoutPasswords(valueAt(config, path))])),
    };
  }
}

function isWithin(path: string, section: string | undefined): boolean {
  return section === undefined || path === section || path.startsWith(`${section}.`);
}
