import type { Setting } from '../../config/settings.ts';

/** What a word on the command line means as the value of a setting. What it cannot mean stays as it is, to be refused. */
export function settingValue(setting: Setting, word: string): unknown {
  if (word === 'default') return setting.default;
  if (setting.optional && meansNothing(word)) return null;
  switch (setting.type) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : word;
    case 'yes or no':
      return truth[word.toLowerCase()] ?? word;
    case 'list':
      return word === 'none' ? [] : words(word);
    default:
      return word;
  }
}

/** Said of a setting that may be unset. */
export function meansNothing(word: string): boolean {
  return ['', 'none', 'null', 'default'].includes(word);
}

const truth: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

function words(list: string): string[] {
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  return String(value);
}

/** `postgres://user:secret@host/name` without the secret; other values as they are. */
export function withoutPasswords(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/^([a-z+]+:\/\/[^/\s:@]*):[^/\s]*@/i, '$1:•••@') : value;
}
