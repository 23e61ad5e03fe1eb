import type { Push, PushDecision } from '../../src/ports/push.ts';
import type { SessionId, UserId } from '../../src/protocol/ids.ts';

/** A way to push that keeps what it was told to send. */
export interface TestPush extends Push {
  readonly taken: readonly PushDecision[];
  /** Gives a device an address. */
  give(device: { readonly userId: UserId; readonly sessionId: SessionId }): void;
  /** Asked before decisions are taken; rejects where they are not to be. */
  before: (decisions: readonly PushDecision[]) => Promise<void>;
}

export function makeTestPush(): TestPush {
  const addresses = new Map<UserId, SessionId[]>();
  const taken: PushDecision[] = [];
  const push: TestPush = {
    taken,
    give({ userId, sessionId }) {
      addresses.set(userId, [...(addresses.get(userId) ?? []), sessionId]);
    },
    before: async () => {},
    addressed: async (userIds) =>
      new Map(userIds.flatMap((userId) => (addresses.has(userId) ? [[userId, addresses.get(userId) ?? []]] : []))),
    async notify(decisions) {
      await push.before(decisions);
      taken.push(...decisions);
    },
  };
  return push;
}
