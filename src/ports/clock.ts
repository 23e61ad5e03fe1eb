/** Time as core sees it. Tests move it by hand. */
export interface Clock {
  /** Milliseconds since 1970, UTC, whole. */
  now(): number;
  /** Runs `task` once, `ms` from now; the answer takes it back. A task that throws is logged by the clock's owner. */
  after(ms: number, task: () => void): () => void;
}
