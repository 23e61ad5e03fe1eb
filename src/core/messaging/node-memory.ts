import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, NodeId, SessionId, UserId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import type { PushOutcome } from '../../protocol/trace-operations.ts';
import { type Confirmed, makeDeviceMarks, merged } from './device-marks.ts';
import { type Happening, makeHappenings, namedDevices } from './happenings.ts';

/** What a node remembers of one entry. */
export interface Remembered {
  readonly node: NodeId;
  /** Null: it did not answer. */
  readonly memory: { readonly since: number; readonly happenings: readonly Happening[] } | null;
}

/** What this node remembers of deliveries, and what the others do. Nothing of it is stored. */
export interface NodeMemory {
  published(entry: Entry): void;
  sent(entry: Entry, sessionIds: readonly SessionId[]): void;
  /** A device said that it has everything up to `deliveredSeq`, and its person read up to `readSeq`; 0: it said nothing of it. */
  marked(
    conversationId: ConversationId,
    who: { readonly userId: UserId; readonly sessionId: SessionId },
    marks: { readonly deliveredSeq: number; readonly readSeq: number },
  ): void;
  /** Somebody wrote an entry, so they have read up to it. */
  wrote(conversationId: ConversationId, userId: UserId, seq: number): void;
  decided(
    conversationId: ConversationId,
    decision: {
      readonly from: number;
      readonly seq: number;
      readonly userId: UserId;
      readonly outcome: PushOutcome;
      readonly sessionIds: readonly SessionId[];
    },
  ): void;
  /** A job ended whose key begins with a conversation's id; `error` null: it is done. */
  worked(job: { readonly queue: string; readonly key: string }, error: string | null): void;
  confirmedHere(conversationId: ConversationId): Confirmed;
  /** At every node that lives and answers in time. */
  confirmedAnywhere(conversationId: ConversationId): Promise<Confirmed>;
  /** Of every node that lives. */
  of(conversationId: ConversationId, seq: number): Promise<readonly Remembered[]>;
  /** Answers other nodes from then on. */
  start(): void;
  stop(): void;
}

type Ask =
  | { readonly ask: 'confirmed'; readonly conversationId: ConversationId }
  | { readonly ask: 'happenings'; readonly conversationId: ConversationId; readonly seq: number };

/** A node that was not heard for this long counts as dead, as for the sweeper. */
const silenceMs = 30_000;
const answerMs = 2_000;
const mostHappenings = 1_000;
const idLength = 36;

export function makeNodeMemory({
  node,
  bus,
  clock,
  nodes,
}: Pick<Platform, 'node' | 'bus' | 'clock' | 'nodes'>): NodeMemory {
  const marks = makeDeviceMarks();
  const happenings = makeHappenings(clock);
  let unserve: (() => void) | null = null;

  async function answer(request: unknown): Promise<unknown> {
    const asked = request as Ask;
    if (asked.ask === 'confirmed') {
      const { devices, people } = marks.of(asked.conversationId);
      return { devices: [...devices], people: [...people] };
    }
    return rememberedHere(asked.conversationId, asked.seq);
  }

  function rememberedHere(conversationId: ConversationId, seq: number): NonNullable<Remembered['memory']> {
    return { since: happenings.since(), happenings: happenings.of(conversationId, seq, mostHappenings) };
  }

  /** Null for who does not answer; this node answers once it is started. */
  async function askAll<T>(ask: Ask): Promise<readonly { readonly node: NodeId; readonly answer: T | null }[]> {
    const live = (await nodes.list()).filter(({ silentMs }) => silentMs <= silenceMs).map((other) => other.node);
    return Promise.all(live.map(async (other) => ({ node: other, answer: (await askOne(other, ask)) as T | null })));
  }

  async function askOne(other: NodeId, ask: Ask): Promise<unknown> {
    if (other === node) return unserve ? answer(ask) : null;
    try {
      return await bus.call(serviceOf(other), ask, answerMs);
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  }

  return {
    published: (entry) => happenings.note(entry.conversationId, { what: 'published', at: clock.now(), seq: entry.seq }),
    sent: ({ conversationId, seq }, sessionIds) => {
      const others = Math.max(0, sessionIds.length - namedDevices);
      const named = others > 0 ? sessionIds.slice(0, namedDevices) : sessionIds;
      happenings.note(conversationId, { what: 'sent', at: clock.now(), seq, sessionIds: named, others });
    },
    marked: (conversationId, { userId, sessionId }, { deliveredSeq, readSeq }) => {
      const confirmed = Math.max(deliveredSeq, readSeq);
      if (confirmed === 0) return;
      const at = clock.now();
      if (confirmed > (marks.of(conversationId).devices.get(sessionId) ?? 0))
        happenings.note(conversationId, { what: 'confirmed', at, seq: confirmed, userId, sessionId, read: false });
      marks.delivered(conversationId, sessionId, confirmed);
      if (readSeq === 0) return;
      if (readSeq > (marks.of(conversationId).people.get(userId) ?? 0))
        happenings.note(conversationId, { what: 'confirmed', at, seq: readSeq, userId, sessionId, read: true });
      marks.read(conversationId, userId, readSeq);
    },
    wrote: (conversationId, userId, seq) => marks.read(conversationId, userId, seq),
    decided: (conversationId, decision) =>
      happenings.note(conversationId, { what: 'decided', at: clock.now(), ...decision }),
    worked: ({ queue, key }, error) =>
      happenings.note(key.slice(0, idLength) as ConversationId, { what: 'worked', at: clock.now(), queue, key, error }),
    confirmedHere: (conversationId) => marks.of(conversationId),
    confirmedAnywhere: async (conversationId) => {
      const answers = await askAll<{ devices: [SessionId, number][]; people: [UserId, number][] }>({
        ask: 'confirmed',
        conversationId,
      });
      return merged(
        answers.flatMap(({ answer }) =>
          answer === null ? [] : [{ devices: new Map(answer.devices), people: new Map(answer.people) }],
        ),
      );
    },
    of: async (conversationId, seq) => {
      const answers = await askAll<NonNullable<Remembered['memory']>>({ ask: 'happenings', conversationId, seq });
      return answers.map(({ node, answer }) => ({ node, memory: answer }));
    },
    start: () => {
      unserve ??= bus.serve(serviceOf(node), answer);
    },
    stop: () => {
      unserve?.();
      unserve = null;
    },
  };
}

/** The jobs, each of which is remembered when it ends. */
export function rememberedBy(
  memory: Pick<NodeMemory, 'worked'>,
  jobs: Readonly<Record<string, JobHandler>>,
): Readonly<Record<string, JobHandler>> {
  const remembered = ([queue, work]: readonly [string, JobHandler]) => {
    const handler: JobHandler = async (job) => {
      try {
        await work(job);
        memory.worked(job, null);
      } catch (error) {
        memory.worked(job, error instanceof Error ? error.message : String(error));
        throw error;
      }
    };
    return [queue, handler] as const;
  };
  return Object.fromEntries(Object.entries(jobs).map(remembered));
}

const serviceOf = (node: NodeId) => `delivery@${node}`;
