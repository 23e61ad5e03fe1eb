import type { Draft } from '../../ports/message-log.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import { type Bodies, type Entry, type Kind, kinds } from '../../protocol/models.ts';
import { type Call, person } from '../call.ts';
import { mustReach } from './discretion.ts';
import type { Dispatching } from './dispatching.ts';
import type { Lanes, Stored } from './lanes.ts';
import type { Receipts } from './receipts.ts';
import { mayWrite, memberOf, type Rules } from './rules.ts';

export type Sent = { seq: number; time: number };
export type Key = { readonly conversationId: ConversationId; readonly clientId: ClientId };

/** What an entry says. */
export type Content = {
  [K in Kind]: {
    readonly kind: K;
    readonly body: Bodies[K];
    readonly target?: number;
    /** Of what changes a message that disappears. Left out: as the conversation's settings say. */
    readonly expiresAt?: number;
  };
}[Kind];

/**
 * Whether the entry that the key holds is what the sender sent: not what the server made of it, which may come out
 * otherwise the next time.
 */
type Same = (entry: Entry) => boolean | Promise<boolean>;

/**
 * What people say under a key of their own: judged, appended, dispatched, and answered after the commit. The same key
 * again answers the first entry, whatever the sender may do by now.
 */
export interface Authoring {
  /** `write` throws AppError where it may not be said. */
  atOnce(key: Key, call: Call, write: (rules: Rules, userId: UserId) => Content, same: Same): Promise<Sent>;
  /** As `atOnce`, for what has to be looked up before it can be written. Those behind it wait for it. */
  slowly(key: Key, call: Call, write: (rules: Rules, userId: UserId) => Promise<Content>, same: Same): Promise<Sent>;
}

export function makeAuthoring({
  clock,
  messages,
  lanes,
  dispatching,
  receipts,
}: Pick<Platform, 'clock' | 'messages'> & {
  lanes: Lanes;
  dispatching: Dispatching;
  receipts: Receipts;
}): Authoring {
  const drafted = (
    { conversationId, clientId }: Key,
    senderId: UserId,
    { rulesSeq, conversation: { settings } }: Rules,
    content: Content,
  ): Draft => {
    const time = clock.now();
    const { disappearAfter } = settings;
    const ends = disappearAfter !== null && kinds[content.kind].counts ? { expiresAt: time + disappearAfter } : {};
    return { conversationId, senderId, clientId, time, rulesSeq, ...ends, ...content };
  };

  function answer({ outcome, entry }: Exclude<Stored, { outcome: 'conflict' }>): Sent | Promise<Sent> {
    const sent = { seq: entry.seq, time: entry.time };
    if (outcome === 'repeated') return sent;
    // Whoever writes has read up to there; editing and removing happen anywhere.
    if (entry.senderId && kinds[entry.kind].counts) receipts.wrote(entry.conversationId, entry.senderId, entry.seq);
    const erased = dispatching.dispatch(entry);
    return erased instanceof Promise ? erased.then(() => sent) : sent;
  }

  /** What is refused now may have been stored before: then its key answers. */
  const finish = (storing: Promise<Stored>, key: Key, userId: UserId, same: Same): Promise<Sent> =>
    storing.then(
      (stored) => (stored.outcome === 'conflict' ? unlessKnown(used(), key, userId, same) : answer(stored)),
      (error: unknown) => unlessKnown(error, key, userId, same),
    );

  async function unlessKnown(error: unknown, key: Key, userId: UserId, same: Same): Promise<Sent> {
    if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
    const known = await messages.find(key.conversationId, userId, key.clientId);
    if (!known) throw error;
    if (!known.emptied && !(await same(known))) throw used(error);
    return { seq: known.seq, time: known.time };
  }

  return {
    atOnce(key, call, write, same) {
      const { userId } = person(call);
      const storing = lanes.append(key.conversationId, (rules) => drafted(key, userId, rules, write(rules, userId)));
      return finish(storing, key, userId, same);
    },
    slowly(key, call, write, same) {
      const { userId } = person(call);
      const storing = lanes.appendSlowly(key.conversationId, async (rules) =>
        drafted(key, userId, rules, await write(rules, userId)),
      );
      return finish(storing, key, userId, same);
    },
  };
}

const used = (cause?: AppError) => new AppError('conflict', 'client_id_used', { cause });

/** Throws `forbidden`: they are out, only read, or may not reach the other person. */
export function mustWrite(rules: Rules, userId: UserId): void {
  if (!mayWrite(rules, memberOf(rules, userId))) throw new AppError('forbidden', 'only_admins_write');
  mustReach(rules, userId);
}
