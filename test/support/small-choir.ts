import { afterEach, beforeEach } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Entry } from '../../src/protocol/models.ts';
import { type Device, makeDevice, newClientId } from './device.ts';
import { addPeople } from './people.ts';
import { makeTestPlatform, type TestPlatform } from './platform.ts';

/** Four people on one node, three of them with a device: new before each test of the file that imports them. */

export let platform: TestPlatform;
export let messaging: Messaging;
export let users: readonly UserId[];
export let anna: Device;
export let boris: Device;
export let carla: Device;

beforeEach(async () => {
  platform = await makeTestPlatform();
  messaging = makeMessaging(platform);
  await messaging.start();
  users = await addPeople(platform, 4);
  [anna, boris, carla] = users.map((userId) => makeDevice(messaging.handlers, userId)) as [Device, Device, Device];
});

afterEach(async () => {
  await messaging.stop();
  await platform.close();
});

export async function direct(): Promise<ConversationId> {
  const { conversation } = await anna.call('conversation.openDirect', { userId: boris.userId });
  return conversation.conversationId;
}

export async function group(...others: Device[]): Promise<ConversationId> {
  const { conversation } = await anna.call('conversation.create', {
    clientId: newClientId(),
    title: 'Choir',
    userIds: others.map((device) => device.userId),
  });
  return conversation.conversationId;
}

export const send = (device: Device, conversationId: ConversationId, text: string, clientId = newClientId()) =>
  device.call('message.send', { conversationId, clientId, text });

export const texts = async (device: Device, conversationId: ConversationId) =>
  (await device.call('conversation.history', { conversationId })).messages.map((message) =>
    message.kind === 'message' ? (message.body.text ?? null) : message.kind,
  );

export const heard = (device: Device): Entry[] =>
  device.events.flatMap((event) => (event.event === 'entry.appended' ? [event.body] : []));

export async function listen(...devices: Device[]) {
  for (const device of devices) {
    messaging.attach(device);
    await device.call('sync', {});
  }
}
