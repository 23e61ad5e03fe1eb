import type { Bus, BusMessage, Topic } from '../../ports/bus.ts';
import { callTimeoutMs, makeLocalCalls, within } from './local-calls.ts';
import { makeTopics } from './topics.ts';

/** The bus of one process alone. It is never cut off, so there are no gaps. Messages are handed on as they are. */
export function makeMemoryBus(): Bus {
  const topics = makeTopics();
  const services = makeLocalCalls();
  let waiting: (Topic | BusMessage)[] = [];
  let closed = false;

  function deliver(): void {
    const batch = waiting;
    waiting = [];
    for (let i = 0; i < batch.length; i += 2) topics.deliver(batch[i] as Topic, batch[i + 1] as BusMessage);
  }

  return {
    publish(topic, message) {
      if (closed || !topics.heard(topic)) return;
      if (waiting.length === 0) queueMicrotask(deliver);
      waiting.push(topic, message);
    },
    subscribe: topics.subscribe,
    onGap: () => () => undefined,
    call: (service, request, timeoutMs = callTimeoutMs) => within(timeoutMs, services.answer(service, request)),
    serve: services.serve,
    health: () => ({ ok: !closed, says: closed ? 'closed' : 'within this process' }),
    async close() {
      closed = true;
      topics.clear();
      services.clear();
    },
  };
}
