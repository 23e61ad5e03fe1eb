import { computed, signal } from '@preact/signals';
import { type Catalogue, en } from './en.ts';
import { ru } from './ru.ts';

/** A third language is one more file and one more row here. */
export const catalogues = { en, ru } as const satisfies Record<string, Catalogue>;
export type Language = keyof typeof catalogues;

export const language = signal<Language>('en');
const catalogue = computed<Catalogue>(() => catalogues[language.value]);

/** The texts in the person's language. Reading it in a component draws the component anew when the language changes. */
export const words = (): Catalogue => catalogue.value;

/** Ticks once a minute, so that "5 minutes ago" moves on and a day's change is noticed. */
export const minute = signal(Date.now());

export function startMinutes(): void {
  setInterval(() => {
    minute.value = Date.now();
  }, 60_000);
}

const formats = computed(() => {
  const { locale } = catalogue.value;
  const dates = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  return {
    clock: dates({ timeStyle: 'short' }),
    weekday: dates({ weekday: 'short' }),
    monthDay: dates({ day: 'numeric', month: 'short' }),
    shortDate: dates({ day: '2-digit', month: '2-digit', year: '2-digit' }),
    longDay: dates({ weekday: 'long', day: 'numeric', month: 'long' }),
    longDate: dates({ day: 'numeric', month: 'long', year: 'numeric' }),
    moment: dates({ day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit' }),
    full: dates({ dateStyle: 'long', timeStyle: 'short' }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
    number: new Intl.NumberFormat(locale),
    list: new Intl.ListFormat(locale, { type: 'conjunction' }),
    percent: new Intl.NumberFormat(locale, { style: 'percent' }),
    megabytes: new Intl.NumberFormat(locale, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }),
  };
});

const dayLength = 86_400_000;

const spans = { week: 7 * dayLength, day: dayLength, hour: 3_600_000, minute: 60_000, second: 1_000 } as const;

/** "4 weeks": in the largest unit that says it exactly. */
export function duration(ms: number): string {
  const units = Object.keys(spans) as (keyof typeof spans)[];
  const unit = units.find((one) => ms >= spans[one] && ms % spans[one] === 0) ?? 'second';
  const { locale } = catalogue.value;
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.round(ms / spans[unit]),
  );
}

/** Whole days between two moments by the person's calendar. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((startOfDay(later) - startOfDay(earlier)) / dayLength);
}

export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();

/** 12:41 */
export const clockTime = (time: number): string => formats.value.clock.format(time);

/** The time of a row in a list: today's by the clock, this week's by its day, older ones by their date. */
export function rowTime(time: number): string {
  const now = minute.value;
  const days = daysBetween(time, now);
  if (days <= 0) return formats.value.clock.format(time);
  if (days < 7) return formats.value.weekday.format(time);
  return (sameYear(time, now) ? formats.value.monthDay : formats.value.shortDate).format(time);
}

/** Today, yesterday, or the day by name and date. */
export function dayTitle(time: number): string {
  const now = minute.value;
  const days = daysBetween(time, now);
  if (days === 0 || days === 1) return capital(formats.value.relative.format(-days, 'day'));
  return (sameYear(time, now) ? formats.value.longDay : formats.value.longDate).format(time);
}

/** "5 minutes ago", "yesterday", "3 March, 14:05": within a sentence. */
export function momentAgo(time: number): string {
  const now = minute.value;
  const minutes = Math.max(1, Math.floor((now - time) / 60_000));
  const { relative, moment, longDate } = formats.value;
  if (minutes < 60) return relative.format(-minutes, 'minute');
  const days = daysBetween(time, now);
  if (days === 0) return relative.format(-Math.floor(minutes / 60), 'hour');
  if (days === 1) return relative.format(-1, 'day');
  return (sameYear(time, now) ? moment : longDate).format(time);
}

/** "Today" is left out: 14:05, or 3 March, 14:05. */
export const dayAndTime = (time: number): string =>
  daysBetween(minute.value, time) === 0 ? clockTime(time) : formats.value.moment.format(time);

export const fullTime = (time: number): string => formats.value.full.format(time);
export const longDate = (time: number): string => formats.value.longDate.format(time);
export const listText = (items: readonly string[]): string => formats.value.list.format(items);
/** A share of 1. */
export const percent = (share: number): string => formats.value.percent.format(share);
export const megabytes = (bytes: number): string => formats.value.megabytes.format(bytes / 1_000_000);

/** Counts above the bound are known only as "more". */
export const cappedCount = (count: number, cap: number): string =>
  count > cap ? `${formats.value.number.format(cap)}+` : formats.value.number.format(count);

function capital(text: string): string {
  const [first = ''] = text;
  return first.toLocaleUpperCase(catalogue.value.locale) + text.slice(first.length);
}
