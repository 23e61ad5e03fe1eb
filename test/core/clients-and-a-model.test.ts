import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Handlers } from '../../src/core/call.ts';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Conversation, Message } from '../../src/protocol/models.ts';
import { makeHandClock } from '../support/clock.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { logKinds } from '../support/message-logs.ts';
import { type Having, MessengerModel, type Outcome, type Reading } from '../support/messenger-model.ts';
import { catchUp, goLive, type Held, nothingHeld, readHistory } from '../support/model-device.ts';
import { addPeople } from '../support/people.ts';
import { makeTestPlatform, type TestPlatform } from '../support/platform.ts';

const people = 3;
/** Of the first person; the others have one each. */
const phones = 2;
const person = fc.nat({ max: people - 1 });
const on = fc.boolean();
/** Which of the devices, which conversation of those made so far, and which seq of it, where there is one. */
const seq = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 2, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 14 }) },
);
const at = fc.record({
  device: fc.oneof(fc.constant(0), fc.nat({ max: people + phones - 2 })),
  place: fc.oneof(fc.constant(0), fc.nat({ max: 4 })),
  seq,
});
const oneOf = <T extends string>(name: T) => fc.constant(name);

const step = fc.oneof(
  fc.record({ do: oneOf('openDirect'), at, other: person }),
  { weight: 2, arbitrary: fc.record({ do: oneOf('create'), at, others: fc.uniqueArray(person), on }) },
  { weight: 6, arbitrary: fc.record({ do: oneOf('send'), at, text: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf('mention'), at, other: fc.option(person) }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf('reply'), at, replyTo: fc.integer({ min: 1, max: 14 }) }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('edit'), at, text: fc.constantFrom('x', 'y') }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('remove'), at }) },
  { weight: 4, arbitrary: fc.record({ do: oneOf('react'), at, emoji: fc.constantFrom('👍', '🎉'), on }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf('ask'), at }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('vote'), at, options: fc.uniqueArray(fc.nat({ max: 2 })) }) },
  fc.record({ do: oneOf('closePoll'), at }),
  { weight: 3, arbitrary: fc.record({ do: oneOf('pin'), at, on }) },
  { weight: 4, arbitrary: fc.record({ do: oneOf('read'), at }) },
  fc.record({ do: oneOf('hide'), at }),
  fc.record({ do: oneOf('keep'), at, on }),
  fc.record({ do: oneOf('draft'), at, text: fc.option(fc.constantFrom('begun', 'anew')) }),
  { weight: 4, arbitrary: fc.record({ do: oneOf('addMember'), at, other: person }) },
  fc.record({ do: oneOf('removeMember'), at, other: person }),
  fc.record({ do: oneOf('leave'), at }),
  fc.record({ do: oneOf('setRole'), at, other: person, role: fc.constantFrom('owner', 'admin', 'member') }),
  fc.record({ do: oneOf('rename'), at, title: fc.constantFrom('one', 'two') }),
  fc.record({
    do: oneOf('decide'),
    at,
    change: fc.oneof(
      fc.record({ posting: fc.constantFrom('members' as const, 'admins' as const) }),
      fc.record({ showsPast: fc.boolean() }),
    ),
  }),
  fc.record({ do: oneOf('block'), at, other: person, on }),
  fc.record({ do: oneOf('hideReads'), at, on }),
  // What goes wrong.
  { weight: 3, arbitrary: fc.record({ do: oneOf('goOffline'), at }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('sendAgain'), at, which: fc.nat({ max: 20 }) }) },
  fc.record({ do: oneOf('useKeyAgain'), at, which: fc.nat({ max: 20 }) }),
  fc.record({ do: oneOf('restart'), at }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const script = fc.array(step, { minLength: 1, maxLength: 45, size: 'max' });

interface Phone {
  readonly device: Device;
  readonly userId: UserId;
  held: Held;
  idle(): Promise<void>;
  online: boolean;
}

/** Something said under a key, and what became of it. */
interface Said {
  readonly device: Device;
  readonly op: 'message.send' | 'message.edit' | 'message.remove' | 'poll.create';
  readonly input: { readonly conversationId: ConversationId; readonly clientId: ClientId };
  readonly place: number;
  readonly seq: number;
}

class World {
  readonly phones: Phone[] = [];
  readonly ids: ConversationId[] = [];
  readonly said: Said[] = [];
  readonly model: MessengerModel;
  readonly #platform: TestPlatform;
  readonly #users: readonly UserId[];
  readonly #names: readonly string[];
  readonly #handlers: Partial<Handlers> = {};
  #messaging: Messaging;

  constructor(platform: TestPlatform, users: readonly UserId[], names: readonly string[]) {
    this.#platform = platform;
    this.#users = users;
    this.#names = names;
    this.model = new MessengerModel(new Map(names.map((name, i) => [name, users[i] as UserId])));
    this.#messaging = makeMessaging(platform);
  }

  async start(): Promise<void> {
    Object.assign(this.#handlers, this.#messaging.handlers);
    await this.#messaging.start();
    for (const userId of [...this.#users, ...Array(phones - 1).fill(this.#users[0])] as UserId[]) {
      const device = makeDevice(this.#handlers, userId);
      const phone: Phone = { device, userId, held: nothingHeld(), idle: async () => {}, online: false };
      this.phones.push(phone);
      await this.comeOnline(phone);
    }
  }

  async comeOnline(phone: Phone): Promise<void> {
    if (phone.online) return;
    phone.online = true;
    this.#messaging.attach(phone.device);
    const { caughtUp, idle } = goLive(phone.device, phone.held);
    phone.idle = idle;
    await this.#answered(caughtUp);
  }

  async goOffline(phone: Phone): Promise<void> {
    if (!phone.online) return;
    await phone.idle();
    phone.online = false;
    phone.device.onEvent = () => {};
    this.#messaging.detach(phone.device);
  }

  async restart(): Promise<void> {
    const online = this.phones.filter((phone) => phone.online);
    for (const phone of online) await this.goOffline(phone);
    await this.#messaging.stop();
    this.#messaging = makeMessaging(this.#platform);
    Object.assign(this.#handlers, this.#messaging.handlers);
    await this.#messaging.start();
    for (const phone of online) await this.comeOnline(phone);
  }

  async stop(): Promise<void> {
    await this.#messaging.stop();
  }

  user(i: number): UserId {
    return this.#users[i] as UserId;
  }

  name(i: number): string {
    return this.#names[i] as string;
  }

  async outcomeOf(work: Promise<unknown>): Promise<Outcome> {
    try {
      const output = (await this.#answered(work)) as { seq?: number };
      return output.seq === undefined ? { done: true } : { seq: output.seq };
    } catch (error) {
      if (error instanceof AppError) return { reason: error.reason };
      throw error;
    }
  }

  /** What gathers by the clock moves it until it was answered. */
  async #answered<T>(work: Promise<T>): Promise<T> {
    let pending = true;
    const end = () => {
      pending = false;
    };
    work.then(end, end);
    while (pending) await this.#platform.clock.pass(100);
    return work;
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await this.#platform.clock.pass(1_100);
      for (const phone of this.phones) await phone.idle();
    }
  }

  /** What somebody holds who begins anew and looks at everything. */
  async anew(userId: UserId): Promise<Held> {
    const held = nothingHeld();
    const device = makeDevice(this.#handlers, userId);
    await this.#answered(catchUp(device, held));
    await this.#answered(readHistory(device, held));
    return held;
  }
}

/** Does it, and as the model has it. */
async function take(world: World, step: Step): Promise<void> {
  const { model } = world;
  const phone = world.phones[step.at.device] as Phone;
  if (step.do === 'goOffline') return world.goOffline(phone);
  if (step.do === 'restart') return world.restart();
  await world.comeOnline(phone);
  const { device, userId: me } = phone;
  const say = (work: Promise<unknown>) => world.outcomeOf(work);
  const other = 'other' in step && step.other !== null ? world.user(step.other) : me;

  if (step.do === 'openDirect' || step.do === 'create') {
    const others = step.do === 'create' ? step.others.map((one) => world.user(one)) : [];
    const wanted = step.do === 'create' ? model.create(me, others, step.on) : model.openDirect(me, other);
    const opening =
      step.do === 'create'
        ? device.call('conversation.create', {
            clientId: newClientId(),
            title: 'group',
            userIds: others,
            settings: { showsPast: step.on },
          })
        : device.call('conversation.openDirect', { userId: other });
    const opened: ConversationId[] = [];
    const outcome = await say(
      opening.then(({ conversation }) => {
        opened.push(conversation.conversationId);
        return {};
      }),
    );
    if (!('place' in wanted)) return expect(outcome, step.do).toEqual(wanted);
    expect(outcome, step.do).toEqual({ done: true });
    const [conversationId] = opened as [ConversationId];
    expect(world.ids[wanted.place] ?? conversationId).toBe(conversationId);
    world.ids[wanted.place] = conversationId;
    return;
  }
  if (step.do === 'block')
    return expect(await say(device.call('person.block', { userId: other, on: step.on }))).toEqual(
      model.block(me, other, step.on),
    );
  if (step.do === 'hideReads')
    return expect(await say(device.call('privacy.set', { readReceipts: !step.on }))).toEqual(
      model.hideReads(me, step.on),
    );
  if (step.do === 'sendAgain' || step.do === 'useKeyAgain') return again(world, step);

  if (world.ids.length === 0) return;
  const place = step.at.place % world.ids.length;
  const conversationId = world.ids[place] as ConversationId;
  const { seq } = step.at;
  const here = { conversationId, seq };
  const speak = async (op: Said['op'], more: object, wanted: Outcome) => {
    const input = { conversationId, clientId: newClientId(), ...more };
    const outcome = await say(device.call(op, input as never));
    expect(outcome, JSON.stringify(step)).toEqual(wanted);
    if ('seq' in outcome) world.said.push({ device, op, input, place, seq: outcome.seq });
  };
  const change = async (work: Promise<unknown>, wanted: Outcome) =>
    expect(await say(work), JSON.stringify(step)).toEqual(wanted);

  switch (step.do) {
    case 'send':
      return speak('message.send', { text: step.text }, model.send(place, me, step.text));
    case 'mention': {
      const text = step.other === null ? '@all come' : `@${world.name(step.other)}, come`;
      return speak('message.send', { text }, model.send(place, me, text));
    }
    case 'reply':
      return speak('message.send', { text: 'yes', replyTo: step.replyTo }, model.send(place, me, 'yes', step.replyTo));
    case 'edit':
      return speak('message.edit', { seq, text: step.text }, model.edit(place, me, seq, step.text));
    case 'remove':
      return speak('message.remove', { seq }, model.remove(place, me, seq));
    case 'ask': {
      const asked = { question: '?', options: ['a', 'b', 'c'] };
      return speak('poll.create', { ...asked, several: true }, model.ask(place, me, asked.question, asked.options));
    }
    case 'react': {
      const { emoji, on } = step;
      return change(device.call('message.react', { ...here, emoji, on }), model.react(place, me, seq, emoji, on));
    }
    case 'vote': {
      const { options } = step;
      return change(device.call('poll.vote', { ...here, options }), model.vote(place, me, seq, options));
    }
    case 'closePoll':
      return change(device.call('poll.close', here), model.closePoll(place, me, seq));
    case 'pin':
      return change(device.call('message.pin', { ...here, on: step.on }), model.pin(place, me, seq, step.on));
    case 'read':
      return change(
        device.call('receipts.mark', { marks: [{ conversationId, readSeq: seq }] }),
        model.read(place, me, seq),
      );
    case 'hide':
      return change(device.call('message.hide', { conversationId, seqs: [seq] }), model.hide(place, me, seq));
    case 'keep':
      return change(
        device.call('conversation.setMine', { conversationId, change: { archived: step.on } }),
        model.keep(place, me, step.on),
      );
    case 'draft': {
      const draft = step.text === null ? null : { text: step.text, replyTo: null };
      return change(device.call('draft.set', { conversationId, draft }), model.draft(place, me, step.text));
    }
    case 'addMember':
      return change(
        device.call('conversation.addMembers', { conversationId, userIds: [other] }),
        model.addMember(place, me, other),
      );
    case 'removeMember':
      return change(
        device.call('conversation.removeMember', { conversationId, userId: other }),
        model.removeMember(place, me, other),
      );
    case 'leave':
      return change(device.call('conversation.leave', { conversationId }), model.leave(place, me));
    case 'setRole': {
      const role = step.role as 'owner' | 'admin' | 'member';
      return change(
        device.call('conversation.setRole', { conversationId, userId: other, role }),
        model.setRole(place, me, other, role),
      );
    }
    case 'rename':
      return change(
        device.call('conversation.setTitle', { conversationId, title: step.title }),
        model.rename(place, me, step.title),
      );
    case 'decide':
      return change(
        device.call('conversation.setSettings', { conversationId, settings: step.change }),
        model.decide(place, me, step.change),
      );
  }
}

/**
 * An answer that was lost: the same again, whatever happened since, answers what it answered first. Another text under the same
 * key is refused, unless the first one is gone.
 */
async function again(world: World, { do: how, which }: { do: 'sendAgain' | 'useKeyAgain'; which: number }) {
  const said = world.said[which % Math.max(1, world.said.length)];
  if (!said) return;
  const { device, op, input, place, seq } = said;
  if (how === 'sendAgain' || op !== 'message.send') {
    expect(await world.outcomeOf(device.call(op, input as never)), 'again').toEqual({ seq });
    return;
  }
  const outcome = await world.outcomeOf(device.call(op, { ...input, text: 'something else' }));
  expect(outcome, 'other words').toEqual(world.model.wasRemoved(place, seq) ? { seq } : { reason: 'client_id_used' });
}

function having(userId: UserId, state: Conversation, messages: readonly Message[]): Having {
  const { mine, settings, pins, head, title, memberCount, marks } = state;
  const isIn = mine.member;
  return {
    isIn,
    role: isIn ? mine.role : null,
    title: isIn ? title : null,
    people: memberCount,
    posting: isIn ? settings.posting : null,
    pins,
    head: head.seq,
    readSeq: mine.readSeq,
    unread: mine.unread,
    mentions: mine.mentions,
    hidden: [...mine.hidden].sort((a, b) => a - b),
    archived: mine.archived,
    draft: mine.draft?.text ?? null,
    reads: marks
      .filter((mark) => mark.userId !== userId && mark.readSeq > 0)
      .map((mark): [UserId, number] => [mark.userId, mark.readSeq])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    messages: messages.map(readingOf),
  };
}

function readingOf(message: Message): Reading {
  const { seq, kind, senderId, body, emptied, editedAt, reactions = [], ballots = [], closed } = message;
  return {
    seq,
    kind,
    by: String(senderId),
    body: emptied ? undefined : kind === 'settings' ? {} : body,
    edited: editedAt !== undefined,
    reactions: reactions.map(({ emoji, userIds }) => [emoji, userIds]),
    ballots: ballots.map(({ userId, options }) => [userId, options]),
    closed: closed === true,
  };
}

const sorted = (messages: Iterable<Message> = []) => [...messages].sort((a, b) => a.seq - b.seq);

function compare(world: World, userId: UserId, held: Held, who: string, isLive: boolean): void {
  const { model, ids } = world;
  const known = ids.filter((_, place) => model.as(place, userId) !== null);
  expect([...held.conversations.keys()].sort(), `conversations of ${who}`).toEqual([...known].sort());
  expect([...held.blocks].sort(), `blocks of ${who}`).toEqual(model.blockedBy(userId));
  for (const [place, conversationId] of ids.entries()) {
    const wanted = model.as(place, userId);
    const state = held.conversations.get(conversationId);
    if (!wanted || !state) continue;
    // Who was out a while hears nothing of removals meanwhile, until they look anew.
    if (isLive && state.mine.spans.some((span) => span.to !== null)) continue;
    const messages = sorted(held.messages.get(conversationId)?.values());
    expect(having(userId, state, messages), `${who}, conversation ${place}`).toEqual(wanted);
  }
}

/** A group of everybody, one that somebody may come to and then reads its past, and two who talk. */
const first = { device: 0, place: 0, seq: 1 };
const beginning: readonly Step[] = [
  { do: 'create', at: first, others: [1, 2], on: false },
  { do: 'create', at: first, others: [1], on: true },
  { do: 'openDirect', at: first, other: 1 },
  ...[0, 1, 2].flatMap((place): Step[] => [
    { do: 'send', at: { ...first, place }, text: 'a' },
    { do: 'send', at: { device: 1, place, seq: 1 }, text: 'b' },
    { do: 'ask', at: { ...first, place } },
  ]),
];

async function run(platform: TestPlatform, steps: readonly Step[]): Promise<void> {
  const users = await addPeople(platform, people);
  const names = (await platform.users.profiles(users)).map(({ userId, name }) => [userId, name] as const);
  const world = new World(
    platform,
    users,
    users.map((userId) => names.find(([one]) => one === userId)?.[1] ?? ''),
  );
  try {
    await world.start();
    for (const one of [...beginning, ...steps]) await take(world, one);
    for (const phone of world.phones) await world.comeOnline(phone);
    await vi.waitFor(() => settleAndCompare(world), { timeout: 10_000 });
    for (const [i, userId] of users.entries())
      compare(world, userId, await world.anew(userId), `person ${i} anew`, false);
  } finally {
    await world.stop();
  }
}

/** The clock is moved by hand, but a store answers when it does: what was said last may still be on its way. */
async function settleAndCompare(world: World): Promise<void> {
  await world.settle();
  for (const [i, { userId, held }] of world.phones.entries()) compare(world, userId, held, `device ${i}`, true);
}

describe.each(logKinds())('clients of one instance, with messages on $name', (kind) => {
  it('hold what a simple model says, whatever they do, lose, repeat and miss', async (context) => {
    if ((await kind.place()) === null) return context.skip();
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        const clock = makeHandClock();
        const place = (await kind.place()) as string;
        const platform = await makeTestPlatform({ clock, messages: await kind.open(place, clock) });
        try {
          await run(platform, steps);
        } finally {
          await platform.close();
        }
      }),
      { numRuns: kind.name === 'SQLite' ? 60 : 6, endOnFailure: false },
    );
  }, 300_000);
});
