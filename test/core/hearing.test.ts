import { describe, expect, it } from 'vitest';
import { makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { Appended, Draft } from '../../src/ports/message-log.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { Entry } from '../../src/protocol/models.ts';
import { makeDevice, newClientId } from '../support/device.ts';
import { anna, boris, carla, direct, group, heard, listen, messaging, platform, send } from '../support/small-choir.ts';

describe('hearing', () => {
  it('brings every entry to every member’s devices in seq order', async () => {
    const conversationId = await group(boris, carla);
    const phone = makeDevice(messaging.handlers, boris.userId);
    await listen(boris, phone, carla);
    await Promise.all(Array.from({ length: 100 }, (_, i) => send(i % 2 ? anna : carla, conversationId, `${i}`)));
    await expect.poll(() => heard(phone).length).toBe(100);
    for (const device of [boris, phone, carla])
      expect(heard(device).map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 2));
  });

  it('drops what was passed on, waits for what is missing, and reads it from the store after 50 ms', async () => {
    const conversationId = await direct();
    await listen(boris);
    const entries: Entry[] = [];
    for (let i = 0; i < 5; i++) {
      const entry = await appendUnheard(conversationId, `${i}`);
      entries.push(entry);
    }
    const hear = (i: number) =>
      platform.bus.publish(`conversation:${conversationId}`, { type: 'entry', entry: entries[i] as Entry });
    hear(0);
    hear(2);
    hear(0);
    hear(4);
    await platform.clock.pass(10);
    expect(heard(boris).map(({ seq }) => seq)).toEqual([1]);
    hear(1);
    await platform.clock.pass(10);
    expect(heard(boris).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await platform.clock.pass(60);
    await expect.poll(() => heard(boris).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('begins with the first sync and misses nothing after it', async () => {
    const conversationId = await direct();
    messaging.attach(boris);
    await send(anna, conversationId, 'unheard');
    expect(heard(boris)).toEqual([]);
    const [{ conversations }] = await Promise.all([boris.call('sync', {}), send(anna, conversationId, 'meanwhile')]);
    await send(anna, conversationId, 'heard');
    await expect.poll(() => heard(boris).at(-1)?.seq).toBe(3);
    const head = conversations[0]?.head.seq ?? 0;
    const first = heard(boris)[0]?.seq ?? 0;
    expect(first).toBeLessThanOrEqual(head + 1);
  });

  it('reaches people from the moment they are added, and ends with their removal', async () => {
    const conversationId = await group(boris);
    await listen(carla);
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await expect.poll(() => carla.events.some((event) => event.event === 'changed')).toBe(true);
    await carla.call('sync', {});
    await send(anna, conversationId, 'welcome');
    await expect.poll(() => heard(carla).map((entry) => entry.seq)).toContain(3);
    await anna.call('conversation.removeMember', { conversationId, userId: carla.userId });
    await send(anna, conversationId, 'she is gone');
    await platform.clock.pass(1_000);
    expect(heard(carla).map((entry) => entry.seq)).not.toContain(5);
  });

  async function appendUnheard(conversationId: ConversationId, text: string): Promise<Entry> {
    const draft: Draft = {
      conversationId,
      senderId: anna.userId,
      clientId: newClientId(),
      kind: 'message',
      body: { text },
      time: platform.clock.now(),
      rulesSeq: 0,
    };
    const appended: Appended = await platform.messages.append(draft);
    if (appended.outcome !== 'appended') throw new Error(appended.outcome);
    return appended.entry;
  }
});

describe('a node that was killed', () => {
  it('publishes at its next start what it had stored and not dispatched, and erases what was removed', async () => {
    const conversationId = await direct();
    await listen(boris);
    await send(anna, conversationId, 'dispatched');
    await platform.clock.pass(1_500);
    const seen = heard(boris).length;
    const key = { conversationId, senderId: anna.userId, time: platform.clock.now(), rulesSeq: 0 };
    await platform.messages.append({ ...key, clientId: newClientId(), kind: 'message', body: { text: 'left behind' } });
    await platform.messages.append({ ...key, clientId: newClientId(), kind: 'removal', body: {}, target: 1 });
    expect(heard(boris).length).toBe(seen);

    const again = makeMessaging(platform);
    await again.start();
    await expect.poll(() => heard(boris).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await platform.messages.entry(conversationId, 1)).toMatchObject({ body: {}, emptied: true });
    expect(await platform.messages.undispatched(platform.node, 10)).toEqual([]);
    await again.stop();
  });
});

describe('presence and typing', () => {
  it('are told only to devices that have them on screen, gathered per second', async () => {
    const conversationId = await direct();
    await listen(anna, carla);
    const { people } = await anna.call('presence.watch', { userIds: [boris.userId], conversationId });
    expect(people).toMatchObject([{ userId: boris.userId, online: false }]);
    messaging.attach(boris);
    await boris.call('typing.set', { conversationId, typing: true });
    await platform.clock.pass(1_100);
    expect(anna.events).toContainEqual({
      event: 'presence.changed',
      body: { people: [{ userId: boris.userId, online: true, lastSeenAt: null }] },
    });
    expect(anna.events).toContainEqual({ event: 'typing.changed', body: { conversationId, userIds: [boris.userId] } });
    expect(carla.events.filter(({ event }) => event !== 'changed')).toEqual([]);

    messaging.detach(boris);
    await platform.clock.pass(7_000);
    expect(anna.events.findLast(({ event }) => event === 'presence.changed')).toMatchObject({
      body: { people: [{ userId: boris.userId, online: false }] },
    });
  });

  it('do not flicker when a device changes networks', async () => {
    await listen(anna);
    messaging.attach(boris);
    await anna.call('presence.watch', { userIds: [boris.userId] });
    await platform.clock.pass(1_100);
    const before = anna.events.length;
    messaging.detach(boris);
    await platform.clock.pass(2_000);
    messaging.attach(makeDevice(messaging.handlers, boris.userId));
    await platform.clock.pass(10_000);
    expect(anna.events.slice(before).filter(({ event }) => event === 'presence.changed')).toEqual([]);
  });
});
