import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Credentials, comeOnline, type LoadPerson, signOn, syncAll } from './load-person.ts';

/** What a load process is told to do. */
export interface Order {
  readonly load: LoadName;
  readonly port: number;
  /** The server's process. */
  readonly pid: number;
  readonly people: readonly Credentials[];
  /** How long to measure. */
  readonly seconds: number;
}

/** 100 bytes that begin with the time of sending, in microseconds. */
const textAt = (now: number) =>
  `${Math.round(now * 1_000)
    .toString()
    .padStart(16, '0')} ${'m'.repeat(83)}`;
const sentAt = (frame: string) => {
  const start = frame.indexOf('"text":"') + 8;
  return Number(frame.slice(start, start + 16)) / 1_000;
};

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function openDirect(from: LoadPerson, to: LoadPerson | Credentials): Promise<string> {
  const { conversation } = await from.ask('conversation.openDirect', { userId: to.userId });
  return conversation.conversationId;
}

async function openGroup(members: readonly LoadPerson[]): Promise<string> {
  const [owner, ...others] = members;
  if (!owner) throw new Error('a group needs people');
  const { conversation } = await owner.ask('conversation.create', {
    clientId: randomUUID(),
    title: 'All of us',
    userIds: others.map(({ userId }) => userId),
  });
  return conversation.conversationId;
}

async function connectPairs({ port, people }: Order, pairs: number) {
  const persons = await Promise.all(people.slice(0, pairs * 2).map((one) => comeOnline(port, one)));
  const made = [];
  for (let i = 0; i + 1 < persons.length; i += 2) {
    const [a, b] = [persons[i], persons[i + 1]];
    if (a && b) made.push({ a, b, conversationId: await openDirect(a, b) });
  }
  await pause(300);
  return made;
}

/** Durable messages per second: 200 people in 100 pairs, each with 16 sends under way. */
async function throughput(order: Order): Promise<number> {
  const inFlight = 16;
  const pairs = await connectPairs(order, 100);
  let [sent, acknowledged, delivered, running] = [0, 0, 0, true];
  for (const { a, b, conversationId } of pairs)
    for (const person of [a, b]) {
      const send = () => {
        sent += 1;
        person.send(conversationId, textAt(performance.now()));
      };
      person.onSent = () => {
        acknowledged += 1;
        if (running) send();
      };
      person.onEntry = () => {
        delivered += 1;
      };
      for (let i = 0; i < inFlight; i++) send();
    }
  await pause(1_500);
  const [start, before] = [performance.now(), Math.min(acknowledged, delivered)];
  await pause(order.seconds * 1_000);
  const [end, after] = [performance.now(), Math.min(acknowledged, delivered)];
  running = false;
  await until(
    () => acknowledged === sent && delivered === sent,
    `${sent} sent, ${acknowledged} acknowledged, ${delivered} delivered`,
  );
  return (after - before) / ((end - start) / 1_000);
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await pause(20);
  }
}

/** Sends `rate` times a second, evenly, whatever the answers do. */
async function sendSteadily(rate: number, seconds: number, send: (n: number) => void): Promise<void> {
  const start = performance.now();
  let sent = 0;
  while (sent < rate * seconds) {
    const due = Math.floor(((performance.now() - start) / 1_000) * rate);
    while (sent < due && sent < rate * seconds) send(sent++);
    await pause(1);
  }
}

/** Milliseconds from the send to its arrival at the other person, for 99 of 100, at 1,000 messages a second. */
async function directP99(order: Order): Promise<number> {
  const pairs = await connectPairs(order, 100);
  const rate = 1_000;
  const warmUp = rate * 2;
  const times: number[] = [];
  let arrived = 0;
  for (const { a, b } of pairs)
    for (const person of [a, b])
      person.onEntry = (frame) => {
        arrived += 1;
        if (arrived > warmUp) times.push(performance.now() - sentAt(frame));
      };
  const total = rate * order.seconds + warmUp;
  await sendSteadily(rate, total / rate, (n) => {
    const pair = pairs[(n >> 1) % pairs.length];
    if (pair) (n % 2 ? pair.a : pair.b).send(pair.conversationId, textAt(performance.now()));
  });
  await until(() => arrived === total, `${arrived} of ${total} arrived`);
  return quantile(times, 0.99);
}

