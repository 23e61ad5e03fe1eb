import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { callManagement } from '../../src/app/management-client.ts';
import { homeAt } from '../../src/config/home.ts';
import type { Platform } from '../../src/ports/platform.ts';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import { plainSettings } from '../../src/protocol/models.ts';
import { makeHome, startInstance } from '../support/instance.ts';
import { addSignedInPeople, withPlatform } from '../support/signed-in-people.ts';
import { signOn } from './load-person.ts';
import { type Chance, madeUpText, makeChance, makeWords, often, uuidAt } from './made-up-words.ts';
import { pinned } from './pinned.ts';

const people = 200;
const groups = 400;
const membersOfGroup = 12;
const atOnce = 500;
const queries = 1_000;

export interface SearchFigures {
  /** Milliseconds from the question to its answer, over the socket: of 50 and of 95 in a hundred. */
  readonly p50: number;
  readonly p95: number;
  /** Entries a second that came into the index while nobody sent. */
  readonly fill: number;
}

/**
 * Searches among so many messages of a year, in groups of twelve, of which each person is in about twenty-four. The messages
 * are appended as the product does it, without sockets; the server then finds them behind its marks and indexes them, which is the
 * same way that it takes after a restart.
 */
export async function measureSearches(messages: number): Promise<SearchFigures> {
  const home = await makeHome({ address: 'http://127.0.0.1', host: '127.0.0.1', log: { level: 'warn' } });
  const persons = await addSignedInPeople(home, people);
  const chance = makeChance(1);
  const words = makeWords(chance);
  const userIds = persons.map(({ userId }) => userId as UserId);
  await withPlatform(home, (platform) => write(platform, userIds, messages, { chance, words }));

  const instance = await startInstance(home, { prefix: pinned(0, []) });
  try {
    const began = performance.now();
    await untilIndexed(home);
    const fill = messages / ((performance.now() - began) / 1_000);
    const devices = await Promise.all(persons.slice(0, 20).map((one) => signOn(instance.port, one)));
    const times: number[] = [];
    for (let i = -50; i < queries; i++) {
      const device = devices[(i + 50) % devices.length];
      const query = questionOf(chance, words);
      const start = performance.now();
      await device?.ask('message.search', { query });
      if (i >= 0) times.push(performance.now() - start);
    }
    for (const device of devices) device.close();
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
    return { p50: at(0.5), p95: at(0.95), fill };
  } finally {
    await instance.remove();
  }
}

async function untilIndexed(home: string): Promise<void> {
  for (;;) {
    const { indexed, total } = await callManagement(homeAt(home).socket, 'search.progress', {});
    if (indexed >= total) return;
    await pause(200);
  }
}

interface Language {
  readonly chance: Chance;
  readonly words: readonly string[];
}

async function write(
  platform: Platform,
  userIds: readonly UserId[],
  count: number,
  { chance, words }: Language,
): Promise<void> {
  const conversations: { conversationId: ConversationId; members: UserId[] }[] = [];
  for (let i = 0; i < groups; i++) {
    const members = Array.from({ length: membersOfGroup }, (_, k) => userIds[(i * 7 + k * 16 + k) % people] as UserId);
    const [ownerId = '' as UserId, ...others] = members;
    const settings = plainSettings;
    const { conversation } = await platform.conversations.create({
      conversationId: randomUUID() as ConversationId,
      clientId: randomUUID() as ClientId,
      title: `Group ${i}`,
      settings,
      ownerId,
      userIds: others,
    });
    const { conversationId } = conversation;
    for (const { version } of await platform.conversations.owed(conversationId))
      await platform.conversations.settle(conversationId, version, 1);
    conversations.push({ conversationId, members });
  }
  const year = 365 * 86_400_000;
  const start = Date.now() - year;
  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(
      Array.from({ length: Math.min(atOnce, count - done) }, (_, i) => {
        // Some groups write far more than others.
        const group = conversations[Math.floor(groups * chance() * chance())];
        if (group === undefined) throw new Error('no group');
        const text = madeUpText(chance, words, { least: 3, most: 17 });
        return platform.messages.append({
          conversationId: group.conversationId,
          senderId: group.members[Math.floor(chance() * membersOfGroup)] as UserId,
          clientId: uuidAt(start + ((done + i) / count) * year),
          kind: 'message',
          body: { text },
          time: Math.floor(start + ((done + i) / count) * year),
          rulesSeq: null,
        });
      }),
    );
  }
}

function questionOf(chance: Chance, words: readonly string[]): string {
  const one = often(chance, words);
  const any = words[Math.floor(chance() * words.length)] ?? one;
  const kind = chance();
  if (kind < 0.25) return one;
  if (kind < 0.45) return any;
  if (kind < 0.65) return `${one} ${often(chance, words)}`;
  if (kind < 0.75) return `"${one} ${often(chance, words)}"`;
  // As it is being typed.
  return any.slice(0, 2 + Math.floor(chance() * 5));
}
