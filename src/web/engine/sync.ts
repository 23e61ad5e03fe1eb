import { batch } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import { pace } from '../../protocol/limits.ts';
import { fillIn } from '../../protocol/listed-conversation.ts';
import type { Output } from '../../protocol/operations.ts';
import { makeBackoff } from './backoff.ts';
import type { Drafts } from './drafts.ts';
import type { ConversationLog } from './log.ts';
import type { Reader } from './reader.ts';
import type { Socket } from './socket.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

/** Keeps what is here in step with the server: at every new connection, when something was missed, and now and then. */
export interface Sync {
  /** Something may have changed. While one runs, another one follows it. */
  run(): void;
  /** The connection is gone; what runs ends. */
  stop(): void;
}

export function makeSync(parts: {
  readonly world: World;
  readonly socket: Pick<Socket, 'call'>;
  readonly state: State;
  readonly log: ConversationLog;
  readonly reader: Reader;
  readonly drafts: Pick<Drafts, 'learn'>;
  /** The server's epoch is another than ours. */
  readonly onEpoch: (epoch: string) => void;
  /** States are asked for: what is heard from now on may be newer than they are. */
  readonly onAsk: () => void;
  /** They were learnt. */
  readonly onLearnt: () => void;
  /** Everything is as the server has it. */
  readonly onDone: () => void;
}): Sync {
  const { world, socket, state, log, reader, drafts, onEpoch, onAsk, onLearnt, onDone } = parts;
  const backoff = makeBackoff(world.fraction);
  let running = 0;
  let current: number | null = null;
  let again = false;
  let cancelNext: (() => void) | null = null;

  function later(ms: number) {
    cancelNext?.();
    cancelNext = world.after(ms, run);
  }

  function run() {
    if (current !== null) {
      again = true;
      return;
    }
    current = ++running;
    again = false;
    void work(current);
  }

  async function work(mine: number) {
    try {
      if (!(await pages(mine))) return;
      await reader.catchUp();
      if (mine !== current) return;
      backoff.reset();
      onDone();
      later(pace.sync);
    } catch (error) {
      if (mine !== current) return;
      later(backoff.next());
      if (!(error instanceof AppError)) throw error;
    } finally {
      if (mine === current) {
        current = null;
        if (again) run();
      }
    }
  }

  function learnMe({ privacy, ...me }: NonNullable<Output<'sync'>['me']>) {
    state.setMe(me);
    if (privacy) state.setPrivacy(privacy);
  }

  /**
   * Only the cursor of a whole sync is kept: a new connection has to begin one, so that it hears events from then on.
   */
  async function pages(mine: number): Promise<boolean> {
    let cursor = state.cursor.peek();
    for (let more = true; more; ) {
      onAsk();
      const page = await socket.call('sync', { cursor });
      if (mine !== current) return false;
      if (page.epoch !== state.owner.peek()?.epoch) {
        onEpoch(page.epoch);
        return false;
      }
      batch(() => {
        if (page.me) learnMe(page.me);
        if (page.blocks) state.setBlocks(new Set(page.blocks));
        for (const profile of page.profiles) state.setProfile(profile);
        for (const conversation of page.conversations.map(fillIn)) {
          log.learn(conversation);
          drafts.learn(conversation.conversationId, conversation.mine.draft);
        }
        onLearnt();
      });
      cursor = page.cursor;
      more = page.more;
    }
    state.setCursor(cursor);
    return true;
  }

  return {
    run,
    stop() {
      current = null;
      again = false;
      cancelNext?.();
    },
  };
}
