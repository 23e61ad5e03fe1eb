const unitMs = { m: 60_000, h: 3_600_000, d: 24 * 3_600_000, w: 7 * 24 * 3_600_000 } as const;

/** What helps who wrote one that is none. */
export const momentForms = '30m, 12h, 2d, 1w, 2026-11-24, 2026-11-24T18:30';

/**
 * A time as people write it, in milliseconds since 1970: so long ago (`30m`, `12h`, `2d`, `1w`), a day or a moment of this
 * host's time zone. A day means its beginning or its end. Null: it is none.
 */
export function momentOf(word: string, now: number, edge: 'start' | 'end'): number | null {
  const [, amount, unit] = /^(\d{1,5})([mhdw])$/.exec(word) ?? [];
  if (amount !== undefined && unit !== undefined) {
    return Math.max(0, now - Number(amount) * unitMs[unit as keyof typeof unitMs]);
  }
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(word);
  if (!isDay && !/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(word)) return null;
  const moment = Date.parse(isDay ? `${word}T${edge === 'start' ? '00:00:00.000' : '23:59:59.999'}` : word);
  return Number.isNaN(moment) || moment < 0 ? null : moment;
}
