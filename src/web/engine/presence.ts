import { batch } from '@preact/signals';
import type { EventBody } from '../../protocol/events.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits, pace } from '../../protocol/limits.ts';
import type { Presence as Seen } from '../../protocol/models.ts';
import type { Socket } from './socket.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

export interface Screen {
  readonly userIds: readonly UserId[];
  readonly conversationId: ConversationId | null;
}

/** Who is there and who types, of what is on the screen. */
export interface Presence {
  show(screen: Screen): void;
  seen(people: readonly Seen[]): void;
  typing(event: EventBody<'typing.changed'>): void;
  /** The person types, or stopped. */
  type(conversationId: ConversationId, isTyping: boolean): void;
  resume(): void;
  pause(): void;
}

/** Screens change in quick steps; the last one counts. */
const settleMs = 150;
/** A short break of the connection makes nobody go offline. */
const lingerMs = 10_000;
/** The server says it at most this late; then it holds no longer. */
const typingHoldsMs = 2 * pace.typing + 1_000;

export function makePresence(parts: {
  readonly world: World;
  readonly socket: Pick<Socket, 'call'>;
  readonly state: State;
}): Presence {
  const { world, socket, state } = parts;
  let screen: Screen = { userIds: [], conversationId: null };
  let isOpen = false;
  let cancelWatch: (() => void) | null = null;
  let cancelFade: (() => void) | null = null;
  const fading = new Map<ConversationId, () => void>();
  const typedAt = new Map<ConversationId, number>();

  function watchSoon(ms: number) {
    cancelWatch?.();
    if (isOpen) cancelWatch = world.after(ms, watch);
  }

  function watch() {
    const { userIds, conversationId } = screen;
    const asked = userIds.slice(0, limits.watchedPeople);
    socket.call('presence.watch', { userIds: asked, conversationId }).then(
      ({ people }) => seen(people),
      () => {},
    );
  }

  function seen(people: readonly Seen[]) {
    batch(() => {
      for (const { userId, online, lastSeenAt } of people) {
        const one = state.presence.get(userId);
        const known = one.peek();
        if (known?.online !== online || known.lastSeenAt !== lastSeenAt) one.value = { online, lastSeenAt };
      }
    });
  }

  function say(conversationId: ConversationId, typing: boolean) {
    socket.call('typing.set', { conversationId, typing }).catch(() => {});
  }

  return {
    show(next) {
      if (JSON.stringify(next) === JSON.stringify(screen)) return;
      screen = next;
      watchSoon(settleMs);
    },
    seen,
    typing({ conversationId, userIds }) {
      const me = state.owner.peek()?.userId;
      const typing = state.typing.get(conversationId);
      typing.value = userIds.filter((userId) => userId !== me);
      fading.get(conversationId)?.();
      fading.set(
        conversationId,
        world.after(typingHoldsMs, () => {
          typing.value = [];
        }),
      );
    },
    type(conversationId, isTyping) {
      const now = world.now();
      const last = typedAt.get(conversationId);
      const isSaid = last !== undefined && now - last < pace.typing;
      if (isTyping && isSaid) return;
      if (!isTyping && last === undefined) return;
      if (isTyping) typedAt.set(conversationId, now);
      else typedAt.delete(conversationId);
      const row = state.rows.get(conversationId).peek();
      const count = row?.conversation.memberCount ?? 0;
      if (isOpen && count > 1 && count <= limits.typingMembers) say(conversationId, isTyping);
    },
    resume() {
      isOpen = true;
      cancelFade?.();
      watchSoon(0);
    },
    pause() {
      isOpen = false;
      cancelWatch?.();
      cancelFade?.();
      cancelFade = world.after(lingerMs, () => {
        state.presence.reset();
        state.typing.reset();
      });
    },
  };
}
