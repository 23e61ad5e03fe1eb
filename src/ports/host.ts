/** What the machine has left. */
export interface Host {
  /**
   * Whether there is room for more people: disk and memory. Never rejects; looks at most every few seconds. `lacks` says
   * what there is too little of.
   */
  room(): Promise<{ readonly ok: true } | { readonly ok: false; readonly lacks: 'disk' | 'memory' }>;
}
