/** A date and a time as a clock on a wall shows them. */
export interface WallTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** When the clock showed that in a time zone (null: that of this host), ms. Throws RangeError for a zone nobody knows. */
export function makeLocalTime(timeZone: string | null): (wall: WallTime) => number {
  if (timeZone === null) {
    return ({ year, month, day, hour, minute, second }) =>
      new Date(year, month - 1, day, hour, minute, second).getTime();
  }
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  const offsetAt = (ms: number): number => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - ms;
  };
  return ({ year, month, day, hour, minute, second }) => {
    const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
    // The second look is for the hours around a change of the clocks.
    return asUtc - offsetAt(asUtc - offsetAt(asUtc));
  };
}
