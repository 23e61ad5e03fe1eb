import type { Dialect } from '../dialect.ts';

/** One step forwards. Once it shipped it never changes: its text is checksummed, and a database remembers the sum. */
export interface Migration {
  /** `0001-what`: the number decides the order. */
  readonly name: string;
  statements(types: Dialect['types']): readonly string[];
}
