import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import { makeHappenings } from '../../src/core/messaging/happenings.ts';
import { makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId, SessionId, UserId } from '../../src/protocol/ids.ts';
import { type InputToSend, type Output, operations } from '../../src/protocol/operations.ts';
import { local } from '../support/auth.ts';
import { makeHandClock } from '../support/clock.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { makeTestPush, type TestPush } from '../support/push.ts';

let world: CoreWorld;
let push: TestPush;
let anna: Call;
let ben: Call;
let desk: Device;
let phone: Device;
let conversationId: ConversationId;

beforeEach(async () => {
  push = makeTestPush();
  world = await makeCoreWorld({ push });
  [anna, ben] = [await world.enter('anna'), await world.enter('ben')];
  conversationId = await world.group(anna, 'Choir', [ben]);
  desk = world.device(ben);
  phone = world.device(ben);
  await world.platform.clock.pass(1_000);
});
afterEach(() => world.close());

const trace = async (seq: number, more: Partial<InputToSend<'message.trace'>> = {}, call: Call = local) => {
  const input = operations['message.trace'].input.parse({ conversationId, seq, ...more });
  return (await world.messaging.handlers['message.trace'](input, call)) as Output<'message.trace'>;
};
const say = async (text: string) =>
  (await world.device(anna).call('message.send', { conversationId, clientId: newClientId(), text })).seq;
const { stringify } = JSON;

async function mark(device: Device, marks: { deliveredSeq?: number; readSeq?: number }) {
  const marking = device.call('receipts.mark', { marks: [{ conversationId, ...marks }] });
  await world.platform.clock.pass(60);
  await marking;
}

async function connect(...devices: Device[]) {
  for (const device of devices) {
    world.messaging.attach(device);
    await device.call('sync', {});
  }
}

