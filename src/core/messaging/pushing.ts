import type { MemberProgress } from '../../ports/conversation-store.ts';
import type { JobHandler, NewJob } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { PushDecision } from '../../ports/push.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Entry, kinds } from '../../protocol/models.ts';
import type { Confirmed } from './device-marks.ts';
import type { NodeMemory } from './node-memory.ts';
import type { OwesJobs } from './owed-jobs.ts';
import { type Choice, choosePush } from './push-choice.ts';
import type { RulesCache } from './rules.ts';

/** Who is told by push of what: decided for a whole conversation at a time, at most one job of which waits. */
export interface Pushing {
  readonly owes: OwesJobs;
  readonly jobs: { readonly push: JobHandler };
}

/** Of what nobody decided about yet, only so many of the latest entries are looked at. */
const mostEntries = 500;
const memberPage = 500;
const wholeLog = [{ from: 1, to: null }];

/** What a job carries: what is there by then is read when it runs. */
interface Payload {
  readonly conversationId: ConversationId;
  /** The latest entry that owed it. */
  readonly seq: number;
}

/** What is left to do when all members were looked at. */
interface Outcome {
  /** Everybody was decided about up to here. */
  settled: number;
  /** When those who have a grace are to be decided about; null: nobody has. */
  again: number | null;
}

export function makePushing({
  clock,
  conversations,
  jobs,
  log,
  memory,
  messages,
  presence,
  privacy,
  push,
  rules,
}: Pick<Platform, 'clock' | 'conversations' | 'jobs' | 'log' | 'messages' | 'presence' | 'privacy' | 'push'> & {
  rules: RulesCache;
  memory: NodeMemory;
}): Pushing {
  const jobOf = (conversationId: ConversationId, seq: number, runAt: number): NewJob => ({
    queue: 'push',
    key: conversationId,
    payload: { conversationId, seq } satisfies Payload,
    runAt,
  });

  /** Leaves out conversations of which this node knows that every device with an address has everything. */
  async function needed(waiting: readonly NewJob[]): Promise<readonly NewJob[]> {
    const members = await Promise.all(
      waiting.map(async ({ payload }) => {
        const { members } = await rules.get((payload as Payload).conversationId);
        return [...members.values()].filter((row) => row.member).map((row) => row.userId);
      }),
    );
    const addressed = await push.addressed([...new Set(members.flat())]);
    if (addressed.size === 0) return [];
    return waiting.filter(({ payload }, i) => {
      const { conversationId, seq } = payload as Payload;
      const { devices, people } = memory.confirmedHere(conversationId);
      const lacks = (userId: UserId) =>
        (people.get(userId) ?? 0) < seq &&
        addressed.get(userId)?.some((sessionId) => (devices.get(sessionId) ?? 0) < seq) === true;
      return members[i]?.some(lacks);
    });
  }

  /** Entries from `from` to `to` of which people may be told: those that count, and still stand. */
  async function tellable(conversationId: ConversationId, from: number, to: number): Promise<readonly Entry[]> {
    const found: Entry[] = [];
    const removed = new Set<number>();
    for (let after = from - 1; after < to; ) {
      const ask = { conversationId, after, spans: wholeLog, limit: limits.pageItems, maxBytes: 8 * limits.pageBytes };
      const page = await messages.entries(ask);
      for (const entry of page.entries) {
        if (entry.kind === 'removal' && entry.target !== undefined) removed.add(entry.target);
        else if (kinds[entry.kind]?.counts) found.push(entry);
      }
      const last = page.entries.at(-1);
      if (!last || !page.more) break;
      after = last.seq;
    }
    const now = clock.now();
    const isThere = ({ seq, emptied, expiresAt }: Entry) =>
      seq <= to && !emptied && !removed.has(seq) && (expiresAt === undefined || expiresAt > now);
    return found.filter(isThere);
  }

  async function decide(conversationId: ConversationId): Promise<void> {
    const [head] = await messages.heads([conversationId]);
    if (!head) return;
    const decided = await conversations.pushedSeq(conversationId);
    const from = Math.max(decided + 1, head.seq - mostEntries + 1, head.firstSeq);
    const entries = await tellable(conversationId, from, head.seq);
    const outcome: Outcome = { settled: head.seq, again: null };
    if (entries.length > 0) await decideForAll(conversationId, entries, outcome);
    await conversations.raisePushed(conversationId, { everybody: outcome.settled, members: [] });
    if (outcome.again !== null) await jobs.add([jobOf(conversationId, head.seq, outcome.again)]);
  }

  async function decideForAll(
    conversationId: ConversationId,
    entries: readonly Entry[],
    outcome: Outcome,
  ): Promise<void> {
    const [confirmed, { blocks }] = await Promise.all([
      memory.confirmedAnywhere(conversationId),
      privacy.among(conversationId),
    ]);
    for (let after: UserId | null = null; ; ) {
      const page: readonly MemberProgress[] = await conversations.progress(conversationId, after, memberPage);
      await decideForPage(conversationId, page, entries, { confirmed, blocks }, outcome);
      const last = page.at(-1);
      if (!last || page.length < memberPage) return;
      after = last.userId;
    }
  }

  async function decideForPage(
    conversationId: ConversationId,
    page: readonly MemberProgress[],
    entries: readonly Entry[],
    known: { readonly confirmed: Confirmed; readonly blocks: ReadonlyMap<UserId, ReadonlySet<UserId>> },
    outcome: Outcome,
  ): Promise<void> {
    const addressed = await push.addressed(page.filter(({ member }) => member).map(({ userId }) => userId));
    if (addressed.size === 0) return;
    const live = await presence.live([...addressed.keys()]);
    const decisions: PushDecision[] = [];
    const notes: Parameters<NodeMemory['decided']>[1][] = [];
    for (const member of page) {
      const { userId } = member;
      const choice = choosePush(member, entries, {
        addressed: addressed.get(userId) ?? [],
        live: live.has(userId),
        now: clock.now(),
        ...known,
      });
      if (choice === null) continue;
      const [first, last] = endsOf(choice);
      const { sessionIds, mention, again } = choice;
      if (again !== null) {
        outcome.settled = Math.min(outcome.settled, first.seq - 1);
        outcome.again = Math.min(outcome.again ?? again, again);
      }
      if (choice.outcome === 'pushed')
        decisions.push({ conversationId, userId, sessionIds, seq: last.seq, count: choice.entries.length, mention });
      notes.push({ from: first.seq, seq: last.seq, userId, outcome: choice.outcome, sessionIds });
    }
    if (decisions.length > 0) {
      await push.notify(decisions);
      // Behind it: who was told and is not noted is told again, which does less harm than not at all.
      await conversations.raisePushed(conversationId, { everybody: null, members: decisions });
    }
    for (const note of notes) memory.decided(conversationId, note);
  }

  return {
    owes: {
      jobOf: ({ kind, emptied, conversationId, seq }) =>
        kinds[kind]?.counts && !emptied ? jobOf(conversationId, seq, clock.now()) : null,
      needed: async (waiting) => {
        try {
          return await needed(waiting);
        } catch (error) {
          log.warn({ error }, 'could not judge who needs a push; it is judged when the job runs');
          return waiting;
        }
      },
    },
    jobs: { push: ({ payload }) => decide((payload as Payload).conversationId) },
  };
}

function endsOf({ entries }: Choice): readonly [Entry, Entry] {
  return [entries[0] as Entry, entries.at(-1) as Entry];
}
