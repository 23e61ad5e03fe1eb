import type { Redis } from 'ioredis';
import type { PresenceBoard } from '../../ports/bus.ts';
import type { NodeId, UserId } from '../../protocol/ids.ts';

/** Without a beat for this long, ms, a node's people count no longer. */
const lifetime = 30_000;
/** People asked about in one command. */
const batch = 1_000;

/** Keys: nodes, then the node's people. Arguments: node, lifetime, 1 for only adding (else replacing), people. */
const addPeople = `
if ARGV[3] == '0' then redis.call('DEL', KEYS[2]) end
redis.call('SADD', KEYS[1], ARGV[1])
for i = 4, #ARGV, 1000 do redis.call('SADD', KEYS[2], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
`;

/** Key: nodes. Arguments: the prefix of their people's keys, then people. Answers 1 or 0 for each person. */
const findLive = `
local found = {}
for i = 2, #ARGV do found[i - 1] = 0 end
for _, node in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local key = ARGV[1] .. node
  if redis.call('EXISTS', key) == 0 then
    redis.call('SREM', KEYS[1], node)
  else
    for i, live in ipairs(redis.call('SMISMEMBER', key, unpack(ARGV, 2))) do
      if live == 1 then found[i] = 1 end
    end
  end
end
return found
`;

/**
 * Each node's people are a set that expires. Each process remembers what it set, and writes it anew when Redis lost it or
 * did not take it. While Redis is away, the people of this process are known all the same.
 */
export function makeRedisPresence(redis: Redis, prefix: string, reachable: () => boolean): PresenceBoard {
  const nodesKey = `${prefix}presence-nodes`;
  const peopleKey = (node: NodeId) => `${prefix}presence:${node}`;
  const own = new Map<NodeId, { readonly people: Set<UserId>; lost: boolean }>();

  function mine(node: NodeId) {
    const known = own.get(node) ?? { people: new Set<UserId>(), lost: false };
    own.set(node, known);
    return known;
  }

  async function write(node: NodeId, adding: boolean, people: Iterable<UserId>): Promise<void> {
    await redis.eval(addPeople, 2, nodesKey, peopleKey(node), node, lifetime, adding ? 1 : 0, ...people);
  }

  /** What could not be written is written with the next beat. */
  async function attempt(node: NodeId, work: () => Promise<unknown>): Promise<void> {
    const state = mine(node);
    try {
      if (!reachable()) state.lost = true;
      else await work();
    } catch {
      state.lost = true;
    }
  }

  return {
    async set(node, userId, live) {
      const { people } = mine(node);
      if (live) people.add(userId);
      else people.delete(userId);
      await attempt(node, () => (live ? write(node, true, [userId]) : redis.srem(peopleKey(node), userId)));
    },
    async beat(node) {
      const state = mine(node);
      await attempt(node, async () => {
        const there = await redis.pexpire(peopleKey(node), lifetime);
        if (state.people.size === 0 && !state.lost) return;
        if (there === 1 && !state.lost) return;
        state.lost = false;
        await write(node, false, state.people);
      });
    },
    async live(userIds) {
      const found = new Set<UserId>();
      for (const { people } of own.values()) for (const userId of userIds) if (people.has(userId)) found.add(userId);
      if (!reachable()) return found;
      for (let at = 0; at < userIds.length; at += batch) {
        const asked = userIds.slice(at, at + batch);
        const answer = await redis.eval(findLive, 1, nodesKey, peopleKey(''), ...asked).catch(() => []);
        for (const [i, live] of (answer as number[]).entries()) if (live === 1) found.add(asked[i] as UserId);
      }
      return found;
    },
  };
}
