import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeAuth } from '../../src/core/auth/auth.ts';
import type { Messaging } from '../../src/core/messaging/messaging.ts';
import { makeMessaging } from '../../src/core/messaging/messaging.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { ConversationId, ReportId, SessionId, UserId } from '../../src/protocol/ids.ts';
import type { Conversation } from '../../src/protocol/models.ts';
import { local } from '../support/auth.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { catchUp, goLive, type Held, hideExpired, nothingHeld, readHistory } from '../support/model-device.ts';
import { addPeople } from '../support/people.ts';
import { pictureFiles } from '../support/picture-files.ts';
import { makeTestPlatform, type TestPlatform } from '../support/platform.ts';

const people = 4;
const hour = 3_600_000;
const person = fc.nat({ max: people - 1 });
/** Which of the conversations made so far, and which seq of it, as fractions: whatever exists by then. */
const place = fc.record({ by: person, where: fc.nat({ max: 5 }), seq: fc.integer({ min: 1, max: 12 }) });

const step = fc.oneof(
  fc.record({ do: fc.constant('openDirect' as const), by: person, other: person }),
  fc.record({
    do: fc.constant('create' as const),
    by: person,
    others: fc.uniqueArray(person, { maxLength: 3 }),
    showsPast: fc.boolean(),
  }),
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('send' as const), at: place, text: fc.string({ minLength: 1 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), at: place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('removeMessage' as const), at: place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), at: place }) },
  fc.record({ do: fc.constant('deliver' as const), at: place }),
  fc.record({ do: fc.constant('add' as const), at: place, other: person }),
  fc.record({ do: fc.constant('removeMember' as const), at: place, other: person }),
  fc.record({ do: fc.constant('leave' as const), at: place }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('joinByLink' as const), at: place, other: person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('moderate' as const), at: place }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('block' as const), by: person, other: person, on: fc.boolean() }),
  },
  fc.record({ do: fc.constant('privacy' as const), by: person, readReceipts: fc.boolean() }),
  fc.record({ do: fc.constant('role' as const), at: place, other: person, owner: fc.boolean() }),
  fc.record({ do: fc.constant('title' as const), at: place, title: fc.constantFrom('one', 'two', 'three') }),
  fc.record({
    do: fc.constant('settings' as const),
    at: place,
    settings: fc.oneof(
      fc.record({ showsPast: fc.boolean() }),
      fc.record({ posting: fc.constantFrom('members' as const, 'members' as const, 'admins' as const) }),
      fc.record({ description: fc.constantFrom('', 'ours') }),
      fc.record({ previews: fc.boolean() }),
      fc.record({ disappearAfter: fc.constantFrom(10_000, 10_000, null) }),
      fc.record({ keepFor: fc.constantFrom(hour, hour, null) }),
    ),
  }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pin' as const), at: place, on: fc.boolean() }) },
  fc.record({
    do: fc.constant('keep' as const),
    at: place,
    change: fc.oneof(
      fc.record({ pinned: fc.boolean(), archived: fc.boolean() }),
      fc.record({ mutedUntil: fc.constantFrom(null, 9_000_000_000_000), markedUnread: fc.boolean() }),
    ),
  }),
  fc.record({ do: fc.constant('draft' as const), at: place, draft: fc.option(fc.string({ minLength: 1 })) }),
  fc.record({ do: fc.constant('hide' as const), at: place }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reply' as const), at: place, replyTo: place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mention' as const), at: place, other: person }) },
  fc.record({ do: fc.constant('mentionAll' as const), at: place }),
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('react' as const),
      at: place,
      emoji: fc.constantFrom('👍', '🎉'),
      on: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('poll' as const), at: place, several: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('vote' as const),
      at: place,
      options: fc.uniqueArray(fc.nat({ max: 2 }), { maxLength: 2 }),
    }),
  },
  fc.record({ do: fc.constant('closePoll' as const), at: place }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('link' as const), at: place }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('preview' as const), at: place }) },
  fc.record({ do: fc.constant('picture' as const), at: place, on: fc.boolean() }),
  fc.record({ do: fc.constant('face' as const), by: person, on: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('forward' as const), at: place, to: fc.nat({ max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(11_000, 11_000, hour) }) },
  fc.record({ do: fc.constant('disable' as const), other: person }),
  fc.record({ do: fc.constant('enable' as const), other: person }),
  fc.record({ do: fc.constant('delete' as const), other: person, removeMessages: fc.boolean() }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Steps of one batch run at once. */
const script = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 15 });

