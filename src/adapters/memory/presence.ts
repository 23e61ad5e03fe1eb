import type { PresenceBoard } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NodeId, UserId } from '../../protocol/ids.ts';

/** A node that did not say that it lives for this long, ms, counts as gone. */
const lifetime = 30_000;

export function makeMemoryPresence({ clock }: { readonly clock: Clock }): PresenceBoard {
  const nodes = new Map<NodeId, { readonly people: Set<UserId>; lastBeat: number }>();

  function beaten(node: NodeId) {
    const known = nodes.get(node) ?? { people: new Set<UserId>(), lastBeat: 0 };
    known.lastBeat = clock.now();
    nodes.set(node, known);
    return known;
  }

  return {
    async set(node, userId, live) {
      const { people } = beaten(node);
      if (live) people.add(userId);
      else people.delete(userId);
    },
    async live(userIds) {
      const alive = [...nodes.values()].filter(({ lastBeat }) => clock.now() - lastBeat < lifetime);
      return new Set(userIds.filter((userId) => alive.some(({ people }) => people.has(userId))));
    },
    async beat(node) {
      beaten(node);
    },
  };
}
