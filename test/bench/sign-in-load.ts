/**
 * The load of the sign-in figures: a process of its own. Pairs of people write to each other all the time, first alone, then
 * while others sign in. Reads one order from its standard input and prints the outcome as JSON.
 */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '../../src/protocol/names.ts';
import { type Credentials, comeOnline, type LoadPerson } from './load-person.ts';

export interface SignInOrder {
  readonly port: number;
  /** Who write; two of them make a pair. */
  readonly people: readonly Credentials[];
  /** Who sign in, each from a network of their own. */
  readonly names: readonly string[];
  readonly password: string;
  readonly signInsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly seconds: number;
}

export interface SignInOutcome {
  /** Sign-ins per second that went well. */
  readonly rate: number;
  /** Of those offered, the ones that were told to come again. */
  readonly refused: number;
  /** Milliseconds from asking to the tokens, for 99 of 100 that went well. */
  readonly signInP99: number;
  /** Milliseconds from a send to its arrival, for 99 of 100. */
  readonly idleP99: number;
  readonly busyP99: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

async function run(order: SignInOrder): Promise<SignInOutcome> {
  const { port, people, seconds } = order;
  const pairs = await Promise.all(
    Array.from({ length: people.length / 2 }, async (_, i) => {
      const a = await comeOnline(port, people[2 * i] as Credentials);
      const b = await comeOnline(port, people[2 * i + 1] as Credentials);
      const { conversation } = await a.ask('conversation.openDirect', { userId: b.userId });
      return { a, b, conversationId: conversation.conversationId };
    }),
  );
  await writeFor(order, pairs, 2);
  const idle = await writeFor(order, pairs, seconds);
  const [busy, signIns] = await Promise.all([writeFor(order, pairs, seconds), signInFor(order)]);
  const good = signIns.filter(({ status }) => status === 200);
  const odd = signIns.find(({ status }) => status !== 200 && status !== 429);
  if (odd !== undefined) throw new Error(`a sign-in was answered ${odd.status}`);
  return {
    rate:
      good.length /
      ((Math.max(...signIns.map(({ end }) => end)) - Math.min(...signIns.map(({ start }) => start))) / 1_000),
    refused: signIns.length - good.length,
    signInP99: p99(good.map(({ start, end }) => end - start)),
    idleP99: p99(idle),
    busyP99: p99(busy),
  };
}

async function steadily(perSecond: number, seconds: number, act: (n: number) => void): Promise<void> {
  const start = performance.now();
  for (let done = 0; done < perSecond * seconds; await pause(1)) {
    const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - start) / 1_000) * perSecond));
    while (done < due) act(done++);
  }
}

interface Pair {
  readonly a: LoadPerson;
  readonly b: LoadPerson;
  readonly conversationId: string;
}

/** Milliseconds that each message took. */
async function writeFor(
  { messagesPerSecond }: SignInOrder,
  pairs: readonly Pair[],
  seconds: number,
): Promise<number[]> {
  const times: number[] = [];
  const hear = (frame: string) => {
    const start = frame.indexOf('"text":"') + 8;
    times.push(performance.now() - Number(frame.slice(start, start + 16)) / 1_000);
  };
  for (const { a, b } of pairs) for (const person of [a, b]) person.onEntry = hear;
  await steadily(messagesPerSecond, seconds, (n) => {
    const { a, b, conversationId } = pairs[(n >> 1) % pairs.length] as Pair;
    const now = String(Math.round(performance.now() * 1_000)).padStart(16, '0');
    (n % 2 === 0 ? a : b).send(conversationId, `${now} ${'m'.repeat(83)}`);
  });
  for (const deadline = performance.now() + 20_000; times.length < messagesPerSecond * seconds; await pause(20)) {
    if (performance.now() > deadline) throw new Error(`${times.length} of ${messagesPerSecond * seconds} arrived`);
  }
  return times;
}

interface SignIn {
  readonly status: number;
  readonly start: number;
  readonly end: number;
}

async function signInFor(order: SignInOrder): Promise<readonly SignIn[]> {
  const asked: Promise<SignIn>[] = [];
  await steadily(order.signInsPerSecond, order.seconds, (n) => asked.push(signIn(order, n)));
  return Promise.all(asked);
}

function signIn({ port, names, password }: SignInOrder, n: number): Promise<SignIn> {
  const body = JSON.stringify({ name: names[n % names.length], password, device: randomUUID(), keepIn: 'body' });
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: `${paths.api}auth.signIn`,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0, start, end: performance.now() }));
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}

function p99(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN;
}

console.log(JSON.stringify(await run(JSON.parse(await text(process.stdin)) as SignInOrder)));
process.exit(0);
