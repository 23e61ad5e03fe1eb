import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { InviteId, UserId } from '../../protocol/ids.ts';
import type { Invite } from '../../protocol/models.ts';
import type { ConversationsOfPeople } from './conversations-of-people.ts';

/** How people who come with an invite land in its groups: by a job, so that a slow group keeps nobody from coming in. */
export interface Landing {
  /** Before the account is made, so that nothing is lost where this process ends in between. */
  plan(userId: UserId, invite: Invite): Promise<void>;
  /** The account is made: at once. */
  begin(userId: UserId, invite: Invite): Promise<void>;
  readonly jobs: { readonly land: JobHandler };
}

/** Longer than making the account takes. */
const laterMs = 10_000;

interface Payload {
  readonly userId: UserId;
  readonly inviteId: InviteId;
}

export function makeLanding({ users, invites, jobs, bus, clock }: Platform, people: ConversationsOfPeople): Landing {
  async function add(userId: UserId, { inviteId, conversationIds }: Invite, runAt: number): Promise<void> {
    if (conversationIds.length === 0) return;
    const payload: Payload = { userId, inviteId };
    await jobs.add([{ queue: 'land', key: userId, payload, runAt }]);
  }

  return {
    plan: (userId, invite) => add(userId, invite, clock.now() + laterMs),
    async begin(userId, invite) {
      await add(userId, invite, clock.now());
      bus.publish('nodes', { type: 'jobs' });
    },
    jobs: {
      async land({ payload }) {
        const { userId, inviteId } = payload as Payload;
        const [user, invite] = [await users.find(userId), await invites.find(inviteId)];
        if (user === null || user.state !== 'active' || invite === null) return;
        await people.land(userId, invite.conversationIds, invite.createdBy);
      },
    },
  };
}
