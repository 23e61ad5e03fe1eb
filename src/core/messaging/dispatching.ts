import type { Platform } from '../../ports/platform.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import type { Indexing } from './indexing.ts';
import type { NodeMemory } from './node-memory.ts';
import { makeOwedJobs, type OwesJobs } from './owed-jobs.ts';

/**
 * What is owed for every entry this node stored: it is published and will be found, the jobs it owes are stored, and what it
 * removes is not found any more, erased, and no longer pinned.
 */
export interface Dispatching {
  /**
   * Called in seq order per conversation. Never throws or rejects: what cannot be done now is done later. For a removal the
   * answer is a promise, resolved when its target is erased or that failed for now.
   */
  dispatch(entry: Entry): void | Promise<void>;
  /** The entries a node left behind, done again. Harmless for those that were done. */
  catchUp(node: string): Promise<void>;
  stop(): Promise<void>;
}

const flushMs = 1_000;
const pageSize = 1_000;

export function makeDispatching(
  platform: Pick<Platform, 'node' | 'bus' | 'messages' | 'conversations' | 'jobs' | 'clock' | 'log'> & {
    readonly indexing: Pick<Indexing, 'heard' | 'drop'>;
    readonly owes: readonly OwesJobs[];
    readonly memory: Pick<NodeMemory, 'published'>;
  },
): Dispatching {
  const { bus, messages, conversations, clock, log, indexing, memory } = platform;
  const jobs = makeOwedJobs(platform, platform.owes);
  const done = new Map<ConversationId, number>();
  /** Removals whose erasing is under way or failed: no mark passes them. */
  const erasing = new Map<ConversationId, Map<number, Entry>>();
  let timer: (() => void) | null = null;
  let flushing: Promise<void> = Promise.resolve();

  function dispatch(entry: Entry): void | Promise<void> {
    bus.publish(`conversation:${entry.conversationId}`, { type: 'entry', entry });
    memory.published(entry);
    indexing.heard(entry);
    jobs.note(entry);
    done.set(entry.conversationId, entry.seq);
    schedule();
    if (entry.kind !== 'removal') return;
    owe(entry);
    return erase(entry);
  }

  function owe(entry: Entry) {
    const owed = erasing.get(entry.conversationId);
    if (owed) owed.set(entry.seq, entry);
    else erasing.set(entry.conversationId, new Map([[entry.seq, entry]]));
  }

  async function empty({ conversationId, target }: Entry): Promise<void> {
    await indexing.drop(conversationId, target as number);
    await messages.erase(conversationId, target as number);
    // Then: whoever pins it at the same time either sees it erased, or has pinned it by now.
    await conversations.unpin(conversationId, target as number);
  }

  async function erase(entry: Entry): Promise<void> {
    try {
      await empty(entry);
    } catch (error) {
      log.warn({ error, conversationId: entry.conversationId, seq: entry.seq }, 'could not erase yet');
      return;
    }
    const owed = erasing.get(entry.conversationId);
    owed?.delete(entry.seq);
    if (owed?.size === 0) erasing.delete(entry.conversationId);
  }

  function schedule() {
    timer ??= clock.after(flushMs, () => {
      timer = null;
      flushing = flushing.then(flush);
    });
  }

  function cancelFlush() {
    timer?.();
    timer = null;
  }

  async function flush(): Promise<void> {
    await Promise.all([...erasing.values()].flatMap((owed) => [...owed.values()].map(erase)));
    const marks = [...done].map(([conversationId, seq]) => ({ conversationId, seq: upTo(conversationId, seq) }));
    done.clear();
    try {
      // First: no mark may pass what still owes.
      await jobs.store();
      if (marks.length > 0) await messages.markDispatched(platform.node, marks);
    } catch (error) {
      log.warn({ error }, 'could not note what was dispatched; it will be dispatched again');
      for (const { conversationId, seq } of marks) if (!done.has(conversationId)) done.set(conversationId, seq);
      schedule();
    }
    if (erasing.size > 0) schedule();
  }

  function upTo(conversationId: ConversationId, seq: number): number {
    const owed = erasing.get(conversationId);
    return owed ? Math.min(seq, Math.min(...owed.keys()) - 1) : seq;
  }

  async function catchUp(node: string): Promise<void> {
    // Apart from what this node does meanwhile: these marks may not pass what another write stores.
    const left = makeOwedJobs(platform, platform.owes);
    for (;;) {
      const entries = await messages.undispatched(node, pageSize);
      const marks = new Map<ConversationId, number>();
      for (const entry of entries) {
        if (entry.kind === 'removal') await empty(entry);
        bus.publish(`conversation:${entry.conversationId}`, { type: 'entry', entry });
        memory.published(entry);
        indexing.heard(entry);
        left.note(entry);
        marks.set(entry.conversationId, entry.seq);
      }
      await left.store();
      await messages.markDispatched(
        node,
        [...marks].map(([conversationId, seq]) => ({ conversationId, seq })),
      );
      if (entries.length < pageSize) return;
    }
  }

  return {
    dispatch,
    catchUp,
    stop: async () => {
      cancelFlush();
      await flushing;
      await flush();
      cancelFlush();
    },
  };
}
