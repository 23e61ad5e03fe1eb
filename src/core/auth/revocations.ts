import type { AccessClaims } from '../../ports/crypto.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Revocation } from '../../ports/user-store.ts';

const betweenReads = 500;
/** Read again and again, so that a row whose commit came late is seen all the same. */
const usualWindow = 30_000;
/** A longer silence than this between two reads was a pause, in which rows may have been missed. */
const longestSilence = 5_000;
/** Beyond this without the store, a node may not know whom it still lets in. */
const longestIgnorance = 15_000;
/** What clocks of nodes and of the store may be apart, and a token outlive its expiry. */
const slack = 60_000;

/** What this node knows of closed sessions and changed people, no older than half a second. */
export interface Revocations {
  /** Reads for the first time, then keeps reading. The store may be away: it is tried again. */
  start(): Promise<void>;
  stop(): Promise<void>;
  refuses(claims: AccessClaims): boolean;
  /** Called once for each revocation. Listeners must not throw. The answer ends this one. */
  onRevoked(listener: (revocation: Revocation) => void): () => void;
  /** False while the store could not be read for 15 s, and before the first time it was. */
  available(): boolean;
}

export function makeRevocations(platform: Platform): Revocations {
  const { sessions, clock, bus, log, settings } = platform;
  /** How long a revocation matters: until the last token it refuses has expired. */
  const lifetime = settings.accessTokenMs + slack;
  const listeners = new Set<(revocation: Revocation) => void>();
  const known = new Map<string, Revocation>();
  const closedSessions = new Set<string>();
  const changedPeople = new Map<string, number>();

  let lastRead: number | null = null;
  let running = false;
  let reading: Promise<void> | null = null;
  let askedMeanwhile = false;
  let failing = false;
  let takeBack: () => void = () => undefined;
  let unsubscribe: () => void = () => undefined;

  async function read(): Promise<void> {
    const began = clock.now();
    const silence = lastRead === null ? 0 : began - lastRead;
    const paused = lastRead === null || silence > longestSilence;
    const storeNow = await sessions.now();
    const rows = await sessions.revocations(storeNow - (paused ? lifetime + silence : usualWindow));
    lastRead = began;
    rows.forEach(learn);
    forget(storeNow - lifetime);
  }

  function learn(revocation: Revocation): void {
    const { at, sessionId, userId, reason } = revocation;
    const key = `${at} ${sessionId} ${userId} ${reason}`;
    if (known.has(key)) return;
    known.set(key, revocation);
    // A closed session never opens again, so all its tokens are void, whichever node's clock they were issued by.
    if (sessionId !== null) closedSessions.add(sessionId);
    if (userId !== null && sessionId === null) {
      changedPeople.set(userId, Math.max(at, changedPeople.get(userId) ?? 0));
    }
    for (const listener of listeners) listener(revocation);
  }

  function forget(before: number): void {
    for (const [key, { at, sessionId, userId }] of known) {
      if (at >= before) continue;
      known.delete(key);
      if (sessionId !== null) closedSessions.delete(sessionId);
      if (userId !== null && (changedPeople.get(userId) ?? 0) <= at) changedPeople.delete(userId);
    }
  }

  /** Says it once, however often it fails after that. */
  function noteFailure(error: unknown): void {
    if (!failing) log.warn({ err: error }, 'revocations not read');
    failing = true;
  }

  /** One read at a time; who asks during one gets another behind it. */
  function readNow(): Promise<void> {
    if (reading !== null) {
      askedMeanwhile = true;
      return reading;
    }
    takeBack();
    reading = read()
      .then(() => {
        failing = false;
      }, noteFailure)
      .then(() => {
        reading = null;
        if (!running) return;
        if (askedMeanwhile) void readNow();
        else takeBack = clock.after(betweenReads, () => void readNow());
      });
    askedMeanwhile = false;
    return reading;
  }

  return {
    start() {
      running = true;
      unsubscribe = bus.subscribe('nodes', (message) => {
        if (message.type === 'revoked') void readNow();
      });
      return readNow();
    },
    async stop() {
      running = false;
      takeBack();
      unsubscribe();
      await reading;
    },
    refuses: ({ sessionId, userId, issuedAt }) =>
      closedSessions.has(sessionId) || issuedAt <= (changedPeople.get(userId) ?? Number.NEGATIVE_INFINITY),
    onRevoked(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    available: () => lastRead !== null && clock.now() - lastRead < longestIgnorance,
  };
}
