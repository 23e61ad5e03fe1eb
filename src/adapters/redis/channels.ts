import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../../ports/clock.ts';

/** One thing said on a channel: `[topic, message]`, or what `calls.ts` says. */
export type Item = readonly [string, ...unknown[]];

/** `[publisher, number, items]`: numbered per publisher and channel, from 1. A beat has no items. */
type Frame = [publisher: string, number: number, items: Item[]];

/** All processes of an instance agree on it. */
const channelCount = 4;
/** Each process says on every channel that it is there, so often, ms. */
const beatMs = 1_000;
/** Not hearing oneself for this long, ms, is being cut off. */
const silenceMs = 3_000;
/** A publisher not heard for this long, ms, is forgotten. */
const forgetMs = 60_000;
const frameItems = 1_000;

interface Channel {
  readonly name: string;
  /** Of the last frame sent. */
  number: number;
  waiting: Item[];
  /** When this process last heard itself; 0: not since it lost its connection. */
  heardSelf: number;
  readonly publishers: Map<string, { number: number; at: number }>;
}

export interface Channels {
  /** This process's name among the publishers; new at every start. */
  readonly self: string;
  /** Says something on the channel that belongs to `key`. What is said in one turn travels together. */
  say(key: string, item: Item): void;
  /** False while this process does not hear itself. */
  open(): boolean;
  close(): void;
}

/**
 * The few channels that every process hears. `hear` gets each item, of this process too, in the order of its publisher;
 * `missed` is called when some may not have come: once this process hears again, or at a skipped number.
 */
export function openChannels(options: {
  readonly sending: Redis;
  readonly hearing: Redis;
  readonly prefix: string;
  readonly clock: Clock;
  readonly hear: (item: Item) => void;
  readonly missed: () => void;
}): Channels {
  const { sending, hearing, clock, hear, missed } = options;
  const self = randomUUID();
  const channels = Array.from({ length: channelCount }, (_, i): Channel => {
    return { name: `${options.prefix}bus:${i}`, number: 0, waiting: [], heardSelf: 0, publishers: new Map() };
  });
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  /** Told to begin anew, and not gone yet: the other side may not have heard of it. */
  const givenUp = new Set<Redis>();
  const isUp = (redis: Redis): boolean => redis.status === 'ready' && !givenUp.has(redis);
  let closed = false;
  let flushing = false;
  let cut = true;
  /** Whether this is the first time: then there was nothing to miss. */
  let fresh = true;
  let lastTick = clock.now();
  let lastReconnect = clock.now();
  let stopTicking = () => {};

  function flush(): void {
    flushing = false;
    for (const channel of channels) {
      for (let at = 0; at < channel.waiting.length; at += frameItems) {
        send(channel, channel.waiting.slice(at, at + frameItems));
      }
      channel.waiting = [];
    }
  }

  /** What cannot be sent still takes its number, so that everybody notices. */
  function send(channel: Channel, items: Item[]): void {
    channel.number += 1;
    const frame: Frame = [self, channel.number, items];
    if (isUp(sending)) sending.publish(channel.name, JSON.stringify(frame)).catch(() => undefined);
  }

  function beat(): void {
    for (const channel of channels) send(channel, []);
  }

  function receive(name: string, text: string): void {
    const channel = byName.get(name);
    // What a connection that was given up still brings says nothing about the one that takes its place.
    if (channel === undefined || closed || !isUp(hearing)) return;
    const [publisher, number, items] = JSON.parse(text) as Frame;
    const now = clock.now();
    const known = channel.publishers.get(publisher);
    if (known !== undefined && number <= known.number) return;
    const skipped = known !== undefined && number > known.number + 1;
    if (known === undefined) channel.publishers.set(publisher, { number, at: now });
    else {
      known.number = number;
      known.at = now;
    }
    if (publisher === self && isUp(sending)) heardSelf(channel, now);
    for (const item of items) hear(item);
    if (skipped && !cut) missed();
  }

  function heardSelf(channel: Channel, now: number): void {
    channel.heardSelf = now;
    if (!cut || channels.some((each) => each.heardSelf === 0)) return;
    cut = false;
    if (!fresh) missed();
    fresh = false;
  }

  function lose(): void {
    cut = true;
    for (const channel of channels) {
      channel.heardSelf = 0;
      channel.publishers.clear();
    }
  }

  function tick(): void {
    if (closed) return;
    stopTicking = clock.after(beatMs, tick);
    const now = clock.now();
    // A process that was busy has not read yet what is there.
    const late = now - lastTick > 2 * beatMs;
    lastTick = now;
    beat();
    if (late) return;
    if (!cut && channels.some(({ heardSelf }) => now - heardSelf > silenceMs)) lose();
    if (cut && now - lastReconnect > silenceMs) reconnect(now);
    for (const { publishers } of channels) {
      for (const [publisher, { at }] of publishers) if (now - at > forgetMs) publishers.delete(publisher);
    }
  }

  /** A server that vanished without a word leaves connections that look alive. */
  function reconnect(now: number): void {
    lastReconnect = now;
    for (const redis of [sending, hearing]) {
      if (redis.status === 'reconnecting') continue;
      givenUp.add(redis);
      redis.disconnect(true);
    }
  }

  async function subscribe(): Promise<void> {
    try {
      await hearing.subscribe(...byName.keys());
      beat();
    } catch {
      // The connection was lost again; its next `ready` tries anew, and `reconnect` sees to that.
    }
  }

  hearing.on('message', receive);
  hearing.on('ready', () => void subscribe());
  for (const redis of [sending, hearing])
    redis.on('close', () => {
      givenUp.delete(redis);
      lose();
    });
  // Until then what was published was lost.
  sending.on('ready', beat);
  if (hearing.status === 'ready') void subscribe();
  stopTicking = clock.after(beatMs, tick);

  return {
    self,
    say(key, item) {
      if (closed) return;
      channels[hash(key) % channelCount]?.waiting.push(item);
      if (flushing) return;
      flushing = true;
      // Behind the promises that are settled now: what they publish comes along.
      process.nextTick(flush);
    },
    open: () => !cut,
    close() {
      closed = true;
      stopTicking();
    },
  };
}

/** FNV-1a: the same in every process. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return sum >>> 0;
}
