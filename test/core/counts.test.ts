import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { addPeople } from '../support/people.ts';
import { makeTestPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let messaging: Messaging;
let anna: Device;
let benId: UserId;
let conversationId: ConversationId;

beforeEach(async () => {
  platform = await makeTestPlatform();
  messaging = makeMessaging(platform);
  await messaging.start();
  const [annaId, ben] = (await addPeople(platform, 2)) as [UserId, UserId];
  benId = ben;
  anna = makeDevice(messaging.handlers, annaId);
  const { conversation } = await anna.call('conversation.create', {
    clientId: newClientId(),
    title: 'Choir',
    userIds: [benId],
  });
  conversationId = conversation.conversationId;
});
afterEach(async () => {
  await messaging.stop();
  await platform.close();
});

const bens = () => makeDevice(messaging.handlers, benId);
const say = async (text: string, by: Device = anna) =>
  (await by.call('message.send', { conversationId, clientId: newClientId(), text })).seq;
async function mark(device: Device, marks: { deliveredSeq?: number; readSeq?: number }) {
  const marking = device.call('receipts.mark', { marks: [{ conversationId, ...marks }] });
  await platform.clock.pass(60);
  await marking;
}
/** What a device is told with a cursor; null: as one that was installed anew. */
async function counted(device: Device, cursor: string | null = null) {
  const page = await device.call('sync', { cursor });
  const [state] = page.conversations.filter((each) => each.conversationId === conversationId);
  return { unread: state?.mine.unread, mentions: state?.mine.mentions, cursor: page.cursor };
}

describe('what is unread and what mentions somebody', () => {
  it('is the same on the device that read, on one that slept, and on one that was installed anew', async () => {
    const [awake, asleep] = [bens(), bens()];
    const { cursor } = await counted(asleep);
    const name = (await platform.users.profiles([benId]))[0]?.name;
    await say('one');
    const read = await say(`two @${name}`);
    await say(`three @${name}`);
    const removed = await say(`four @${name}`);
    await say('five @all');
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq: removed });
    await mark(awake, { readSeq: read });
    const right = { unread: 2, mentions: 2 };
    expect(await counted(awake)).toMatchObject(right);
    expect(await counted(asleep, cursor)).toMatchObject(right);
    expect(await counted(bens())).toMatchObject(right);
  });

  it('ends with what somebody wrote themselves, although the node was killed before it noted that', async () => {
    await say('one');
    const device = bens();
    await say('two', device);
    const killed = messaging;
    messaging = makeMessaging(platform);
    await messaging.start();
    expect((await platform.conversations.row(conversationId, benId))?.readSeq).toBe(0);
    expect(await counted(bens())).toMatchObject({ unread: 0 });
    await killed.stop();
  });

  it('is what was acknowledged: a mark that was answered survives the node', async () => {
    const seq = await say('one');
    await mark(bens(), { readSeq: seq });
    const next = makeMessaging(platform);
    await next.start();
    const device = makeDevice(next.handlers, benId);
    expect(await counted(device)).toMatchObject({ unread: 0, mentions: 0 });
    await next.stop();
  });

  it('is exact up to its bound, and beyond it again as soon as something is read', async () => {
    const sends = Array.from({ length: limits.unreadCount + 20 }, (_, i) => say(`${i}`));
    const last = Math.max(...(await Promise.all(sends)));
    expect((await counted(bens())).unread).toBe(limits.unreadCount);
    await mark(bens(), { readSeq: last - 7 });
    expect((await counted(bens())).unread).toBe(7);
  });
});
