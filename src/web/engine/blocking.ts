import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import { makeBackoff } from './backoff.ts';
import { isPassing } from './requests.ts';
import type { Socket } from './socket.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

/**
 * Whom I block and no longer block: shown at once, kept over closing the app, told to the server as soon as there is a way,
 * one after the other. Of several wishes about one person only the last is told.
 */
export interface Blocking {
  set(userId: UserId, on: boolean): void;
  /** There is a connection: tell what waits. */
  resume(): void;
  pause(): void;
}

const mostDefects = 3;

export function makeBlocking(parts: {
  readonly world: Pick<World, 'after' | 'fraction'>;
  readonly socket: Pick<Socket, 'call'>;
  readonly state: State;
  /** It was shown in advance and then refused, and is shown no more. */
  readonly onRefused: (error: AppError) => void;
}): Blocking {
  const { world, socket, state, onRefused } = parts;
  const backoff = makeBackoff(world.fraction);
  let isOpen = false;
  let isTelling = false;
  let defects = 0;

  function wish(userId: UserId, on: boolean | null) {
    const wishes = new Map(state.blockWishes.peek());
    wishes.delete(userId);
    if (on !== null) wishes.set(userId, on);
    state.setBlockWishes(wishes);
  }

  /** What was told is over, unless the person decided otherwise meanwhile. */
  function over(userId: UserId, on: boolean) {
    defects = 0;
    backoff.reset();
    if (state.blockWishes.peek().get(userId) === on) wish(userId, null);
  }

  async function pump() {
    const [next] = state.blockWishes.peek();
    if (!isOpen || isTelling || !next) return;
    isTelling = true;
    const waitMs = await tell(...next);
    const goOn = () => {
      isTelling = false;
      void pump();
    };
    if (waitMs > 0) world.after(waitMs, goOn);
    else goOn();
  }

  /** Answers how long to wait before the next one, in ms. */
  async function tell(userId: UserId, on: boolean): Promise<number> {
    const owner = state.owner.peek()?.userId;
    try {
      await socket.call('person.block', { userId, on });
      if (state.owner.peek()?.userId !== owner) return 0;
      state.setBlocks(withBlock(state.blocks.peek(), userId, on));
      over(userId, on);
      return 0;
    } catch (error) {
      if (state.owner.peek()?.userId !== owner) return 0;
      return refused(userId, on, error instanceof AppError ? error : new AppError('internal', 'defect'));
    }
  }

  function refused(userId: UserId, on: boolean, error: AppError): number {
    if (error.reason === 'disconnected') return isOpen ? 1_000 : 0;
    if (error.code === 'internal') defects++;
    const isOver = error.code === 'internal' && defects >= mostDefects;
    if (!isOver && (isPassing(error) || error.code === 'unauthenticated'))
      return Math.max(1, error.retryAfter === undefined ? backoff.next() : error.retryAfter * 1_000);
    over(userId, on);
    onRefused(error);
    return 0;
  }

  return {
    set(userId, on) {
      wish(userId, on);
      void pump();
    },
    resume() {
      isOpen = true;
      void pump();
    },
    pause: () => {
      isOpen = false;
    },
  };
}

/** The set with a person in it, or without them. */
export function withBlock(blocks: ReadonlySet<UserId>, userId: UserId, on: boolean): ReadonlySet<UserId> {
  const changed = new Set(blocks);
  if (on) changed.add(userId);
  else changed.delete(userId);
  return changed;
}
