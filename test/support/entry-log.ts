import type { Entry } from '../../src/protocol/models.ts';

/** A device's copy of one conversation's log: one unbroken run of entries, whatever arrives in whatever order. */
export interface EntryLog {
  readonly entries: readonly Entry[];
  /** A live entry. What it leaves open is read. */
  hear(entry: Entry): void;
  /** Resolves once everything behind `floor` up to `seq` is held. */
  readTo(seq: number, floor: number): Promise<void>;
}

export function makeEntryLog({
  read,
  onGrown,
}: {
  read(after: number): Promise<{ entries: readonly Entry[]; more: boolean }>;
  onGrown(seq: number): void;
}): EntryLog {
  const entries: Entry[] = [];
  let reading: Promise<void> | null = null;
  let floor = 0;
  const last = () => entries.at(-1)?.seq ?? floor;

  const take = (entry: Entry): boolean => {
    if (entry.seq !== last() + 1) return false;
    entries.push(entry);
    return true;
  };

  const readOn = async (to: number): Promise<void> => {
    while (last() < to) {
      const before = last();
      const page = await read(before);
      for (const entry of page.entries) take(entry);
      if (last() === before) break;
      onGrown(last());
    }
  };

  const readTo = async (seq: number): Promise<void> => {
    while (last() < seq) {
      const before = last();
      reading ??= readOn(seq).finally(() => {
        reading = null;
      });
      await reading;
      if (last() === before) return;
    }
  };

  return {
    entries,
    hear(entry) {
      if (take(entry)) onGrown(entry.seq);
      else if (entry.seq > last()) readTo(entry.seq).catch(() => {});
    },
    readTo(seq, from) {
      if (entries.length === 0) floor = Math.max(floor, from);
      return readTo(seq);
    },
  };
}
