// Writes docs/cli.md and docs/configuration.md from the commands and the settings themselves.
//   npm run docs              writes them
//   npm run docs -- --check   ends with 1 when they are not what the code says
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Command, Config } from '@oclif/core';
import { exitCodes } from '../src/commands/terminal/exit-codes.ts';
import { writtenDefault } from '../src/config/config-text.ts';
import { type SecretSetting, secretSettings } from '../src/config/secret-settings.ts';
import { type Setting, sections, settings } from '../src/config/settings.ts';
import { wordsOf } from '../src/provision/words/words.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const generated = '<!-- Generated from the code by `npm run docs`. Changes made here are lost. -->';

/** Every command with its arguments, flags and examples. */
export async function cliReference(): Promise<string> {
  const commands = (await ownCommands()).filter((command) => !command.hidden);
  const global = Object.values(commands[0]?.flags ?? {}).filter((flag) => isGlobal(flag));
  return `${[
    generated,
    '# The command line',
    'In a clone the program is `./bin/run.js`; installed it is `messenger`. Help stands behind `--help` on each command, in the language of the terminal (English or Russian). `messenger autocomplete` sets up completion for bash and zsh.',
    '## On every command',
    table(['Flag', 'What it does'], global.map(flagRow)),
    '## Exit codes',
    table(
      ['Code', 'Meaning'],
      [
        ['0', 'It is done.'],
        [
          String(exitCodes.failure),
          'It is not done; the message says why and what mends it. `doctor`: something is wrong.',
        ],
        [String(exitCodes.usage), 'The command was not understood: a flag, an argument, a setting or a value.'],
        [String(exitCodes.notRunning), 'The instance is not running (`status`).'],
        [String(exitCodes.badConfiguration), 'The configuration or the keys of the instance are not right.'],
        [String(exitCodes.interrupted), 'Ended by Ctrl-C.'],
      ],
    ),
    'With `--json` an error is `{ "error": { "reason", "message", "why", "mend": [] } }` on standard output, with the same exit code.',
    '## Environment',
    table(
      ['Variable', 'What it does'],
      [
        ['`MESSENGER_HOME`', 'The folder of the instance.'],
        ['`PORT`', 'The port to listen on, before the one in the configuration.'],
        ['`LANG`, `LC_ALL`', 'The language of what is printed.'],
        ['`NO_COLOR`', 'No colours.'],
      ],
    ),
    ...commands.map(commandText),
  ].join('\n\n')}\n`;
}

async function ownCommands(): Promise<Command.Loadable[]> {
  // From the sources, so that the documents need no build.
  const text = readFileSync(join(root, 'package.json'), 'utf8')
    .replaceAll('./dist/', './src/')
    .replaceAll('**/*.js', '**/*.ts');
  const config = await Config.load({ root, ignoreManifest: true, pjson: JSON.parse(text) });
  const order = ['init', 'up', 'down', 'restart', 'status', 'logs', 'doctor', 'migrate'];
  const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
  return config.commands
    .filter((command) => command.pluginName === config.name)
    .sort((a, b) => place(a.id) - place(b.id) || a.id.localeCompare(b.id, 'en'));
}

function commandText(command: Command.Loadable): string {
  const name = command.id.replaceAll(':', ' ');
  const args = Object.values(command.args).map((arg) =>
    arg.required ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`,
  );
  const flags = Object.values(command.flags).filter((flag) => !isGlobal(flag) && !flag.hidden);
  const examples = (command.examples ?? []).map((example) =>
    (typeof example === 'string' ? example : example.command).replaceAll('<%= config.bin %>', 'messenger'),
  );
  return [
    `## ${name}`,
    command.summary ?? '',
    ...(command.description ? [command.description] : []),
    `\`\`\`sh\n${['messenger', name, ...args, ...(flags.length > 0 ? ['[FLAGS]'] : [])].join(' ')}\n\`\`\``,
    ...(args.length > 0
      ? [
          table(
            ['Argument', 'What it is'],
            Object.values(command.args).map((arg) => [`\`${arg.name.toUpperCase()}\``, arg.description ?? '']),
          ),
        ]
      : []),
    ...(flags.length > 0 ? [table(['Flag', 'What it does'], flags.map(flagRow))] : []),
    ...(examples.length > 0 ? [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``] : []),
  ].join('\n\n');
}

function isGlobal(flag: Command.Flag.Any): boolean {
  return flag.helpGroup === 'GLOBAL' || flag.name === 'json';
}

function flagRow(flag: Command.Flag.Any): readonly string[] {
  const value =
    flag.type === 'option' ? ` ${flag.helpValue ?? (flag.options ? flag.options.join('\\|') : 'VALUE')}` : '';
  const usual =
    flag.type === 'option' && typeof flag.default !== 'function' && flag.default !== undefined && flag.default !== '';
  return [
    `\`${flag.char ? `-${flag.char}, ` : ''}--${flag.name}${value}\``,
    `${flag.name === 'json' ? wordsOf('en').globalFlags.json : flag.description}${usual ? ` Default: ${flag.default}.` : ''}`,
  ];
}

/** Every setting with its type, its default and what it means. */
export function configurationReference(): string {
  const single = settings.filter(({ path }) => !path.includes('.'));
  return `${[
    generated,
    '# The configuration',
    'Settings stand in `messenger.yaml` in the instance folder, where comments explain each of them. `messenger config get`, `set` and `show` read and change them and keep the comments; `messenger doctor` checks them. A change takes effect with `messenger restart`. Keys and passwords lie apart, in `secrets.json`, which only its owner may read.',
    'What is wrong in the file is listed whole: each mistake with its line, what would be right, and the key or choice that looks most like it.',
    settingTable(single),
    ...sections.flatMap(({ path, description }) => [
      `## ${path}`,
      description,
      settingTable(
        settings.filter((setting) => setting.path.startsWith(`${path}.`)),
        secretSettings.filter((secret) => secret.path.startsWith(`${path}.`)),
      ),
    ]),
  ].join('\n\n')}\n`;
}

function settingTable(rows: readonly Setting[], secrets: readonly SecretSetting[] = []): string {
  return table(
    ['Setting', 'Value', 'Default', 'What it means'],
    [
      ...rows.map((setting) => [
        `\`${setting.path}\``,
        valueText(setting),
        `\`${writtenDefault(setting)}\``,
        setting.description,
      ]),
      ...secrets.map(({ path, description }) => [`\`${path}\``, 'secret', '`none`', description]),
    ],
  );
}

function valueText({ type, choices, minimum, maximum, optional }: Setting): string {
  const text = type === 'choice' ? choices.map((choice) => `\`${choice}\``).join(', ') : type;
  const range = minimum === null || maximum === null ? '' : `, ${minimum} to ${maximum}`;
  return `${text}${range}${optional ? ', or none' : ''}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

export const documents: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/cli.md': cliReference,
  'docs/configuration.md': configurationReference,
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [path, make] of Object.entries(documents)) {
    const file = join(root, path);
    const text = await make();
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      console.error(`${path} is not what the code says: npm run docs`);
      process.exitCode = 1;
    }
  }
}
