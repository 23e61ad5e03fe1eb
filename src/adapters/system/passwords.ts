import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import type { Passwords } from '../../ports/crypto.ts';
import { AppError } from '../../protocol/errors.ts';

/** With more waiting per place than this, who comes now would wait for many seconds: they are told to come again. */
const mostWaitingPerPlace = 200;

/** Argon2id with one lane. The least parameters that an instance may use are the configuration's to decide. */
export function makePasswords(cost: { readonly memoryMiB: number; readonly passes: number }): Passwords {
  const parameters = {
    memoryCost: cost.memoryMiB * 1024,
    timeCost: cost.passes,
    parallelism: 1,
  };
  const inTurn = makeTurns(placesHere());
  const hash = (password: string) => inTurn(() => argon2.hash(password, { ...parameters, type: argon2.argon2id }));

  return {
    hash,
    async verify(stored, password) {
      if (!(await inTurn(() => argon2.verify(stored, password)))) return 'wrong';
      return argon2.needsRehash(stored, parameters) ? 'outdated' : 'right';
    },
    async pretend(password) {
      await hash(password);
    },
  };
}

/** One core, and one thread of Node's pool (files and access tokens need it), stay free for everything else. */
function placesHere(): number {
  const poolThreads = Number(process.env.UV_THREADPOOL_SIZE) || 4;
  return Math.max(1, Math.min(availableParallelism(), poolThreads) - 1);
}

/** Runs at most `places` tasks at once, the rest in the order they came. */
function makeTurns(places: number) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (running < places) running++;
    else await turn();
    try {
      return await task();
    } finally {
      // The place passes to the next in line without becoming free in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };

  function turn(): Promise<void> {
    if (waiting.length >= places * mostWaitingPerPlace)
      throw new AppError('too_many_requests', 'busy', { retryAfter: 5 });
    return new Promise((resolve) => waiting.push(resolve));
  }
}