/** Milliseconds to each of 199 members, for 99 of 100 deliveries, at 320 messages a second: 64,000 deliveries a second. */
async function groupP99(order: Order): Promise<number> {
  const members = await Promise.all(order.people.slice(0, 200).map((one) => comeOnline(order.port, one)));
  const conversationId = await openGroup(members);
  await pause(1_000);
  const rate = 320;
  const total = rate * (order.seconds + 1);
  const warmUp = rate * 199;
  const times: number[] = [];
  let arrived = 0;
  for (const member of members)
    member.onEntry = (frame) => {
      if (!frame.includes('"kind":"message"')) return;
      arrived += 1;
      if (arrived > warmUp) times.push(performance.now() - sentAt(frame));
    };
  await sendSteadily(rate, total / rate, (n) => {
    members[n % members.length]?.send(conversationId, textAt(performance.now()));
  });
  await until(() => arrived === total * 199, `${arrived} of ${total * 199} arrived`);
  return quantile(times, 0.99);
}

/** Everybody online in one group, made in steps of as many as one request may add; the first writes. */
async function openLargeGroup({ port, people }: Order) {
  const members: LoadPerson[] = [];
  for (let at = 0; at < people.length; at += 50)
    members.push(...(await Promise.all(people.slice(at, at + 50).map((one) => comeOnline(port, one)))));
  const [writer] = members;
  if (!writer) throw new Error('a group needs people');
  const conversationId = await openGroup([writer]);
  const userIds = members.slice(1).map(({ userId }) => userId);
  for (let at = 0; at < userIds.length; at += 200)
    await writer.ask('conversation.addMembers', { conversationId, userIds: userIds.slice(at, at + 200) });
  await pause(5_000);
  return { members, writer, conversationId };
}

/** Sends one message after the other, a second apart at least, each once all have the one before. */
async function tellAll(
  { members, writer, conversationId }: Awaited<ReturnType<typeof openLargeGroup>>,
  count: number,
  onArrival: (ms: number) => void,
): Promise<void> {
  let arrived = 0;
  for (const member of members)
    member.onEntry = (frame) => {
      if (!frame.includes('"kind":"message"')) return;
      arrived += 1;
      onArrival(performance.now() - sentAt(frame));
    };
  for (let sent = 1; sent <= count; sent++) {
    writer.send(conversationId, textAt(performance.now()));
    const all = sent * (members.length - 1);
    await Promise.all([pause(1_000), until(() => arrived === all, `${arrived} of ${all} arrived`)]);
  }
}

/** Milliseconds from the send to its arrival at each of 4,999 members of one group, for 99 of 100 deliveries. */
async function largeGroupP99(order: Order): Promise<number> {
  const group = await openLargeGroup(order);
  await tellAll(group, 5, () => {});
  const times: number[] = [];
  await tellAll(group, Math.max(5, order.seconds), (ms) => times.push(ms));
  return quantile(times, 0.99);
}

/**
 * KiB of resident memory that one more message to such a group leaves behind. What the collector has not got to yet comes and
 * goes, so the lowest points of two long stretches are compared.
 */
async function largeGroupMemory(order: Order): Promise<number> {
  const group = await openLargeGroup(order);
  await tellAll(group, 40, () => {});
  const stretch = Math.max(60, order.seconds * 10);
  const lowest = async () => {
    let kib = Number.POSITIVE_INFINITY;
    for (let sent = 0; sent < stretch; sent++) {
      await tellAll(group, 1, () => {});
      kib = Math.min(kib, memoryOf(order.pid));
    }
    return kib;
  };
  const before = await lowest();
  return ((await lowest()) - before) / stretch;
}

function memoryOf(pid: number): number {
  if (process.platform === 'linux') {
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib);
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
}

