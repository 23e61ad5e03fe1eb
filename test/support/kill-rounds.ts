import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientId, ConversationId } from '../../src/protocol/ids.ts';
import type { Entry } from '../../src/protocol/models.ts';
import { type Client, type Credentials, makeClient } from './client.ts';

/** What can die as in a power cut, and comes back on the same data. */
export interface Mortal {
  kill(): Promise<void>;
  start(): Promise<void>;
}
/** A server process. */
export interface Node extends Mortal {
  readonly url: string;
}

interface Acknowledged {
  readonly clientId: string;
  readonly seq: number;
  readonly text: string;
}
interface Place {
  readonly conversationId: ConversationId;
  readonly members: readonly Client[];
  readonly acknowledged: Acknowledged[];
}

const sendsUnderWay = 6;
const patienceMs = 60_000;

/** Everybody in one direct conversation, and groups of ten. */
async function openPlaces(clients: readonly Client[]): Promise<Place[]> {
  const places: Place[] = [];
  const add = (conversationId: ConversationId, members: readonly Client[]) =>
    places.push({ conversationId, members, acknowledged: [] });
  for (let i = 0; i + 1 < clients.length; i += 2) {
    const [a, b] = clients.slice(i, i + 2);
    if (!a || !b) continue;
    const { conversation } = await a.call('conversation.openDirect', { userId: b.userId });
    add(conversation.conversationId, [a, b]);
  }
  for (let i = 0; i < clients.length; i += 10) {
    const [owner, ...others] = clients.slice(i, i + 10);
    if (!owner || others.length === 0) continue;
    const { conversation } = await owner.call('conversation.create', {
      clientId: randomUUID() as ClientId,
      title: `Group ${i / 10}`,
      userIds: others.map(({ userId }) => userId),
    });
    add(conversation.conversationId, [owner, ...others]);
  }
  return places;
}

/** Texts are numbers, from `nextNumber`: each sender's rise. */
function sendAtFullSpeed(clients: readonly Client[], places: readonly Place[], nextNumber: () => number) {
  let running = true;
  const work = async (client: Client, mine: readonly Place[]) => {
    while (running) {
      const place = mine[Math.floor(Math.random() * mine.length)];
      if (!place) return;
      const text = String(nextNumber());
      place.acknowledged.push({ ...(await client.send(place.conversationId, text)), text });
    }
  };
  const all = Promise.all(
    clients.flatMap((client) => {
      const mine = places.filter(({ members }) => members.includes(client));
      return Array.from({ length: sendsUnderWay }, () => work(client, mine));
    }),
  );
  return {
    /** Resolves once everything sent is acknowledged. */
    async stop(): Promise<void> {
      running = false;
      await within(all, 'not everything that was sent was acknowledged');
    },
  };
}

async function within<T>(promise: Promise<T>, otherwise: string): Promise<T> {
  const timeout = new AbortController();
  const late = pause(patienceMs, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(otherwise);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timeout.abort();
    late.catch(() => {});
  }
}

/** What the server answers to somebody who has nothing yet. */
async function readLog(client: Client, conversationId: ConversationId): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let more = true; more; ) {
    const after = entries.at(-1)?.seq ?? 0;
    const page = await client.call('conversation.entries', { conversationId, after, limit: 500 });
    entries.push(...page.entries);
    ({ more } = page);
  }
  return entries;
}

/** Every mistake found, in words. */
function judge({ conversationId, acknowledged }: Place, log: readonly Entry[]): string[] {
  const mistakes: string[] = [];
  const say = (what: string) => mistakes.push(`${conversationId}: ${what}`);
  for (const [i, { seq }] of log.entries()) if (seq !== i + 1) say(`entry ${i + 1} has the number ${seq}`);

  const keys = new Map<string, number>();
  for (const { senderId, clientId, seq } of log) {
    const key = `${senderId}/${clientId}`;
    if (keys.has(key)) say(`stored twice: ${keys.get(key)} and ${seq}`);
    keys.set(key, seq);
  }

  for (const { clientId, seq, text } of acknowledged) {
    const entry = log[seq - 1];
    if (entry?.clientId !== clientId) say(`acknowledged as ${seq}, and not there`);
    else if (entry.kind !== 'message' || entry.body.text !== text) say(`${seq} holds something else than was sent`);
  }
  const messages = log.filter((entry) => entry.kind === 'message');
  if (messages.length !== acknowledged.length)
    say(`${messages.length} messages stored, ${acknowledged.length} acknowledged`);

  const lastOf = new Map<string | null, number>();
  for (const { senderId, body, seq } of messages) {
    const number = Number(body.text);
    if (number < (lastOf.get(senderId) ?? 0)) say(`${seq} was sent before what its sender has above it`);
    lastOf.set(senderId, number);
  }
  return mistakes;
}

async function compare({ conversationId, members }: Place, log: readonly Entry[]): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  const lags = () => members.filter((member) => member.log(conversationId).length < log.length);
  while (lags().length > 0 && Date.now() < deadline) await pause(20);
  const wanted = JSON.stringify(log.map(({ seq, clientId, body }) => [seq, clientId, body]));
  return members
    .filter(
      (member) =>
        JSON.stringify(member.log(conversationId).map(({ seq, clientId, body }) => [seq, clientId, body])) !== wanted,
    )
    .map((member) => {
      const held = member.log(conversationId);
      return `${conversationId}: ${member.userId} holds ${held.length} of ${log.length}, up to ${held.at(-1)?.seq}`;
    });
}

/**
 * Everybody sends at full speed while a node is killed and started again, `rounds` times; or in turn what `victims` name, those
 * of one round at once. After each round: every acknowledged message is there exactly once, numbers have no gap, each sender's
 * order holds, and every member holds the same log. Calls `onRound` with the mistakes of each; answers how many messages were
 * acknowledged.
 */
export async function killRounds({
  nodes,
  people,
  rounds,
  victims = [],
  onRound,
}: {
  readonly nodes: readonly Node[];
  readonly people: readonly Credentials[];
  readonly rounds: number;
  readonly victims?: readonly (readonly Mortal[])[];
  onRound(round: number, mistakes: readonly string[]): void;
}): Promise<number> {
  const clients = people.map((person, i) => makeClient(nodes[i % nodes.length]?.url ?? '', person));
  try {
    await within(Promise.all(clients.map((client) => client.ready())), 'not everybody could sign on');
    const places = await openPlaces(clients);
    let numbers = 0;
    for (let round = 1; round <= rounds; round++) {
      const sending = sendAtFullSpeed(clients, places, () => ++numbers);
      await pause(200 + Math.random() * 800);
      const anyNode = nodes[Math.floor(Math.random() * nodes.length)];
      const dying = victims[(round - 1) % victims.length] ?? (anyNode ? [anyNode] : []);
      await Promise.all(dying.map((one) => one.kill()));
      // What others stand on comes first.
      for (const one of dying) await one.start();
      await pause(300);
      await sending.stop();
      await within(Promise.all(clients.map((client) => client.ready())), 'not everybody came back');
      const mistakes: string[] = [];
      for (const place of places) {
        const reader = place.members[0];
        if (!reader) continue;
        const log = await readLog(reader, place.conversationId);
        mistakes.push(...judge(place, log), ...(await compare(place, log)));
      }
      onRound(round, mistakes);
    }
    return places.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  } finally {
    for (const client of clients) client.close();
  }
}
