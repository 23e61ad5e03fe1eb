import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';
import { byItself } from '../call.ts';
import type { Audit } from './audit.ts';
import type { ConversationsOfPeople } from './conversations-of-people.ts';
import type { TellProfile } from './profile-news.ts';

/** Carries out what was ordered when the grace period ends, unless the account was enabled by then. */
export interface Deletion {
  /** Before the account is marked, so that nothing is lost where this process ends in between. */
  plan(userId: UserId, order: Order): Promise<void>;
  /** The account is marked: in time. */
  begin(userId: UserId, order: Order): Promise<void>;
  readonly jobs: { readonly delete_account: JobHandler };
}

interface Order {
  readonly deletesAt: number;
  readonly removeMessages: boolean;
}

interface Payload {
  readonly userId: UserId;
  readonly removeMessages: boolean;
  /** How far messages were removed; null: not begun. */
  readonly cursor: string | null;
}

/** Longer than marking an account takes. */
const laterMs = 10_000;
/** Well within a worker's lease; what is left is another job. */
const longestTurnMs = 20_000;

export function makeDeletion(
  { users, sessions, jobs, bus, clock }: Platform,
  parts: { readonly people: ConversationsOfPeople; readonly tellProfile: TellProfile; readonly audit: Audit },
): Deletion {
  const { people, tellProfile, audit } = parts;

  async function add(payload: Payload, runAt: number): Promise<void> {
    await jobs.add([{ queue: 'delete_account', key: payload.userId, payload, runAt }]);
    bus.publish('nodes', { type: 'jobs' });
  }

  /** Where the next turn goes on; null: everything was removed. */
  async function removeMessages({ userId, cursor: from }: Payload): Promise<string | null> {
    const until = clock.now() + longestTurnMs;
    let cursor = await people.removeMessages(userId, from);
    while (cursor !== null && clock.now() < until) cursor = await people.removeMessages(userId, cursor);
    return cursor;
  }

  return {
    plan: (userId, order) => add(begunFor(userId, order), order.deletesAt + laterMs),
    begin: (userId, order) => add(begunFor(userId, order), order.deletesAt),

    jobs: {
      // Every step may be repeated: whatever ends it, the next run begins anew and finds done what was done.
      async delete_account(job) {
        const payload = job.payload as Payload;
        const { userId } = payload;
        const user = await users.find(userId);
        const isOrdered = user?.state === 'deleting' || user?.state === 'deleted';
        if (!isOrdered) return;
        // A later order gave more time.
        const now = await sessions.now();
        if (user.deletesAt !== null && user.deletesAt > now) return add(payload, user.deletesAt);

        await people.depart(userId);
        if (payload.removeMessages) {
          const cursor = await removeMessages(payload);
          if (cursor !== null) return add({ ...payload, cursor }, now);
        }
        if (!(await users.empty(userId))) return;
        if (user.state !== 'deleted') {
          // The order was somebody's; carrying it out is nobody's.
          await audit(byItself, {
            action: 'user.deleted',
            subjectId: userId,
            details: { removeMessages: payload.removeMessages },
          });
        }
        await tellProfile(userId);
      },
    },
  };
}

function begunFor(userId: UserId, { removeMessages }: Order): Payload {
  return { userId, removeMessages, cursor: null };
}
