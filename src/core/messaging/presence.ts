import type { BusMessage } from '../../ports/bus.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits, pace } from '../../protocol/limits.ts';
import type { Presence } from '../../protocol/models.ts';
import { type Handlers, person, type Receiver } from '../call.ts';
import type { Delivery } from './delivery.ts';
import { isApart, privacyOf } from './discretion.ts';
import { memberOf, type Rules, type RulesCache } from './rules.ts';
import type { SeeWhom } from './visibility.ts';

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
/** After a gap, screens are looked at anew within this. */
const gapSpreadMs = 5_000;

interface Screen {
  readonly userIds: readonly UserId[];
  readonly conversationId: ConversationId | null;
  /** Of those on it, the ones whom its person may see, as far as was judged. */
  visible: ReadonlySet<UserId>;
  /** How often that was judged: the latest counts. */
  looks: number;
  /** Whether it shows that somebody types. */
  showsTyping: boolean;
}

export function makePresenceWatch({
  node,
  bus,
  clock,
  log,
  presence,
  random,
  users,
  rules,
  delivery,
  seeWhom,
}: Pick<Platform, 'node' | 'bus' | 'clock' | 'log' | 'presence' | 'random' | 'users'> & {
  rules: RulesCache;
  delivery: Delivery;
  seeWhom: SeeWhom;
}): PresenceWatch {
  const attached = new Set<Receiver>();
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

  function attach(receiver: Receiver) {
    attached.add(receiver);
    const { userId } = receiver;
    const before = devices.get(userId) ?? 0;
    devices.set(userId, before + 1);
    leaving.get(userId)?.();
    if (leaving.delete(userId) || before > 0) return;
    say(userId, true);
  }

  function detach(receiver: Receiver) {
    attached.delete(receiver);
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
    // It may have gone while its request was looked at.
    if (!attached.has(receiver)) return;
    screens.set(receiver, screen);
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
    for (const userId of screen.visible) ignore(receiver, userId);
    if (!screen.conversationId) return;
    const lookersHere = lookers.get(screen.conversationId);
    lookersHere?.delete(receiver);
    if (lookersHere?.size === 0) {
      lookers.delete(screen.conversationId);
      typing.delete(screen.conversationId);
    }
  }

  /** Judges anew whom the screen's person may see. False: another look began meanwhile, which knows better. */
  async function look(receiver: Receiver, screen: Screen): Promise<boolean> {
    const look = ++screen.looks;
    const visible = await seeWhom(receiver.userId, screen.userIds);
    if (screens.get(receiver) === screen && screen.looks === look) show(receiver, screen, visible);
    return screen.visible === visible;
  }

  function show(receiver: Receiver, screen: Screen, visible: ReadonlySet<UserId>) {
    for (const userId of screen.visible) if (!visible.has(userId)) ignore(receiver, userId);
    for (const userId of visible) attend(receiver, userId);
    screen.visible = visible;
  }

  function attend(receiver: Receiver, userId: UserId) {
    let watched = watchers.get(userId);
    if (!watched) {
      watched = { receivers: new Set(), unsubscribe: bus.subscribe(`presence:${userId}`, hearPresence) };
      watchers.set(userId, watched);
    }
    watched.receivers.add(receiver);
  }

  function ignore(receiver: Receiver, userId: UserId) {
    const watched = watchers.get(userId);
    watched?.receivers.delete(receiver);
    if (watched?.receivers.size !== 0) return;
    watched.unsubscribe();
    watchers.delete(userId);
  }

  /** What people decided about each other or themselves changed: what their screens show goes with it. */
  function hearPrivacy(message: BusMessage) {
    if (message.type !== 'privacy') return;
    const changed = new Set(message.userIds);
    for (const [receiver, screen] of screens)
      if (changed.has(receiver.userId) || screen.userIds.some((userId) => changed.has(userId)))
        lookAgain(receiver, screen);
  }

  function lookAgain(receiver: Receiver, screen: Screen) {
    const before = screen.visible;
    tellChanges(receiver, screen, before).catch((error: unknown) => {
      log.warn({ error, userId: receiver.userId }, 'could not judge whom a screen may show; it shows nobody');
      if (screens.get(receiver) === screen) show(receiver, screen, new Set());
    });
  }

  async function tellChanges(receiver: Receiver, screen: Screen, before: ReadonlySet<UserId>): Promise<void> {
    if (!(await look(receiver, screen))) return;
    const { visible } = screen;
    const others = screen.userIds.filter((userId) => visible.has(userId) !== before.has(userId));
    if (others.length === 0) return;
    const states = await stateOf(others, visible);
    if (screens.get(receiver) !== screen || screen.visible !== visible) return;
    for (const state of states) {
      // What was heard of somebody since they are visible is newer.
      const isHeard = visible.has(state.userId) && unsaidPeople.get(receiver)?.has(state.userId);
      if (!isHeard) tellSoon(receiver, state);
    }
  }

  function hearPresence(message: BusMessage) {
    if (message.type !== 'presence') return;
    const { userId, online, lastSeenAt } = message;
    for (const receiver of watchers.get(userId)?.receivers ?? []) tellSoon(receiver, { userId, online, lastSeenAt });
  }

  function tellSoon(receiver: Receiver, state: Presence) {
    let unsaid = unsaidPeople.get(receiver);
    if (!unsaid) {
      unsaid = new Map();
      unsaidPeople.set(receiver, unsaid);
    }
    unsaid.set(state.userId, state);
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
    const known = rules.peek(conversationId);
    if (known) tellTypingBy(known);
    else
      Promise.resolve(rules.get(conversationId)).then(tellTypingBy, (error: unknown) =>
        log.warn({ error, conversationId }, 'could not judge who sees who types'),
      );
  }

  function tellTypingBy({ conversation: { conversationId }, discretion }: Rules) {
    const now = clock.now();
    const typists = typing.get(conversationId) ?? new Map<UserId, number>();
    for (const [userId, until] of typists) if (until <= now) typists.delete(userId);
    for (const receiver of lookers.get(conversationId) ?? []) {
      const screen = screens.get(receiver);
      const userIds = [...typists.keys()].filter(
        (userId) => userId !== receiver.userId && !isApart(discretion, receiver.userId, userId),
      );
      // Who sees nobody type is not told that somebody else began or ended.
      if (!screen || (userIds.length === 0 && !screen.showsTyping)) continue;
      screen.showsTyping = userIds.length > 0;
      receiver.hear({ event: 'typing.changed', body: { conversationId, userIds } });
    }
  }

  function beat() {
    presence.beat(node).catch((error: unknown) => log.warn({ error }, 'could not say that this node lives'));
    beating = clock.after(beatMs, beat);
  }

  delivery.onTyping(hearTyping);
  const unsubscribe = bus.subscribe('nodes', hearPrivacy);
  const endGaps = bus.onGap(() => {
    for (const [receiver, screen] of screens)
      clock.after(Math.floor(random.fraction() * gapSpreadMs), () => {
        if (screens.get(receiver) === screen) lookAgain(receiver, screen);
      });
  });

  return {
    handlers: {
      'presence.watch': async ({ userIds, conversationId }, call) => {
        const { userId } = person(call);
        if (!call.receiver) throw new AppError('invalid', 'sockets_only');
        if (conversationId) memberOf(await rules.get(conversationId), userId);
        const screen = { userIds, conversationId, visible: new Set<UserId>(), looks: 0, showsTyping: false };
        watch(call.receiver, screen);
        while (!(await look(call.receiver, screen)) && screens.get(call.receiver) === screen);
        return { people: await stateOf(userIds, screen.visible) };
      },
      'typing.set': async ({ conversationId, typing: types }, call) => {
        const { userId } = person(call);
        const by = await rules.get(conversationId);
        memberOf(by, userId);
        if (by.conversation.memberCount <= limits.typingMembers && !hidesTyping(by, userId))
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
      unsubscribe();
      endGaps();
      for (const cancel of leaving.values()) cancel();
      const gone = [...new Set([...devices.keys(), ...leaving.keys()])];
      await Promise.allSettled(gone.map((userId) => announce(userId, false)));
    },
  };

  async function stateOf(userIds: readonly UserId[], visible: ReadonlySet<UserId>): Promise<Presence[]> {
    const live = await presence.live(userIds.filter((userId) => visible.has(userId)));
    return Promise.all(
      userIds.map(async (userId) => {
        if (!visible.has(userId)) return { userId, online: false, lastSeenAt: null };
        if (live.has(userId)) return { userId, online: true, lastSeenAt: null };
        return { userId, online: false, lastSeenAt: (await users.find(userId))?.lastSeenAt ?? null };
      }),
    );
  }
}

/** Nobody is to know that they are there, or the other person of a direct conversation is not to. */
function hidesTyping({ conversation, members, discretion }: Rules, userId: UserId): boolean {
  if (privacyOf(discretion, userId).lastSeen === 'nobody') return true;
  return conversation.kind === 'direct' && [...members.keys()].some((other) => isApart(discretion, userId, other));
}