describe('a trace', () => {
  it('says what was stored, by whom, on which node and how much, and what it says only when asked', async () => {
    const at = world.platform.clock.now();
    const seq = await say('grüß dich 👋');
    const told = await trace(seq);
    expect(told).toMatchObject({
      conversation: { conversationId, kind: 'group', head: seq },
      entry: { seq, kind: 'message', time: at, node: 'main', target: null, emptied: false, body: null },
      dispatched: false,
      counts: { members: 1, delivered: 0, read: 0 },
    });
    expect(told.entry.sender).toMatchObject({ userId: userIdOf(anna), name: 'anna' });
    expect(told.entry.bytes).toBe(Buffer.byteLength(stringify({ text: 'grüß dich 👋' })));
    expect(stringify(told)).not.toContain('dich');
    expect((await trace(seq, { text: true })).entry.body).toEqual({ text: 'grüß dich 👋' });
    await world.platform.clock.pass(1_000);
    expect((await trace(seq)).dispatched).toBe(true);
  });

  it('says what changed it since', async () => {
    const seq = await say('helo');
    const writer = world.device(anna);
    await writer.call('message.edit', { conversationId, clientId: newClientId(), seq, text: 'hello' });
    await desk.call('message.react', { conversationId, seq, emoji: '👍', on: true });
    await writer.call('message.remove', { conversationId, clientId: newClientId(), seq });
    const told = await trace(seq, { text: true });
    expect(told.changes.map(({ kind }) => kind)).toEqual(['edit', 'reaction', 'removal']);
    expect(told.entry).toMatchObject({ emptied: true, body: {} });
  });

  it('says how far members came, and when each mark last moved', async () => {
    const seq = await say('hello');
    await mark(desk, { deliveredSeq: seq });
    const delivered = world.platform.clock.now();
    await world.platform.clock.pass(5_000);
    await mark(desk, { readSeq: seq });
    const { counts, members } = await trace(seq);
    expect(counts).toEqual({ members: 1, delivered: 1, read: 1 });
    const [one] = members;
    expect(one).toMatchObject({ delivered: true, deliveredSeq: seq, read: true, readSeq: seq });
    expect(one?.deliveredAt).toBeLessThanOrEqual(delivered);
    expect((one?.readAt ?? 0) - (one?.deliveredAt ?? 0)).toBeGreaterThanOrEqual(5_000);
  });

  it('says when each device was sent it, confirmed it and read it, as far as the node remembers', async () => {
    await connect(desk, phone);
    const sent = world.platform.clock.now();
    const seq = await say('hello');
    await expect.poll(() => phone.events.length).toBeGreaterThan(0);
    await world.platform.clock.pass(100);
    await mark(desk, { deliveredSeq: seq });
    await world.platform.clock.pass(100);
    await mark(desk, { readSeq: seq });
    const { nodes } = await trace(seq);
    expect(nodes).toMatchObject([{ node: 'main', answered: true, publishedAt: sent, otherDevices: 0 }]);
    const of = (device: Device) => nodes[0]?.devices.find(({ sessionId }) => sessionId === device.sessionId);
    expect(of(desk)).toMatchObject({ userId: userIdOf(ben), sentAt: sent });
    expect(of(desk)?.confirmedAt).toBeGreaterThan(sent);
    expect(of(desk)?.readAt).toBeGreaterThan(of(desk)?.confirmedAt ?? 0);
    expect(of(phone)).toMatchObject({ sentAt: sent, confirmedAt: null, readAt: null });
  });

  it('says whom a push told and whom not, and which jobs wait, were done or failed with what error', async () => {
    push.give(phone);
    const seq = await say('hello');
    await world.platform.clock.pass(1_000);
    expect((await trace(seq)).jobs).toMatchObject([{ queue: 'push', state: 'waiting', error: null }]);
    push.before = () => Promise.reject(new Error('the push server is away'));
    const [job] = await world.platform.jobs.take(['push'], 1, 60_000);
    await expect(world.messaging.jobs.push?.(job as NonNullable<typeof job>)).rejects.toThrow();
    await world.platform.jobs.fail(job?.jobId ?? '', 'the push server is away', world.platform.clock.now() + 1_000);
    expect((await trace(seq)).jobs).toMatchObject([{ state: 'waiting', error: 'the push server is away' }]);
    push.before = async () => {};
    await world.platform.clock.pass(1_000);
    await world.work();
    const { jobs, nodes, members } = await trace(seq);
    expect(jobs).toEqual([]);
    expect(nodes[0]?.pushes).toMatchObject([
      { userId: userIdOf(ben), outcome: 'pushed', devices: [{ sessionId: phone.sessionId }] },
    ]);
    expect(nodes[0]?.jobs.filter(({ queue }) => queue === 'push')).toMatchObject([
      { queue: 'push', error: 'the push server is away' },
      { queue: 'push', error: null },
    ]);
    expect(members).toMatchObject([{ pushedSeq: seq }]);
  });

  it('asks every node for what it remembers, and names the one that does not answer', async () => {
    const other = makeMessaging({ ...world.platform, node: 'other' });
    await other.start();
    const far = makeDevice(other.handlers, userIdOf(ben));
    other.attach(far);
    await far.call('sync', {});
    const seq = await say('hello');
    await expect.poll(() => far.events.length).toBeGreaterThan(0);
    const nodes = async () => new Map((await trace(seq)).nodes.map((node) => [node.node, node]));
    expect((await nodes()).get('main')).toMatchObject({ answered: true, devices: [] });
    expect((await nodes()).get('other')).toMatchObject({
      answered: true,
      publishedAt: null,
      devices: [{ sessionId: far.sessionId }],
    });
    await other.stop();
    expect((await nodes()).get('other')).toMatchObject({ answered: false, since: null, devices: [] });
  });

  it('gives admins who are not in the conversation its course, and neither its text nor what people hide', async () => {
    const adam = await world.enter('adam', 'admin');
    const seq = await say('hello');
    await mark(desk, { readSeq: seq });
    expect((await trace(seq, {}, adam)).members).toMatchObject([{ read: true, readSeq: seq }]);
    await desk.call('privacy.set', { readReceipts: false });
    const told = await trace(seq, {}, adam);
    expect(told.members).toMatchObject([{ delivered: true, read: null, readSeq: null, readAt: null }]);
    expect(told.counts.read).toBe(0);
    expect(stringify(told)).not.toContain('Choir');
    expect(told.nodes[0]?.devices).toMatchObject([{ confirmedAt: expect.any(Number), readAt: null }]);
    await expect(trace(seq, { text: true }, adam)).rejects.toMatchObject({ reason: 'not_a_member' });
    expect((await trace(seq)).members).toMatchObject([{ read: true }]);
  });

  it('tells admins no reasons that are somebody’s own', async () => {
    const adam = await world.enter('adam', 'admin');
    push.give(phone);
    await desk.call('person.block', { userId: userIdOf(anna), on: true });
    const seq = await say('hello');
    await world.platform.clock.pass(1_000);
    await world.work();
    expect((await trace(seq)).nodes[0]?.pushes).toMatchObject([{ outcome: 'blocked' }]);
    expect((await trace(seq, {}, adam)).nodes[0]?.pushes).toMatchObject([{ outcome: 'withheld' }]);
  });

  it('is noted in the audit log, once however many pages are read', async () => {
    const seq = await say('hello');
    await trace(seq, { text: true });
    await trace(seq, { after: userIdOf(anna) });
    const ask = { before: null, after: null, userId: null, action: 'message.traced', since: null, until: null };
    expect(await world.platform.audit.query({ ...ask, limit: 10 })).toMatchObject([
      { action: 'message.traced', details: { seq, text: true, via: 'local' } },
    ]);
  });

  it('leaves out who may not read the message, and answers members a page at a time', async () => {
    const first = await say('hello');
    const others = [await world.enter('carla'), await world.enter('dora')];
    await world.device(anna).call('conversation.addMembers', { conversationId, userIds: others.map(userIdOf) });
    expect((await trace(first)).counts.members).toBe(1);
    const later = await say('welcome');
    const page = await trace(later, { limit: 2 });
    expect(page).toMatchObject({ counts: { members: 3 }, more: true });
    const rest = await trace(later, { after: page.members.at(-1)?.profile.userId ?? null });
    expect(rest).toMatchObject({ counts: { members: 3 }, more: false });
    expect(new Set([...page.members, ...rest.members].map(({ profile }) => profile.name))).toEqual(
      new Set(['ben', 'carla', 'dora']),
    );
  });

  it('of a message that is not there is refused', async () => {
    await expect(trace(99)).rejects.toMatchObject({ code: 'not_found', reason: 'no_such_message' });
    const nowhere = crypto.randomUUID() as ConversationId;
    await expect(trace(1, { conversationId: nowhere })).rejects.toMatchObject({ reason: 'no_such_message' });
  });
});

