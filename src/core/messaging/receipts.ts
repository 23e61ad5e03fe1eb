import type { BusMessage } from '../../ports/bus.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Handlers, person } from '../call.ts';
import { marksSeenBy } from './discretion.ts';
import type { NodeMemory } from './node-memory.ts';
import { memberOf, type RulesCache } from './rules.ts';

/** Watermarks: how far each member received and read. Written in batches, published gathered; they never go back. */
export interface Receipts {
  readonly handlers: Pick<Handlers, 'receipts.mark' | 'receipts.list'>;
  /** Somebody wrote an entry, so they have read up to it. Written with the next batch within a second. */
  wrote(conversationId: ConversationId, userId: UserId, seq: number): void;
  stop(): Promise<void>;
}

/** How long reported marks gather, and how long those that follow from an own entry may. */
const gatherMs = 50;
const ownMs = 1_000;

type PublishedMark = Extract<BusMessage, { type: 'receipts' }>['marks'][number];

interface Mark {
  readonly conversationId: ConversationId;
  readonly userId: UserId;
  deliveredSeq: number;
  readSeq: number;
}

export function makeReceipts({
  bus,
  clock,
  log,
  messages,
  conversations,
  privacy,
  rules,
  memory,
}: Pick<Platform, 'bus' | 'clock' | 'log' | 'messages' | 'conversations' | 'privacy'> & {
  rules: RulesCache;
  memory: Pick<NodeMemory, 'marked' | 'wrote'>;
}): Receipts {
  let pending = new Map<ConversationId, Map<UserId, Mark>>();
  let timer: { readonly at: number; readonly cancel: () => void } | null = null;
  let waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  let writing: Promise<void> = Promise.resolve();

  function note(
    conversationId: ConversationId,
    userId: UserId,
    deliveredSeq: number,
    readSeq: number,
    withinMs: number,
  ) {
    let people = pending.get(conversationId);
    if (!people) {
      people = new Map();
      pending.set(conversationId, people);
    }
    const mark = people.get(userId);
    if (mark) {
      mark.deliveredSeq = Math.max(mark.deliveredSeq, deliveredSeq, readSeq);
      mark.readSeq = Math.max(mark.readSeq, readSeq);
    } else {
      people.set(userId, { conversationId, userId, deliveredSeq: Math.max(deliveredSeq, readSeq), readSeq });
    }
    if (!timer || timer.at > withinMs) schedule(withinMs);
  }

  function schedule(withinMs: number) {
    timer?.cancel();
    timer = {
      at: withinMs,
      cancel: clock.after(withinMs, () => {
        timer = null;
        writing = writing.then(write);
      }),
    };
  }

  async function write(): Promise<void> {
    const batch = pending;
    const marks = [...batch.values()].flatMap((people) => [...people.values()]);
    const answers = waiting;
    pending = new Map();
    waiting = [];
    if (marks.length === 0) return;
    try {
      await publish(await conversations.raiseMarks(marks), batch);
      for (const { resolve } of answers) resolve();
    } catch (error) {
      log.warn({ error, marks: marks.length }, 'could not write receipts; they are tried again');
      for (const mark of marks) note(mark.conversationId, mark.userId, mark.deliveredSeq, mark.readSeq, ownMs);
      for (const { reject } of answers) reject(error);
    }
  }

  async function publish(
    moved: readonly { conversationId: ConversationId; userId: UserId; delivered: boolean }[],
    batch: ReadonlyMap<ConversationId, ReadonlyMap<UserId, Mark>>,
  ): Promise<void> {
    const told = new Map<ConversationId, PublishedMark[]>();
    const time = clock.now();
    for (const { conversationId, userId, delivered } of moved) {
      const mark = batch.get(conversationId)?.get(userId);
      if (!mark) continue;
      const { deliveredSeq, readSeq } = mark;
      const list = told.get(conversationId) ?? [];
      list.push({ userId, deliveredSeq, readSeq, time, ...(delivered ? {} : { justRead: true }) });
      told.set(conversationId, list);
    }
    for (const [conversationId, marks] of told) await tell(conversationId, marks);
  }

  /** In large conversations marks go to the person's own devices only, and so do those of who just left. */
  async function tell(conversationId: ConversationId, marks: readonly PublishedMark[]): Promise<void> {
    const { conversation, members } = await rules.get(conversationId);
    const isLarge = conversation.memberCount > limits.publishedMarks;
    const isForOthers = ({ userId }: PublishedMark) => !isLarge && members.get(userId)?.member === true;
    const shared = marks.filter(isForOthers);
    if (shared.length > 0)
      bus.publish(`conversation:${conversationId}`, { type: 'receipts', conversationId, marks: shared });
    for (const mark of marks)
      if (!isForOthers(mark)) bus.publish(`user:${mark.userId}`, { type: 'receipts', conversationId, marks: [mark] });
  }

  const handlers: Receipts['handlers'] = {
    'receipts.mark': async ({ marks }, call) => {
      const { userId, sessionId } = person(call);
      if (marks.length === 0) return {};
      const heads = await messages.heads(marks.map((mark) => mark.conversationId));
      const refusals = await Promise.all(
        marks.map((mark, i) => refusal(mark.conversationId, userId, highestOf(mark), heads[i]?.seq ?? 0)),
      );
      const good = marks.filter((_, i) => refusals[i] === null);
      // One conversation somebody was removed from must not hold up the marks of all others.
      if (good.length === 0) throw refusals[0];
      return new Promise((resolve, reject) => {
        waiting.push({ resolve: () => resolve({}), reject });
        for (const { conversationId, deliveredSeq = 0, readSeq = 0 } of good) {
          memory.marked(conversationId, { userId, sessionId }, { deliveredSeq, readSeq });
          note(conversationId, userId, deliveredSeq, readSeq, gatherMs);
        }
      });
    },

    'receipts.list': async ({ conversationId }, call) => {
      const { userId } = person(call);
      memberOf(await rules.get(conversationId), userId);
      const marks = (await conversations.marks([conversationId], limits.members)).get(conversationId) ?? [];
      const others = marks.map((mark) => mark.userId);
      return { marks: marksSeenBy(userId, marks, await privacy.between(userId, others)) };
    },
  };

  async function refusal(
    conversationId: ConversationId,
    userId: UserId,
    seq: number,
    headSeq: number,
  ): Promise<AppError | null> {
    try {
      memberOf(await rules.get(conversationId), userId);
    } catch (error) {
      if (error instanceof AppError && error.code !== 'unavailable') return error;
      throw error;
    }
    return seq > headSeq ? new AppError('invalid', 'mark_beyond_head') : null;
  }

  return {
    handlers,
    wrote: (conversationId, userId, seq) => {
      memory.wrote(conversationId, userId, seq);
      note(conversationId, userId, seq, seq, ownMs);
    },
    stop: async () => {
      timer?.cancel();
      timer = null;
      await writing;
      await write();
    },
  };
}

function highestOf(mark: {
  readonly deliveredSeq?: number | undefined;
  readonly readSeq?: number | undefined;
}): number {
  return Math.max(mark.deliveredSeq ?? 0, mark.readSeq ?? 0);
}
