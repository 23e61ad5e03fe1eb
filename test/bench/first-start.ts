import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Platform } from '../../src/ports/platform.ts';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import { plainSettings } from '../../src/protocol/models.ts';
import { makeHome, startInstance } from '../support/instance.ts';
import { addSignedInPeople, withPlatform } from '../support/signed-in-people.ts';
import { type Credentials, signOn, syncAll } from './load-person.ts';
import { madeUpText, makeChance, makeWords, uuidAt } from './made-up-words.ts';
import { pinned } from './pinned.ts';

const directs = 1_000;
const groups = 1_000;
const membersOfGroup = 6;
/** A server that just started has compiled nothing yet. */
const warmUps = 5;
const rounds = 9;
/** What a sync answers again, because a write may have been under way; and a little more. */
const overlapMs = 62_000;

export interface FirstStart {
  /** Milliseconds from connecting to holding the list, the middle of nine. */
  readonly time: number;
  /** KiB on the wire from the first frame to the last, as the product's client gets them. */
  readonly size: number;
  /** Of a start after which nothing changed. */
  readonly unchangedTime: number;
  readonly unchangedSize: number;
}

/**
 * Somebody in 2,000 conversations, half of them with one person each, half groups of six with some of the same people, signs in on a
 * new device; then comes back after nothing changed.
 */
export async function measureFirstStart(): Promise<FirstStart> {
  const home = await makeHome({ address: 'http://127.0.0.1', host: '127.0.0.1', log: { level: 'warn' } });
  const people = await addSignedInPeople(home, directs + 1);
  const [me] = people;
  if (me === undefined) throw new Error('nobody is there');
  await withPlatform(home, (platform) => converse(platform, people));
  const instance = await startInstance(home, { prefix: pinned(0, []) });
  try {
    await pause(overlapMs);
    await times(warmUps, () => comeIn(instance.port, me, null));
    const starts = await times(rounds, () => comeIn(instance.port, me, null));
    const cursor = starts.at(-1)?.cursor ?? null;
    const again = await times(rounds, () => comeIn(instance.port, me, cursor));
    return {
      time: middle(starts.map(({ ms }) => ms)),
      size: middle(starts.map(({ bytes }) => bytes)) / 1024,
      unchangedTime: middle(again.map(({ ms }) => ms)),
      unchangedSize: middle(again.map(({ bytes }) => bytes)) / 1024,
    };
  } finally {
    await instance.remove();
  }
}

async function comeIn(port: number, me: Credentials, from: string | null) {
  const start = performance.now();
  const person = await signOn(port, me, { deflate: true });
  const { conversations, cursor } = await syncAll(person, from);
  const ms = performance.now() - start;
  const bytes = person.received();
  person.close();
  const wanted = from === null ? directs + groups : 0;
  if (conversations.length !== wanted) throw new Error(`${conversations.length} of ${wanted} conversations`);
  return { ms, bytes, cursor };
}

async function times<T>(count: number, work: () => Promise<T>): Promise<readonly T[]> {
  const done: T[] = [];
  for (let i = 0; i < count; i++) done.push(await work());
  return done;
}

const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Each conversation holds one to four messages of the last year, and the person's marks stand somewhere. */
async function converse(platform: Platform, people: readonly Credentials[]): Promise<void> {
  const chance = makeChance(2);
  const words = makeWords(chance);
  const userIds = people.map(({ userId }) => userId as UserId);
  const me = userIds[0] as UserId;
  const year = 365 * 86_400_000;
  const other = () => userIds[1 + Math.floor(chance() * directs)] as UserId;

  const say = async (conversationId: ConversationId, members: readonly UserId[]) => {
    let time = Date.now() - chance() * year;
    const count = 1 + Math.floor(chance() * 4);
    for (let i = 0; i < count; i++) {
      time += chance() * 60_000;
      await platform.messages.append({
        conversationId,
        senderId: members[Math.floor(chance() * members.length)] as UserId,
        clientId: uuidAt(time),
        kind: 'message',
        body: { text: madeUpText(chance, words, { most: 9 }) },
        time: Math.floor(time),
        rulesSeq: null,
      });
    }
    const head = (await platform.messages.heads([conversationId]))[0]?.seq ?? 0;
    const marks = members.map((userId) => {
      const deliveredSeq = Math.floor(chance() * (head + 1));
      return { conversationId, userId, deliveredSeq, readSeq: Math.floor(chance() * (deliveredSeq + 1)) };
    });
    await platform.conversations.raiseMarks(marks);
  };
  const settle = async (conversationId: ConversationId) => {
    for (const { version } of await platform.conversations.owed(conversationId))
      await platform.conversations.settle(conversationId, version, 1);
  };

  for (const peer of userIds.slice(1)) {
    const conversationId = uuidAt(Date.now()) as string as ConversationId;
    await platform.conversations.openDirect(conversationId, me, peer);
    await say(conversationId, [me, peer]);
  }
  for (let i = 0; i < groups; i++) {
    const others = [...new Set(Array.from({ length: membersOfGroup - 1 }, other))];
    const conversationId = uuidAt(Date.now()) as string as ConversationId;
    await platform.conversations.create({
      conversationId,
      clientId: randomUUID() as ClientId,
      title: madeUpText(chance, words, { most: 3 }),
      settings: plainSettings,
      ownerId: me,
      userIds: others,
    });
    await settle(conversationId);
    await say(conversationId, [me, ...others]);
  }
}
