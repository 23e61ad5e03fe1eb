import { parse } from 'yaml';
import type { Config } from './schema.ts';
import { type Setting, sections, settings } from './settings.ts';

/** The configuration as a file that explains itself: each setting under a comment with its description and default. */
export function writeConfigText(config: Config): string {
  const blocks = topKeys().map((key) => {
    const section = sections.find(({ path }) => path === key);
    const inner = settings.filter(({ path }) => path === key || path.startsWith(`${key}.`));
    if (!section) return inner.map((setting) => settingText(setting, config, '')).join('');
    return `${comment(section.description, '')}${key}:\n${inner.map((setting) => settingText(setting, config, '  ')).join('')}`;
  });
  return `${head}\n${blocks.join('\n')}`;
}

const head = `# The settings of this instance. Change them here or with \`messenger config set\`, then \`messenger restart\`.
# \`messenger doctor\` checks them.
`;

function topKeys(): string[] {
  return [...new Set(settings.map(({ path }) => path.split('.')[0] ?? path))];
}

function settingText(setting: Setting, config: Config, indent: string): string {
  const key = setting.path.split('.').at(-1) ?? setting.path;
  const value = inOneLine(valueAt(config, setting.path));
  return `${comment(explanation(setting), indent)}${indent}${key}: ${value}\n`;
}

/** A value as YAML without a line break, whatever text it holds. */
function inOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  return simple.test(value) && parse(value) === value ? value : quoted(value);
}

const simple = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._/@-]|:(?! ))*[\p{L}\p{N}./]$/u;

/** What JSON quotes YAML reads, once what is not printable is escaped too. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function explanation(setting: Setting): string {
  const choices = setting.choices.length > 0 ? `One of: ${setting.choices.join(', ')}.` : '';
  return [setting.description, choices, `Default: ${writtenDefault(setting)}.`].filter(Boolean).join(' ');
}

/** A default as it would stand in the file; `none` for what is not set. */
export function writtenDefault(setting: Setting): string {
  const written = inOneLine(setting.default);
  return written === 'null' || written === '[]' ? 'none' : written;
}

function comment(text: string, indent: string): string {
  const width = 110 - indent.length;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${indent}# ${line}\n`).join('');
}

/** What a configuration holds under a dotted path. */
export function valueAt(config: Config, path: string): unknown {
  let value: unknown = config;
  for (const key of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}