/** What those who manage accounts do, by somebody's id. */
interface Admin {
  isOut(userId: UserId): Promise<boolean>;
  nameOf(userId: UserId): Promise<string>;
  disable(userId: UserId): Promise<void>;
  enable(userId: UserId): Promise<void>;
  delete(userId: UserId, removeMessages: boolean): Promise<void>;
  setFace(userId: UserId, on: boolean): Promise<void>;
  /** What somebody reported. */
  removeReported(reportId: ReportId): Promise<void>;
  /** As a worker does. */
  lookUp(conversationId: ConversationId, seq: number): Promise<void>;
}

async function take(
  step: Exclude<Step, { do: 'wait' }>,
  devices: readonly Device[],
  known: ConversationId[],
  admin: Admin,
): Promise<void> {
  if (step.do === 'disable' || step.do === 'enable') return admin[step.do](device(devices, step.other).userId);
  if (step.do === 'delete') return admin.delete(device(devices, step.other).userId, step.removeMessages);
  const actor = device(devices, 'by' in step ? step.by : step.at.by);
  if (await admin.isOut(actor.userId)) return;
  if (step.do === 'openDirect') {
    const { conversation } = await device(devices, step.by).call('conversation.openDirect', {
      userId: device(devices, step.other).userId,
    });
    known.push(conversation.conversationId);
    return;
  }
  if (step.do === 'create') {
    const { conversation } = await device(devices, step.by).call('conversation.create', {
      clientId: newClientId(),
      title: 'group',
      userIds: step.others.map((other) => device(devices, other).userId),
      settings: { showsPast: step.showsPast },
    });
    known.push(conversation.conversationId);
    return;
  }
  if (step.do === 'block') {
    await actor.call('person.block', { userId: device(devices, step.other).userId, on: step.on });
    return;
  }
  if (step.do === 'privacy') {
    await actor.call('privacy.set', { readReceipts: step.readReceipts });
    return;
  }
  if (step.do === 'face') return admin.setFace(actor.userId, step.on);
  const conversationId = known[step.at.where % Math.max(1, known.length)];
  if (!conversationId) return;
  const by = device(devices, step.at.by);
  const { seq } = step.at;
  const other = 'other' in step ? device(devices, step.other).userId : by.userId;
  switch (step.do) {
    case 'send':
      await by.call('message.send', { conversationId, clientId: newClientId(), text: `${step.text}.` });
      return;
    case 'reply': {
      const [clientId, replyTo] = [newClientId(), step.replyTo.seq];
      await by.call('message.send', { conversationId, clientId, text: `to ${replyTo}`, replyTo });
      return;
    }
    case 'mention': {
      const text = `@${await admin.nameOf(other)}, come`;
      await by.call('message.send', { conversationId, clientId: newClientId(), text });
      return;
    }
    case 'mentionAll':
      await by.call('message.send', { conversationId, clientId: newClientId(), text: '@all come' });
      return;
    case 'react':
      await by.call('message.react', { conversationId, seq, emoji: step.emoji, on: step.on });
      return;
    case 'poll': {
      const asked = { question: `at ${seq}`, options: ['a', 'b', 'c'], several: step.several };
      await by.call('poll.create', { conversationId, clientId: newClientId(), ...asked });
      return;
    }
    case 'vote':
      await by.call('poll.vote', { conversationId, seq, options: step.options });
      return;
    case 'closePoll':
      await by.call('poll.close', { conversationId, seq });
      return;
    case 'forward': {
      const to = known[step.to % known.length] as ConversationId;
      const from = { conversationId, seq };
      await by.call('message.forward', { conversationId: to, clientId: newClientId(), from });
      return;
    }
    case 'link': {
      const text = `see https://example.org/${seq}`;
      await by.call('message.send', { conversationId, clientId: newClientId(), text });
      return;
    }
    case 'preview':
      return admin.lookUp(conversationId, seq);
    case 'picture':
      await by.call('conversation.setAvatar', { conversationId, picture: step.on ? pictureFiles.png : null });
      return;
    case 'edit':
      await by.call('message.edit', { conversationId, clientId: newClientId(), seq, text: `edited at ${seq}` });
      return;
    case 'removeMessage':
      await by.call('message.remove', { conversationId, clientId: newClientId(), seq });
      return;
    case 'read':
      await by.call('receipts.mark', { marks: [{ conversationId, readSeq: seq }] });
      return;
    case 'deliver':
      await by.call('receipts.mark', { marks: [{ conversationId, deliveredSeq: seq }] });
      return;
    case 'add':
      await by.call('conversation.addMembers', { conversationId, userIds: [other] });
      return;
    case 'removeMember':
      await by.call('conversation.removeMember', { conversationId, userId: other });
      return;
    case 'leave':
      await by.call('conversation.leave', { conversationId });
      return;
    case 'joinByLink': {
      const { secret } = await device(devices, step.other).call('link.create', { conversationId });
      await by.call('link.join', { secret });
      return;
    }
    case 'moderate': {
      const { reportId } = await by.call('report.create', { conversationId, seq, reason: 'spam' });
      return admin.removeReported(reportId);
    }
    case 'role':
      await by.call('conversation.setRole', { conversationId, userId: other, role: step.owner ? 'owner' : 'admin' });
      return;
    case 'title':
      await by.call('conversation.setTitle', { conversationId, title: step.title });
      return;
    case 'settings':
      await by.call('conversation.setSettings', { conversationId, settings: step.settings });
      return;
    case 'pin':
      await by.call('message.pin', { conversationId, seq, on: step.on });
      return;
    case 'keep':
      await by.call('conversation.setMine', { conversationId, change: step.change });
      return;
    case 'draft': {
      const draft = step.draft === null ? null : { text: step.draft, replyTo: seq };
      await by.call('draft.set', { conversationId, draft });
      return;
    }
    case 'hide':
      await by.call('message.hide', { conversationId, seqs: [seq] });
  }
}

