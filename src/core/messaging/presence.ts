import type { BusMessage } from '../../ports/bus.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits, pace } from '../../protocol/limits.ts';
import type { Presence } from '../../protocol/models.ts';
import { type Handlers, person, type Receiver } from '../call.ts';
import type { Delivery } from './delivery.ts';
import { memberOf, type RulesCache } from './rules.ts';

/** Who is there and who types: told only to devices that have it on screen, gathered per second. Nothing is stored. */
export interface PresenceWatch {
  readonly handlers: Pick<Handlers, 'presence.watch' | 'typing.set'>;
  attach(receiver: Receiver): void;
  detach(receiver: Receiver): void;
  start(): void;
  stop(): Promise<void>;
}

const gatherMs = 1_000;
const beatMs = 10_000;
/** A phone that changes networks is back within this; nobody needs to hear of it. */
const lingerMs = 5_000;
const typingHoldsMs = 2 * pace.typing;

interface Screen {
  readonly userIds: ReadonlySet<UserId>;
  readonly conversationId: ConversationId | null;
}

export function makePresenceWatch({
  node,
  bus,
  clock,
  log,
  presence,
  users,
  rules,
  delivery,
}: Pick<Platform, 'node' | 'bus' | 'clock' | 'log' | 'presence' | 'users'> & {
  rules: RulesCache;
  delivery: Delivery;
}): PresenceWatch {
  const devices = new Map<UserId, number>();
  const leaving = new Map<UserId, () => void>();
  const screens = new Map<Receiver, Screen>();
  const watchers = new Map<UserId, { readonly receivers: Set<Receiver>; readonly unsubscribe: () => void }>();
  const lookers = new Map<ConversationId, Set<Receiver>>();
  /** Who types, and until when that holds without a word. */
  const typing = new Map<ConversationId, Map<UserId, number>>();

  const unsaidPeople = new Map<Receiver, Map<UserId, Presence>>();
  const unsaidTyping = new Set<ConversationId>();
  let gathering: (() => void) | null = null;
  let beating: (() => void) | null = null;

  // Who is here

  function attach({ userId }: Receiver) {
    const before = devices.get(userId) ?? 0;
    devices.set(userId, before + 1);
    leaving.get(userId)?.();
    if (leaving.delete(userId) || before > 0) return;
    say(userId, true);
  }

  function detach(receiver: Receiver) {
    unwatch(receiver);
    const { userId } = receiver;
    const left = (devices.get(userId) ?? 1) - 1;
    if (left > 0) {
      devices.set(userId, left);
      return;
    }
    devices.delete(userId);
    leaving.set(
      userId,
      clock.after(lingerMs, () => {
        leaving.delete(userId);
        say(userId, false);
      }),
    );
  }

  function say(userId: UserId, live: boolean) {
    announce(userId, live).catch((error: unknown) => log.warn({ error, userId }, 'could not say who is online'));
  }

  async function announce(userId: UserId, live: boolean): Promise<void> {
    await presence.set(node, userId, live);
    const online = live || (await presence.live([userId])).has(userId);
    if (!live && !online) await users.seen(userId, clock.now());
    bus.publish(`presence:${userId}`, { type: 'presence', userId, online, lastSeenAt: online ? null : clock.now() });
  }

  // Who looks

  function watch(receiver: Receiver, screen: Screen) {
    unwatch(receiver);
    screens.set(receiver, screen);
    for (const userId of screen.userIds) {
      let watched = watchers.get(userId);
      if (!watched) {
        watched = { receivers: new Set(), unsubscribe: bus.subscribe(`presence:${userId}`, hearPresence) };
        watchers.set(userId, watched);
      }
      watched.receivers.add(receiver);
    }
    if (!screen.conversationId) return;
    const lookersHere = lookers.get(screen.conversationId);
    if (lookersHere) lookersHere.add(receiver);
    else lookers.set(screen.conversationId, new Set([receiver]));
  }

  function unwatch(receiver: Receiver) {
    const screen = screens.get(receiver);
    if (!screen) return;
    screens.delete(receiver);
    unsaidPeople.delete(receiver);
    for (const userId of screen.userIds) {
      const watched = watchers.get(userId);
      watched?.receivers.delete(receiver);
      if (watched?.receivers.size !== 0) continue;
      watched.unsubscribe();
      watchers.delete(userId);
    }
    if (!screen.conversationId) return;
    const lookersHere = lookers.get(screen.conversationId);
    lookersHere?.delete(receiver);
    if (lookersHere?.size === 0) {
      lookers.delete(screen.conversationId);
      typing.delete(screen.conversationId);
    }
  }

  function hearPresence(message: BusMessage) {
    if (message.type !== 'presence') return;
    const { userId, online, lastSeenAt } = message;
    for (const receiver of watchers.get(userId)?.receivers ?? []) {
      let unsaid = unsaidPeople.get(receiver);
      if (!unsaid) {
        unsaid = new Map();
        unsaidPeople.set(receiver, unsaid);
      }
      unsaid.set(userId, { userId, online, lastSeenAt });
    }
    gather();
  }

  function hearTyping({ conversationId, userId, typing: types }: Extract<BusMessage, { type: 'typing' }>) {
    if (!lookers.has(conversationId)) return;
    let typists = typing.get(conversationId);
    if (!typists) {
      typists = new Map();
      typing.set(conversationId, typists);
    }
    if (types) typists.set(userId, clock.now() + typingHoldsMs);
    else typists.delete(userId);
    unsaidTyping.add(conversationId);
    gather();
  }

  function gather() {
    gathering ??= clock.after(gatherMs, tell);
  }

  function tell() {
    gathering = null;
    for (const [receiver, people] of unsaidPeople)
      receiver.hear({ event: 'presence.changed', body: { people: [...people.values()] } });
    unsaidPeople.clear();
    for (const conversationId of unsaidTyping) tellTyping(conversationId);
    unsaidTyping.clear();
  }

  function tellTyping(conversationId: ConversationId) {
    const now = clock.now();
    const typists = typing.get(conversationId) ?? new Map<UserId, number>();
    for (const [userId, until] of typists) if (until <= now) typists.delete(userId);
    for (const receiver of lookers.get(conversationId) ?? [])
      receiver.hear({
        event: 'typing.changed',
        body: { conversationId, userIds: [...typists.keys()].filter((userId) => userId !== receiver.userId) },
      });
  }

  function beat() {
    presence.beat(node).catch((error: unknown) => log.warn({ error }, 'could not say that this node lives'));
    beating = clock.after(beatMs, beat);
  }

  delivery.onTyping(hearTyping);

  return {
    handlers: {
      'presence.watch': async ({ userIds, conversationId }, call) => {
        const { userId } = person(call);
        if (!call.receiver) throw new AppError('invalid', 'sockets_only');
        if (conversationId) memberOf(await rules.get(conversationId), userId);
        watch(call.receiver, { userIds: new Set(userIds), conversationId });
        return { people: await stateOf(userIds) };
      },
      'typing.set': async ({ conversationId, typing: types }, call) => {
        const { userId } = person(call);
        const by = await rules.get(conversationId);
        memberOf(by, userId);
        if (by.conversation.memberCount <= limits.typingMembers)
          bus.publish(`conversation:${conversationId}`, { type: 'typing', conversationId, userId, typing: types });
        return {};
      },
    },
    attach,
    detach,
    start: beat,
    stop: async () => {
      beating?.();
      gathering?.();
      for (const cancel of leaving.values()) cancel();
      const gone = [...new Set([...devices.keys(), ...leaving.keys()])];
      await Promise.allSettled(gone.map((userId) => announce(userId, false)));
    },
  };

  async function stateOf(userIds: readonly UserId[]): Promise<Presence[]> {
    const live = await presence.live(userIds);
    return Promise.all(
      userIds.map(async (userId) => {
        if (live.has(userId)) return { userId, online: true, lastSeenAt: null };
        return { userId, online: false, lastSeenAt: (await users.find(userId))?.lastSeenAt ?? null };
      }),
    );
  }
}