describe('what a node remembers', () => {
  const id = crypto.randomUUID() as ConversationId;
  const device = crypto.randomUUID() as SessionId;

  it('is forgotten after an hour, which it says', () => {
    const clock = makeHandClock();
    const began = clock.now();
    const happenings = makeHappenings(clock);
    happenings.note(id, { what: 'published', at: clock.now(), seq: 1 });
    expect(happenings.since()).toBe(began);
    clock.advance(3_600_001);
    expect(happenings.of(id, 1, 10)).toEqual([]);
    expect(happenings.since()).toBe(clock.now() - 3_600_000);
  });

  it('names the first mark of a device that reaches an entry, whatever it confirmed since', () => {
    const clock = makeHandClock();
    const happenings = makeHappenings(clock);
    const [userId, at] = [crypto.randomUUID() as UserId, clock.now()];
    for (let seq = 1; seq <= 50; seq++)
      happenings.note(id, { what: 'confirmed', at: at + seq, seq, userId, sessionId: device, read: false });
    happenings.note(id, { what: 'published', at: at + 60, seq: 10 });
    expect(happenings.of(id, 10, 2)).toMatchObject([
      { what: 'confirmed', at: at + 10 },
      { what: 'published', at: at + 60 },
    ]);
  });

  it('is bounded by what it names, the oldest going first', () => {
    const clock = makeHandClock();
    const happenings = makeHappenings(clock, 3_000);
    for (let seq = 1; seq <= 10_000; seq++) {
      clock.advance(1);
      happenings.note(id, { what: 'sent', at: clock.now(), seq, sessionIds: [device, device], others: 0 });
    }
    expect(happenings.of(id, 9_000, 10)).toEqual([]);
    expect(happenings.since()).toBe(clock.now() - 1_000);
    expect(happenings.of(id, 9_001, 10)).toHaveLength(1);
    expect(happenings.of(id, 10_000, 10)).toHaveLength(1);
  });
});
