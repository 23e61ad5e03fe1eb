import type { Language } from './words.ts';

/** `1.4 GB`, in steps of 1024, as people read it. */
export function bytesIn(language: Language, bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  const value = bytes / 1024 ** step;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}

/** Date and time to the minute, in the time zone of this host. */
export function timeIn(language: Language, ms: number): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

/** Date and time to the millisecond, in the time zone of this host. */
export function preciseTimeIn(language: Language, ms: number): string {
  return new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }).format(ms);
}

export function numberIn(language: Language, value: number): string {
  return new Intl.NumberFormat(language).format(value);
}

/** The form that goes with a number: `{ one: 'день', few: 'дня', other: 'дней' }`. */
export function pluralIn(
  language: Language,
  n: number,
  forms: { readonly one: string; readonly few?: string; readonly other: string },
): string {
  const rule = new Intl.PluralRules(language).select(n);
  return rule === 'one' ? forms.one : rule === 'few' ? (forms.few ?? forms.other) : forms.other;
}
