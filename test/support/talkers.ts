import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { Entry, Message } from '../../src/protocol/models.ts';
import { type Device, makeDevice, newClientId } from './device.ts';
import { addPeople } from './people.ts';
import { makeTestPlatform, type TestPlatform } from './platform.ts';

/** Four people with a device each, on a platform in memory. */
export interface Talkers {
  readonly platform: TestPlatform;
  readonly messaging: Messaging;
  readonly anna: Device;
  readonly boris: Device;
  readonly carla: Device;
  readonly dora: Device;
  /** What to write to mention somebody. */
  at(device: Device): Promise<string>;
  /** Anna's conversation with Boris. */
  direct(): Promise<ConversationId>;
  /** Anna's. Its first entry says that it was made. */
  group(...others: Device[]): Promise<ConversationId>;
  /** A group in which only Anna writes. */
  channel(...others: Device[]): Promise<ConversationId>;
  /** Answers the seq. */
  send(device: Device, conversationId: ConversationId, text: string): Promise<number>;
  look(device: Device, conversationId: ConversationId, seq: number): Promise<Message | undefined>;
  /** All that is in the log. */
  entries(conversationId: ConversationId): Promise<readonly Entry[]>;
  /** Moves the clock until it is answered. */
  answered<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function makeTalkers(over: Parameters<typeof makeTestPlatform>[0] = {}): Promise<Talkers> {
  const platform = await makeTestPlatform(over);
  const messaging = makeMessaging(platform);
  await messaging.start();
  const users = await addPeople(platform, 4);
  const devices = users.map((userId) => makeDevice(messaging.handlers, userId)) as [Device, Device, Device, Device];
  const [anna, boris, carla, dora] = devices;

  async function create(others: readonly Device[], settings: { posting?: 'admins' }): Promise<ConversationId> {
    const userIds = others.map((device) => device.userId);
    const input = { clientId: newClientId(), title: 'Choir', userIds, settings };
    return (await anna.call('conversation.create', input)).conversation.conversationId;
  }

  return {
    platform,
    messaging,
    anna,
    boris,
    carla,
    dora,
    at: async (device) => `@${(await platform.users.profiles([device.userId]))[0]?.name}`,
    direct: async () =>
      (await anna.call('conversation.openDirect', { userId: boris.userId })).conversation.conversationId,
    group: (...others) => create(others, {}),
    channel: (...others) => create(others, { posting: 'admins' }),
    send: async (device, conversationId, text) =>
      (await device.call('message.send', { conversationId, clientId: newClientId(), text })).seq,
    look: async (device, conversationId, seq) =>
      (await device.call('message.look', { conversationId, seqs: [seq] })).messages[0],
    async entries(conversationId) {
      const spans = [{ from: 1, to: null }];
      const ask = { conversationId, after: 0, spans, limit: 500, maxBytes: 1e9 };
      return (await platform.messages.entries(ask)).entries;
    },
    async answered(work) {
      let done = false;
      const end = () => {
        done = true;
      };
      work.then(end, end);
      while (!done) await platform.clock.pass(100);
      return work;
    },
    async close() {
      await messaging.stop();
      await platform.close();
    },
  };
}