function device(devices: readonly Device[], i: number): Device {
  return devices[i] as Device;
}

/** Refusals are part of the run; anything else is a defect. */
async function allowed(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function fresh(messaging: Messaging, userId: UserId): Promise<Held> {
  const held = nothingHeld();
  const newDevice = makeDevice(messaging.handlers, userId);
  await catchUp(newDevice, held);
  await readHistory(newDevice, held);
  return held;
}

/** Everybody whose name a screen needs, where it hears of them: who left learns of later names once they look anew. */
function mentioned(held: Held): ReadonlySet<string> {
  const entries = [...held.messages].flatMap(([conversationId, log]) =>
    held.conversations.get(conversationId)?.mine.member ? [...log.values()] : [],
  );
  const present = [...held.conversations.values()].filter((state) => state.mine.member);
  return new Set([
    ...entries.flatMap(({ senderId, body }) => [
      ...(senderId ? [senderId] : []),
      ...('userIds' in body ? body.userIds : []),
      ...('userId' in body ? [body.userId] : []),
    ]),
    ...present.flatMap((state) => state.marks.map((mark) => mark.userId)),
    ...present.flatMap((state) => state.peerId ?? []),
  ]);
}

/**
 * Somebody who was out for a while heard nothing of removals, titles and people meanwhile; what is gone is gone for them
 * too, once they look anew.
 */
function wasOut(state: Conversation): boolean {
  return !state.mine.member || state.mine.spans.some((span) => span.to !== null);
}

const sorted = <T>(list: Iterable<T>, key: (one: T) => string | number) =>
  [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));

function comparable(held: Held, gone: ReadonlySet<string>) {
  return sorted(held.conversations.values(), (state) => state.conversationId).map((state) => {
    const log = held.messages.get(state.conversationId)?.values() ?? [];
    const messages = sorted(log, (message) => message.seq);
    if (!wasOut(state)) return { ...state, marks: sorted(state.marks, (mark) => mark.userId), messages };
    const { title: _, last: __, mine, marks: ___, ...rest } = state;
    const isThere = (seq: number) => !gone.has(`${state.conversationId} ${seq}`);
    const kept = messages.filter(({ seq }) => isThere(seq));
    return { ...rest, pins: state.pins.filter(isThere), mine: { ...mine, unread: 0, mentions: 0 }, messages: kept };
  });
}

/** What was removed by now, as a device knows that looked at everything just now. */
function removedFrom(held: Held): ReadonlySet<string> {
  const messages = [...held.messages.values()].flatMap((log) => [...log.values()]);
  return new Set(messages.flatMap(({ emptied, conversationId, seq }) => (emptied ? [`${conversationId} ${seq}`] : [])));
}

function profilesOf(held: Held) {
  const needed = mentioned(held);
  return sorted(held.profiles.values(), (profile) => profile.userId).filter((profile) => needed.has(profile.userId));
}

