import { AppError } from '../../protocol/errors.ts';

export type Handler = (request: unknown) => Promise<unknown>;

/** What this process serves, by name. */
export function makeLocalCalls() {
  const handlers = new Map<string, Handler>();
  return {
    serve(service: string, handler: Handler): () => void {
      handlers.set(service, handler);
      return () => {
        if (handlers.get(service) === handler) handlers.delete(service);
      };
    },
    has: (service: string) => handlers.has(service),
    /** Rejects with AppError only: what else a handler throws is a defect of its own, of which the caller hears `internal`. */
    async answer(service: string, request: unknown): Promise<unknown> {
      const handler = handlers.get(service);
      if (handler === undefined) throw new AppError('unavailable', 'nobody_serves');
      try {
        return await handler(request);
      } catch (error) {
        throw error instanceof AppError ? error : new AppError('internal', 'service_failed', { cause: error });
      }
    },
    clear: () => handlers.clear(),
  };
}

export const callTimeoutMs = 5_000;

/** Rejects with AppError `unavailable` when it takes longer. */
export function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new AppError('unavailable', 'timed_out')), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
