import type { Appended, Draft, MessageLog } from '../../ports/message-log.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Rules, RulesCache } from './rules.ts';

/** Judges by the rules and says what to append. Throws AppError where it may not be, `NothingToAppend` where nothing is. */
export type Prepare = (rules: Rules) => Draft;
export type PrepareSlowly = (rules: Rules) => Promise<Draft>;

/** It is as it shall be. Whoever throws it while preparing gets it back. */
export class NothingToAppend extends Error {}

/**
 * One lane a conversation: what enters it first stands first in the log, without waiting for each other's commit. Only
 * what cannot be judged at once (rules not at hand, an earlier entry to be read, rules that changed meanwhile) makes those
 * behind it wait.
 */
export interface Lanes {
  append(conversationId: ConversationId, prepare: Prepare): Promise<Stored>;
  /** As `append`, for what has to be looked up before it can be judged. */
  appendSlowly(conversationId: ConversationId, prepare: PrepareSlowly): Promise<Stored>;
  /** Nothing of this conversation is appended by this node while the task runs. */
  alone<T>(conversationId: ConversationId, task: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly ticket: number;
  /** Goes at once, without the lane to itself. False where that cannot be judged at once; then `run` has to. */
  readonly start: () => boolean;
  /** Has the lane to itself until it resolves. */
  readonly run: () => Promise<void>;
}

interface Lane {
  tickets: number;
  /** Appends that were judged at once and are not stored yet. */
  inFlight: number;
  /** One of those in flight came back outdated; the others may, and keep their places, so nothing passes them. */
  outdated: boolean;
  readonly waiting: Waiting[];
  running: boolean;
}

export type Stored = Exclude<Appended, { outcome: 'outdated' }>;

export function makeLanes({ messages, rules }: { messages: MessageLog; rules: RulesCache }): Lanes {
  const lanes = new Map<ConversationId, Lane>();

  function laneOf(conversationId: ConversationId): Lane {
    let lane = lanes.get(conversationId);
    if (!lane) {
      lane = { tickets: 0, inFlight: 0, outdated: false, waiting: [], running: false };
      lanes.set(conversationId, lane);
    }
    return lane;
  }

  function pump(conversationId: ConversationId, lane: Lane) {
    if (lane.running || lane.outdated) return;
    while (lane.waiting[0]?.start()) lane.waiting.shift();
    if (lane.inFlight > 0) return;
    const next = lane.waiting.shift();
    if (!next) {
      lanes.delete(conversationId);
      return;
    }
    lane.running = true;
    void next.run().then(() => {
      lane.running = false;
      pump(conversationId, lane);
    });
  }

  /** Joins those who wait at the place its ticket gives it. */
  function wait<T>(
    conversationId: ConversationId,
    lane: Lane,
    ticket: number,
    task: () => Promise<T>,
    startNow: () => Promise<T> | null = () => null,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = () => task().then(resolve, reject);
      const start = () => {
        const started = startNow();
        started?.then(resolve, reject);
        return started !== null;
      };
      const behind = lane.waiting.findIndex((other) => other.ticket > ticket);
      lane.waiting.splice(behind < 0 ? lane.waiting.length : behind, 0, { ticket, start, run });
      pump(conversationId, lane);
    });
  }

  async function untilJudgedByNewest(
    conversationId: ConversationId,
    prepare: Prepare | PrepareSlowly,
  ): Promise<Stored> {
    for (;;) {
      const draft = await prepare(await rules.get(conversationId));
      const result = await messages.append(draft);
      if (result.outcome !== 'outdated') return result;
      rules.forget(conversationId);
    }
  }

  /** Refused by rules that were remembered: that holds unless newer ones are in the log. */
  async function refusedAgain(conversationId: ConversationId, by: Rules, prepare: Prepare): Promise<Stored> {
    const [head] = await messages.heads([conversationId]);
    if (head && head.rulesSeq !== by.rulesSeq) rules.forget(conversationId);
    return untilJudgedByNewest(conversationId, prepare);
  }

  function append(conversationId: ConversationId, prepare: Prepare): Promise<Stored> {
    const lane = laneOf(conversationId);
    const ticket = lane.tickets++;
    const startNow = () => appendNow(conversationId, lane, ticket, prepare);
    const started = lane.running || lane.outdated || lane.waiting.length > 0 ? null : startNow();
    return started ?? wait(conversationId, lane, ticket, () => judgeSlowly(conversationId, prepare), startNow);
  }

  /** Null where the rules are not at hand or refuse it. */
  function appendNow(
    conversationId: ConversationId,
    lane: Lane,
    ticket: number,
    prepare: Prepare,
  ): Promise<Stored> | null {
    const known = rules.peek(conversationId);
    if (!known) return null;
    let draft: Draft;
    try {
      draft = prepare(known);
    } catch {
      return null;
    }
    lane.inFlight++;
    const landed = () => {
      lane.inFlight--;
      if (lane.inFlight > 0) return;
      lane.outdated = false;
      pump(conversationId, lane);
    };
    return messages.append(draft).then(
      (result) => {
        if (result.outcome !== 'outdated') {
          landed();
          return result;
        }
        rules.forget(conversationId);
        lane.outdated = true;
        const again = wait(conversationId, lane, ticket, () => untilJudgedByNewest(conversationId, prepare));
        landed();
        return again;
      },
      (error: unknown) => {
        landed();
        throw error;
      },
    );
  }

  function judgeSlowly(conversationId: ConversationId, prepare: Prepare): Promise<Stored> {
    const known = rules.peek(conversationId);
    return known ? refusedAgain(conversationId, known, prepare) : untilJudgedByNewest(conversationId, prepare);
  }

  return {
    append,
    appendSlowly: (conversationId, prepare) => {
      const lane = laneOf(conversationId);
      return wait(conversationId, lane, lane.tickets++, () => untilJudgedByNewest(conversationId, prepare));
    },
    alone: (conversationId, task) => {
      const lane = laneOf(conversationId);
      return wait(conversationId, lane, lane.tickets++, task);
    },
  };
}
