import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import type { ClientId, ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { local } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';
import { type Device, newClientId } from '../support/device.ts';

const minute = 60_000;
const hour = 60 * minute;

let world: CoreWorld;
let anna: Device;
let boris: Device;
let annaCall: Call;
let borisCall: Call;
let conversationId: ConversationId;

beforeEach(async () => {
  world = await makeCoreWorld();
  annaCall = await world.enter('anna');
  borisCall = await world.enter('boris');
  anna = world.device(annaCall);
  boris = world.device(borisCall);
  conversationId = await world.group(annaCall, 'Choir', [borisCall]);
});
afterEach(() => world.close());

const now = () => world.platform.clock.now();
const later = async (sendAt: number, text = 'good morning', clientId: ClientId = newClientId(), by = boris) =>
  (await by.call('scheduled.create', { conversationId, clientId, text, sendAt })).scheduled;
const list = async (by = boris) => (await by.call('scheduled.list', {})).scheduled;
const textsIn = async (by = anna) =>
  (await by.call('conversation.history', { conversationId, before: null, limit: 50 })).messages.flatMap((message) =>
    message.kind === 'message' && !message.emptied ? [message.body.text] : [],
  );
const refused = (reason: string) => expect.objectContaining({ reason });
async function pass(ms: number) {
  world.platform.clock.advance(ms);
  await world.work();
}

describe('a message that is to be sent later', () => {
  it('waits for its time, and is then sent by its author under its key', async () => {
    const made = await later(now() + hour);
    expect(await list()).toEqual([made]);
    expect(await list(anna)).toEqual([]);
    await pass(hour - 1);
    expect(await textsIn()).toEqual([]);
    await pass(1);
    expect(await textsIn()).toEqual(['good morning']);
    const { messages } = await anna.call('conversation.history', { conversationId, before: null, limit: 1 });
    expect(messages[0]).toMatchObject({ senderId: boris.userId, clientId: made?.clientId, time: now() });
    expect(await list()).toEqual([]);
  });

  it('is sent at once where its time has passed', async () => {
    await later(now() - 5);
    await world.work();
    expect(await textsIn()).toEqual(['good morning']);
  });

  it('answers what it answers', async () => {
    await boris.call('message.send', { conversationId, clientId: newClientId(), text: 'first' });
    const input = { conversationId, clientId: newClientId(), text: 'second', replyTo: 2, sendAt: now() + hour };
    await boris.call('scheduled.create', input);
    await pass(hour);
    const { messages } = await anna.call('conversation.history', { conversationId, before: null, limit: 1 });
    expect(messages[0]).toMatchObject({ body: { text: 'second', replyTo: 2 } });
    const nowhere = { ...input, clientId: newClientId(), replyTo: 99 };
    await expect(boris.call('scheduled.create', nowhere)).rejects.toEqual(refused('no_such_message'));
  });

  it('keeps the wish that its links are not looked up', async () => {
    const input = { conversationId, clientId: newClientId(), text: 'see https://example.org', sendAt: now() + hour };
    const quiet = { ...input, preview: false } as const;
    await boris.call('scheduled.create', quiet);
    expect(await list()).toMatchObject([{ preview: false }]);
    await expect(boris.call('scheduled.create', input)).rejects.toEqual(refused('client_id_used'));
    await pass(hour);
    const { messages } = await anna.call('conversation.history', { conversationId, before: null, limit: 1 });
    expect(messages[0]).toMatchObject({ body: { text: input.text, preview: false } });
  });

  it('is the same one under its key, and not sent again once it was', async () => {
    const clientId = newClientId();
    const made = await later(now() + hour, 'once', clientId);
    expect(await later(now() + 2 * hour, 'once', clientId)).toEqual(made);
    await expect(later(now() + hour, 'twice', clientId)).rejects.toEqual(refused('client_id_used'));
    await pass(hour);
    expect(await later(now() + hour, 'once', clientId)).toBeNull();
    await pass(2 * hour);
    expect(await textsIn()).toEqual(['once']);
  });

  it('is sent once when the job runs again, or the process ended in the middle of it', async () => {
    const made = await later(now() + hour);
    const job = { jobId: '1', queue: 'scheduled', key: 'k', attempts: 0 };
    const payload = { userId: boris.userId, clientId: made?.clientId };
    world.platform.clock.advance(hour);
    // As an earlier run left it: begun, and in the log.
    await world.platform.scheduled.begin(payload as { userId: typeof boris.userId; clientId: ClientId });
    await boris.call('message.send', { conversationId, clientId: payload.clientId as ClientId, text: 'good morning' });
    await world.messaging.jobs.scheduled?.({ ...job, payload });
    await world.messaging.jobs.scheduled?.({ ...job, payload });
    await world.work();
    expect(await textsIn()).toEqual(['good morning']);
    expect(await list()).toEqual([]);
  });

  it('is changed, put off and cancelled', async () => {
    const [one, two] = [await later(now() + hour), await later(now() + hour, 'not this one')];
    const clientId = one?.clientId as ClientId;
    await boris.call('scheduled.change', { clientId, text: 'good evening', sendAt: now() + 3 * hour });
    await boris.call('scheduled.cancel', { clientId: two?.clientId as ClientId });
    await boris.call('scheduled.cancel', { clientId: two?.clientId as ClientId });
    await pass(2 * hour);
    expect(await textsIn()).toEqual([]);
    await pass(hour);
    expect(await textsIn()).toEqual(['good evening']);
    await expect(boris.call('scheduled.change', { clientId, text: 'x' })).rejects.toEqual(refused('no_such_scheduled'));
  });

  it('is nobody else’s to see, change, send or cancel', async () => {
    const clientId = (await later(now() + hour))?.clientId as ClientId;
    await expect(anna.call('scheduled.change', { clientId, text: 'x' })).rejects.toEqual(refused('no_such_scheduled'));
    await expect(anna.call('scheduled.sendNow', { clientId })).rejects.toEqual(refused('no_such_scheduled'));
    await anna.call('scheduled.cancel', { clientId });
    expect(await list()).toHaveLength(1);
  });

  it('is sent now where its author wants that', async () => {
    const clientId = (await later(now() + hour))?.clientId as ClientId;
    const sent = await boris.call('scheduled.sendNow', { clientId });
    expect(sent).toEqual({ seq: 2, time: now() });
    await pass(2 * hour);
    expect(await textsIn()).toEqual(['good morning']);
  });

  it('that may not be sent when it is due is kept with the reason, and tried again when its author says so', async () => {
    const clientId = (await later(now() + hour))?.clientId as ClientId;
    await anna.call('conversation.setSettings', { conversationId, settings: { posting: 'admins' } });
    await pass(hour);
    expect(await list()).toMatchObject([{ clientId, refused: 'only_admins_write' }]);
    await expect(boris.call('scheduled.sendNow', { clientId })).rejects.toEqual(refused('only_admins_write'));
    await anna.call('conversation.setSettings', { conversationId, settings: { posting: 'members' } });
    await boris.call('scheduled.change', { clientId, sendAt: now() });
    await world.work();
    expect(await textsIn()).toEqual(['good morning']);

    await later(now() + hour, 'as a former member');
    await anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    await pass(hour);
    expect(await list()).toMatchObject([{ refused: 'not_a_member' }]);
  });

  it('is not sent to somebody who blocks its author by then', async () => {
    const { conversation } = await boris.call('conversation.openDirect', { userId: anna.userId });
    const input = { conversationId: conversation.conversationId, clientId: newClientId(), text: 'x' };
    await boris.call('scheduled.create', { ...input, sendAt: now() + hour });
    await anna.call('person.block', { userId: boris.userId, on: true });
    await pass(hour);
    expect(await list()).toMatchObject([{ refused: 'may_not_write' }]);
  });

  it('may not be in a conversation where its author may not write', async () => {
    await anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    await expect(later(now() + hour)).rejects.toEqual(refused('not_a_member'));
  });

  it('waits for a year at most, and so many at most', async () => {
    const end = now() + limits.scheduledAhead;
    await expect(later(end + 1)).rejects.toEqual(refused('too_far_ahead'));
    const clientId = (await later(end))?.clientId as ClientId;
    const beyond = { clientId, sendAt: end + 1 };
    await expect(boris.call('scheduled.change', beyond)).rejects.toEqual(refused('too_far_ahead'));
    for (let i = 1; i < limits.scheduled; i++) await later(now() + hour, `${i}`);
    await expect(later(now() + hour)).rejects.toEqual(refused('too_many_scheduled'));
    expect(await list()).toHaveLength(limits.scheduled);
  });

  it('is told to the other devices of its author', async () => {
    world.messaging.attach(boris);
    await boris.call('sync', { cursor: null });
    const heard = () => boris.events.filter(({ event }) => event === 'changed').length;
    await later(now() + hour);
    await world.platform.clock.pass(1_000);
    expect(heard()).toBeGreaterThan(0);
    const before = heard();
    await pass(hour);
    await world.platform.clock.pass(1_000);
    expect(heard()).toBeGreaterThan(before);
  });

  it('is listed in pages of bounded size', async () => {
    const text = 'я'.repeat(limits.textBytes / 2);
    for (let i = 0; i < 30; i++) await later(now() + hour, text);
    const found = new Set<string>();
    for (let after: ClientId | null = null; ; ) {
      const page: { scheduled: { clientId: ClientId }[]; more: boolean } = await boris.call('scheduled.list', {
        after,
      });
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1.2 * limits.pageBytes);
      for (const one of page.scheduled) found.add(one.clientId);
      if (!page.more) break;
      after = page.scheduled.at(-1)?.clientId ?? null;
    }
    expect(found.size).toBe(30);
  });

  it('is not sent while its author is disabled, and goes with a deleted account', async () => {
    const clientId = (await later(now() + hour))?.clientId as ClientId;
    await world.ask('user.disable', { user: userIdOf(borisCall) }, local);
    await pass(hour);
    expect(await world.platform.scheduled.find({ userId: boris.userId, clientId })).toMatchObject({
      refused: 'account_disabled',
    });
    await world.ask('user.delete', { user: userIdOf(borisCall), graceDays: 0, removeMessages: false }, local);
    await pass(minute);
    expect(await world.platform.scheduled.find({ userId: boris.userId, clientId })).toBeNull();
  });

  it('is sent also where the job for it was lost', async () => {
    await later(now() + hour);
    world.platform.clock.advance(hour);
    for (const job of await world.platform.jobs.take(['scheduled'], 10, minute))
      await world.platform.jobs.finish(job.jobId);
    expect(await textsIn()).toEqual([]);
    await world.platform.clock.pass(11 * minute);
    await world.work();
    expect(await textsIn()).toEqual(['good morning']);
  });
});
