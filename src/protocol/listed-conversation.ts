import type { Conversation, GroupSettings, ListedConversation } from './models.ts';

/** Of groups about which nothing was decided, and of direct conversations. */
export const plainSettings: GroupSettings = {
  description: '',
  showsPast: false,
  posting: 'members',
  avatar: null,
  previews: true,
  disappearAfter: null,
  keepFor: null,
};

const plainMine = () => ({
  role: 'member' as const,
  member: true,
  mentions: 0,
  pinned: false,
  archived: false,
  mutedUntil: null,
  markedUnread: false,
  draft: null,
  hidden: [],
});

const plainConversation = () => ({ title: '', pins: [], peerId: null, marks: [] });

/**
 * A conversation as `sync` tells it: without what most have, which is half of what a first start would carry. `fillIn` turns it
 * back. Both are free of zod, so that the client may import them.
 */
export function leaveOutPlain({ mine, settings, ...rest }: Conversation): ListedConversation {
  return {
    ...without(plainConversation(), rest),
    settings: without(plainSettings, settings),
    mine: without(plainMine(), mine),
  };
}

export function fillIn({ mine, settings, ...rest }: ListedConversation): Conversation {
  const whole = {
    ...plainConversation(),
    ...rest,
    settings: { ...plainSettings, ...settings },
    mine: { ...plainMine(), ...mine },
  };
  return whole as Conversation;
}

type Without<T, P> = Omit<T, keyof P> & Partial<T>;

function without<T extends object, P extends object>(plain: P, from: T): Without<T, P> {
  const left: Partial<T> = {};
  for (const key in from) if (!(key in plain && isSame(from[key], plain[key as never]))) left[key] = from[key];
  return left as Without<T, P>;
}

/** Plain lists are empty. */
function isSame(value: unknown, plain: unknown): boolean {
  return value === plain || (Array.isArray(value) && value.length === 0);
}
