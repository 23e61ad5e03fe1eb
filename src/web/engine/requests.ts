import { AppError } from '../../protocol/errors.ts';
import type { InputToSend, OperationName, Output } from '../../protocol/operations.ts';
import { makeBackoff } from './backoff.ts';
import type { Socket } from './socket.ts';
import type { World } from './world.ts';

/** Requests over the socket for those who do not care whether it is open just now. */
export interface Requests {
  /** Once, as soon as there is a connection; rejects with `unavailable offline` where none comes within ten seconds. */
  ask<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>>;
  /** Again and again until it is answered: for what may be asked twice. Rejects only with what is final. */
  insist<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>>;
  /** The connection is there; whoever waited asks now. */
  opened(): void;
  /** It is not. */
  closed(): void;
  /** Nobody is signed in: whoever waits is rejected. */
  end(): void;
}

const patienceMs = 10_000;

/** It may be answered at the next attempt. */
export function isPassing({ code }: AppError): boolean {
  return code === 'unavailable' || code === 'too_many_requests' || code === 'internal' || code === 'epoch_changed';
}

export function makeRequests(world: World, socket: Pick<Socket, 'call'>): Requests {
  const waiting = new Set<{ resolve: () => void; reject: (error: AppError) => void }>();
  let isOpen = false;

  function connection(withinMs: number | null): Promise<void> {
    if (isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => () => {
        waiting.delete(one);
        cancel?.();
        how();
      };
      const giveUp = settle(() => reject(new AppError('unavailable', 'offline')));
      const cancel = withinMs === null ? null : world.after(withinMs, giveUp);
      const one = { resolve: settle(resolve), reject: (error: AppError) => settle(() => reject(error))() };
      waiting.add(one);
    });
  }

  const pause = (ms: number) => new Promise<void>((resolve) => world.after(ms, resolve));

  return {
    async ask(op, input) {
      await connection(patienceMs);
      return socket.call(op, input);
    },
    async insist(op, input) {
      const backoff = makeBackoff(world.fraction);
      for (let defects = 0; ; ) {
        await connection(null);
        try {
          return await socket.call(op, input);
        } catch (error) {
          if (!(error instanceof AppError) || !isPassing(error)) throw error;
          if (error.code === 'internal' && ++defects > 3) throw error;
          await pause(error.retryAfter === undefined ? backoff.next() : error.retryAfter * 1000);
        }
      }
    },
    opened() {
      isOpen = true;
      for (const one of [...waiting]) one.resolve();
    },
    closed: () => {
      isOpen = false;
    },
    end() {
      isOpen = false;
      for (const one of [...waiting]) one.reject(new AppError('unauthenticated', 'signed_out'));
    },
  };
}
