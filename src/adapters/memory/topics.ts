import type { BusListener, BusMessage, Topic } from '../../ports/bus.ts';

/** Who in this process hears which topic. */
export interface Topics {
  subscribe(topic: Topic, listener: BusListener): () => void;
  heard(topic: Topic): boolean;
  deliver(topic: Topic, message: BusMessage): void;
  clear(): void;
}

export function makeTopics(): Topics {
  const topics = new Map<Topic, Set<{ readonly hear: BusListener }>>();
  return {
    subscribe(topic, hear) {
      const listeners = topics.get(topic) ?? new Set();
      const mine = { hear };
      topics.set(topic, listeners.add(mine));
      return () => {
        listeners.delete(mine);
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
      };
    },
    heard: (topic) => topics.has(topic),
    deliver(topic, message) {
      const listeners = topics.get(topic);
      if (listeners === undefined) return;
      for (const { hear } of listeners) hear(message, topic);
    },
    clear: () => topics.clear(),
  };
}