/** KiB of resident memory that one more connection costs: signed on, synced, silent. */
async function idleMemory({ port, pid, people }: Order): Promise<number> {
  const connect = async (count: number) => {
    for (let done = 0; done < count; done += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, i) => comeOnline(port, people[(done + i) % people.length] as Credentials)),
      );
    await pause(4_000);
    return memoryOf(pid);
  };
  const more = 4_000;
  const before = await connect(1_000);
  const after = await connect(more);
  return (after - before) / more;
}

/**
 * Connections per second that are made, upgraded and signed on, each with a token not seen before; 64 at a time. The first
 * quarter warms up.
 */
async function signOnRate({ port, people }: Order): Promise<number> {
  const warmUp = Math.floor(people.length / 4);
  let start = 0;
  let next = 0;
  const persons: LoadPerson[] = [];
  const work = async () => {
    for (let one = people[next++]; one; one = people[next++]) {
      persons.push(await signOn(port, one));
      if (persons.length === warmUp) start = performance.now();
    }
  };
  await Promise.all(Array.from({ length: 64 }, work));
  return (persons.length - warmUp) / ((performance.now() - start) / 1_000);
}

async function sendMany(from: LoadPerson, conversationId: string, count: number): Promise<void> {
  let [sent, acknowledged] = [0, 0];
  const send = () => {
    sent += 1;
    from.send(conversationId, textAt(performance.now()));
  };
  await new Promise<void>((resolve) => {
    from.onSent = () => {
      acknowledged += 1;
      if (sent < count) send();
      if (acknowledged === count) resolve();
    };
    for (let i = 0; i < Math.min(64, count); i++) send();
  });
}

/** Milliseconds from connecting to holding 5,000 missed messages of one conversation. The middle of nine. */
async function catchUpTime({ port, people }: Order): Promise<number> {
  const missed = 5_000;
  const [one, other] = people;
  if (!one || !other) throw new Error('needs two people');
  const [reader, writer] = [await comeOnline(port, one), await comeOnline(port, other)];
  const conversationId = await openDirect(writer, reader);
  await sendMany(writer, conversationId, 10);
  const { cursor, conversations } = await syncAll(reader, null);
  const had = conversations.find((each) => each.conversationId === conversationId)?.head.seq ?? 0;
  reader.close();
  await sendMany(writer, conversationId, missed);

  const times: number[] = [];
  for (let round = 0; round < 9; round++) {
    const start = performance.now();
    const back = await signOn(port, one);
    await syncAll(back, cursor);
    let [after, got, more] = [had, 0, true];
    while (more) {
      const page = await back.ask('conversation.entries', { conversationId, after, limit: 500 });
      got += page.entries.length;
      after = page.entries.at(-1)?.seq ?? after;
      more = page.more;
    }
    times.push(performance.now() - start);
    if (got !== missed) throw new Error(`caught up ${got} of ${missed}`);
    back.close();
  }
  return quantile(times, 0.5);
}

/** Milliseconds from connecting to holding the list of 500 conversations, from nothing. The middle of nine. */
async function openTime({ port, people }: Order): Promise<number> {
  const [me, ...others] = people.slice(0, 501);
  if (!me || others.length < 500) throw new Error('needs 501 people');
  for (const credentials of others) {
    const other = await signOn(port, credentials);
    await sendMany(other, await openDirect(other, me), 1);
    other.close();
  }
  const times: number[] = [];
  for (let round = 0; round < 9; round++) {
    const start = performance.now();
    const person = await signOn(port, me);
    const { conversations } = await syncAll(person, null);
    times.push(performance.now() - start);
    if (conversations.length < 500) throw new Error(`${conversations.length} of 500 conversations`);
    person.close();
  }
  return quantile(times, 0.5);
}

export const loads = {
  throughput,
  directP99,
  groupP99,
  largeGroupP99,
  largeGroupMemory,
  idleMemory,
  signOnRate,
  catchUpTime,
  openTime,
} satisfies Record<string, (order: Order) => Promise<number>>;
export type LoadName =
  | 'throughput'
  | 'directP99'
  | 'groupP99'
  | 'largeGroupP99'
  | 'largeGroupMemory'
  | 'idleMemory'
  | 'signOnRate'
  | 'catchUpTime'
  | 'openTime';
