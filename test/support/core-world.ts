import type { ConversationsOfPeople } from '../../src/core/auth/conversations-of-people.ts';
import { type Call, person } from '../../src/core/call.ts';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { Job } from '../../src/ports/job-store.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import {
  type Input,
  type InputToSend,
  type OperationName,
  type Output,
  operations,
} from '../../src/protocol/operations.ts';
import { type AuthWorld, as, makeAuthWorld } from './auth.ts';
import { type Device, makeDevice, newClientId } from './device.ts';

/** The auth service and the messaging service on one platform in memory, as the product joins them; jobs run when told. */
export interface CoreWorld extends AuthWorld {
  readonly messaging: Messaging;
  /** As the gateway would: the input checked, defaults filled in. */
  ask<N extends OperationName & keyof AuthWorld['auth']['handlers']>(
    op: N,
    input: InputToSend<N>,
    call: Call,
  ): Promise<Output<N>>;
  /** Somebody who registered, signed in. */
  enter(...of: Parameters<AuthWorld['register']>): Promise<Call>;
  device(who: Call): Device;
  group(owner: Call, title: string, members?: readonly Call[]): Promise<ConversationId>;
  /** Runs all jobs that are due, and those they leave that are. Answers which. */
  work(): Promise<readonly Job[]>;
}

export async function makeCoreWorld(over: Parameters<typeof makeAuthWorld>[0] = {}): Promise<CoreWorld> {
  const people: ConversationsOfPeople = {
    mayAdd: (...ask) => messaging.people.mayAdd(...ask),
    land: (...ask) => messaging.people.land(...ask),
    depart: (...ask) => messaging.people.depart(...ask),
    removeMessages: (...ask) => messaging.people.removeMessages(...ask),
    exportOf: (...ask) => messaging.people.exportOf(...ask),
  };
  const world = await makeAuthWorld(over, people);
  const messaging = makeMessaging(world.platform);
  await messaging.start();
  const { jobs } = world.platform;
  const queues = { ...world.auth.jobs, ...messaging.jobs };

  return {
    ...world,
    messaging,
    async ask(op, input, call) {
      const handler = world.auth.handlers[op] as (input: unknown, call: Call) => unknown;
      const checked = operations[op].input.parse(input) as Input<typeof op>;
      return (await handler(checked, call)) as Output<typeof op>;
    },
    enter: async (...of) => as(await world.person(await world.register(...of))),
    device: (who) => makeDevice(messaging.handlers, person(who).userId),
    async group(owner, title, members = []) {
      const userIds = members.map(userIdOf);
      const { conversation } = await makeDevice(messaging.handlers, userIdOf(owner)).call('conversation.create', {
        clientId: newClientId(),
        title,
        userIds,
      });
      return conversation.conversationId;
    },
    async work() {
      const done: Job[] = [];
      for (;;) {
        const taken = await jobs.take(Object.keys(queues), 10, 60_000);
        if (taken.length === 0) return done;
        for (const job of taken) {
          await queues[job.queue]?.(job);
          await jobs.finish(job.jobId);
          done.push(job);
        }
      }
    },
    async close() {
      await messaging.stop();
      await world.close();
    },
  };
}

export const userIdOf = (call: Call): UserId => person(call).userId;
