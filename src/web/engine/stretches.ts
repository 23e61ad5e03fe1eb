/** Seqs of which every message is stored here, both ends included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Stretches in order, apart and not touching, with one more. */
export function withStretch(stretches: readonly Stretch[], added: Stretch): readonly Stretch[] {
  if (added.from > added.to) return stretches;
  const apart = stretches.filter((one) => one.to < added.from - 1 || one.from > added.to + 1);
  const joined = stretches.filter((one) => !apart.includes(one));
  const whole = {
    from: Math.min(added.from, ...joined.map((one) => one.from)),
    to: Math.max(added.to, ...joined.map((one) => one.to)),
  };
  return [...apart, whole].sort((a, b) => a.from - b.from);
}

export function stretchAt(stretches: readonly Stretch[], seq: number): Stretch | undefined {
  return stretches.find((one) => one.from <= seq && seq <= one.to);
}
