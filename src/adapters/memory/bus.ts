import type { Bus, BusListener, BusMessage, Topic } from '../../ports/bus.ts';
import { AppError } from '../../protocol/errors.ts';

/** The bus of one process alone. It is never cut off, so there are no gaps. Messages are handed on as they are: nobody changes them. */
export function makeMemoryBus(): Bus {
  const topics = new Map<Topic, Set<BusListener>>();
  const services = new Map<string, (request: unknown) => Promise<unknown>>();
  let waiting: (Topic | BusMessage)[] = [];
  let closed = false;

  function deliver(): void {
    const batch = waiting;
    waiting = [];
    for (let i = 0; i < batch.length; i += 2) {
      const topic = batch[i] as Topic;
      const listeners = topics.get(topic);
      if (listeners === undefined) continue;
      for (const listener of listeners) listener(batch[i + 1] as BusMessage, topic);
    }
  }

  return {
    publish(topic, message) {
      if (closed || !topics.has(topic)) return;
      if (waiting.length === 0) queueMicrotask(deliver);
      waiting.push(topic, message);
    },
    subscribe(topic, listener) {
      const mine: BusListener = (message, of) => listener(message, of);
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners.add(mine));
      return () => {
        listeners.delete(mine);
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
      };
    },
    onGap: () => () => undefined,
    async call(service, request, timeoutMs = 5_000) {
      const handler = services.get(service);
      if (handler === undefined || closed) throw new AppError('unavailable', 'nobody_serves');
      return await within(handler(request), timeoutMs);
    },
    serve(service, handler) {
      services.set(service, handler);
      return () => {
        if (services.get(service) === handler) services.delete(service);
      };
    },
    health: () => ({ ok: !closed, says: closed ? 'closed' : 'in this process' }),
    async close() {
      closed = true;
      topics.clear();
      services.clear();
    },
  };
}

function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new AppError('unavailable', 'timed_out')), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