function makeAdmin(platform: TestPlatform, messaging: Messaging): Admin {
  const { handlers, jobs } = makeAuth(platform, messaging.people);
  return {
    isOut: async (userId) => (await platform.users.find(userId))?.state !== 'active',
    nameOf: async (userId) => (await platform.users.find(userId))?.name ?? '',
    async disable(user) {
      await handlers['user.disable']({ user }, local);
    },
    async enable(user) {
      await handlers['user.enable']({ user }, local);
    },
    async setFace(userId, on) {
      const caller = {
        kind: 'person',
        userId,
        sessionId: crypto.randomUUID() as SessionId,
        role: 'member',
        scopes: null,
      } as const;
      const call = { caller, address: null, origin: null, receiver: null };
      if (on) await handlers['avatar.set']({ picture: pictureFiles.jpeg }, call);
      else await handlers['avatar.clear']({}, call);
    },
    async removeReported(reportId) {
      await messaging.handlers['report.resolve']({ reportId, outcome: 'acted', note: '', remove: true }, local);
    },
    async lookUp(conversationId, seq) {
      const job = { jobId: '', queue: 'previews', key: '', payload: { conversationId, seq }, attempts: 0 };
      await messaging.jobs.previews?.(job);
    },
    async delete(user, removeMessages) {
      await handlers['user.delete']({ user, graceDays: 0, removeMessages }, local);
      for (const job of await platform.jobs.take(['delete_account'], 10, 60_000)) {
        await jobs.delete_account?.(job);
        await platform.jobs.finish(job.jobId);
      }
    },
  };
}

async function run(platform: TestPlatform, batches: readonly (readonly Step[])[]): Promise<void> {
  const messaging = makeMessaging(platform);
  await messaging.start();
  const users = await addPeople(platform, people);
  const devices = users.map((userId) => makeDevice(messaging.handlers, userId));
  // The first one has a second device, which only listens.
  const listening = [...devices, makeDevice(messaging.handlers, users[0] as UserId)];
  const live = await Promise.all(
    listening.map(async (one) => {
      const held = nothingHeld();
      messaging.attach(one);
      const hearing = goLive(one, held);
      await hearing.caughtUp;
      return { held, hearing };
    }),
  );
  const settle = async () => {
    for (let i = 0; i < 3; i++) {
      await platform.clock.pass(1_100);
      for (const { hearing } of live) await hearing.idle();
    }
  };

  /** So that the sweeper comes by once more. */
  const wait = async (ms: number) => {
    platform.clock.advance(Math.max(0, ms - 11_000));
    await platform.clock.pass(ms < hour ? 11_000 : 11 * 60_000);
  };

  const admin = makeAdmin(platform, messaging);
  const known: ConversationId[] = [];
  for (const batch of batches) {
    const work = Promise.all(
      batch.map((one) => (one.do === 'wait' ? null : allowed(take(one, devices, known, admin)))),
    );
    // Receipts gather by the clock; it moves until all have been answered.
    let done = false;
    const finished = work.finally(() => {
      done = true;
    });
    while (!done) await platform.clock.pass(100);
    await finished;
    for (const one of batch) if (one.do === 'wait') await wait(one.ms);
  }
  await settle();
  // What is older than it is kept goes without an event: an open device asks now and then.
  for (const [i, one] of listening.entries()) await catchUp(one, live[i]?.held ?? nothingHeld());
  await settle();

  for (const [i, { userId }] of listening.entries()) {
    const held = live[i]?.held ?? nothingHeld();
    const zero = await fresh(messaging, userId);
    for (const one of [held, zero]) hideExpired(listening[i] as Device, one, platform.clock.now());
    const gone = removedFrom(zero);
    expect(comparable(held, gone), `device ${i}`).toEqual(comparable(zero, gone));
    const decided = ({ blocks, privacy }: Held) => ({ blocks, privacy });
    expect(decided(held), `what person ${i} decided`).toEqual(decided(zero));
    expect(profilesOf(held), `people that device ${i} knows`).toEqual(profilesOf(zero));
  }
  await messaging.stop();
}

const pages = { read: async (url: string) => ({ site: 'example.org', title: url, description: '' }) };

describe('sync', () => {
  it('gives a device that starts from zero what one has that heard every event live', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (batches) => {
        const platform = await makeTestPlatform({ links: pages });
        try {
          await run(platform, batches);
        } finally {
          await platform.close();
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
