import type { Seals } from '../../ports/crypto.ts';

/** What a job carries that may not lie readable in a database. */
export interface SealedPayload<T> {
  seal(content: T): { readonly sealed: string };
  /** Null: it was not sealed here for this purpose. */
  open(payload: unknown): T | null;
}

export function makeSealedPayload<T>(seals: Seals, purpose: string): SealedPayload<T> {
  return {
    seal: (content) => ({ sealed: seals.seal(JSON.stringify(content), purpose) }),
    open(payload) {
      const sealed = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'sealed') : null;
      const text = typeof sealed === 'string' ? seals.open(sealed, purpose) : null;
      return text === null ? null : (JSON.parse(text) as T);
    },
  };
}
