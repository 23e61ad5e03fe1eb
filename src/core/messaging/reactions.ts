import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Entry } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { type Handlers, person } from '../call.ts';
import type { Gathered, GatheredEntries } from './gathered-entries.ts';
import { mustBeSaid, targeting } from './message-looks.ts';
import { type RulesCache, spansOf } from './rules.ts';

export interface Reaction {
  readonly emoji: string;
  readonly on: boolean;
}

/** Who has set which emoji, in the order they did; emoji in the order in which they came. */
type Reactors = Map<string, Set<UserId>>;

/** As `foldMessage` counts them, but everybody by name. */
function reactorsOf(entries: readonly Entry[]): Reactors {
  const reactors: Reactors = new Map();
  for (const entry of entries) {
    if (entry.kind !== 'reaction' || entry.emptied) continue;
    for (const { userId, ...reaction } of entry.body.changes) react(reactors, userId, reaction);
  }
  return reactors;
}

/** False: it was so before. */
function react(reactors: Reactors, userId: UserId, { emoji, on }: Reaction): boolean {
  const people = reactors.get(emoji) ?? new Set();
  if (people.has(userId) === on) return false;
  if (on) reactors.set(emoji, people.add(userId));
  else if (people.delete(userId) && people.size === 0) reactors.delete(emoji);
  return true;
}

export const reactions: Gathered<Reaction, Reactors> = {
  number: 1,
  stateOf: (_, entries) => reactorsOf(entries),
  apply(reactors, { userId, what }) {
    if (what.on && !reactors.has(what.emoji) && reactors.size >= limits.reactionsPerMessage)
      throw new AppError('conflict', 'too_many_reactions');
    return react(reactors, userId, what);
  },
  contentOf: (changes, seq) => ({
    kind: 'reaction',
    body: { changes: changes.map(({ userId, what: { emoji, on } }) => ({ userId, emoji, on })) },
    target: seq,
  }),
};

/** People set emoji on messages, and take them back. Who reads may, also where only admins write. */
export function makeReactions({
  messages,
  rules,
  gathered,
}: Pick<Platform, 'messages'> & { rules: RulesCache; gathered: GatheredEntries<Reaction> }): Pick<
  Handlers,
  'message.react' | 'message.reactions'
> {
  return {
    'message.react': async ({ conversationId, seq, emoji, on }, call) => {
      await gathered.add(conversationId, seq, { userId: person(call).userId, what: { emoji, on } });
      return {};
    },

    'message.reactions': async ({ after, limit, ...place }, call) => {
      const spans = spansOf(await rules.get(place.conversationId), person(call).userId);
      const { emptied } = await mustBeSaid(messages, place, spans);
      if (emptied) return { reactions: [], more: false };
      const entries: Entry[] = [];
      for await (const entry of targeting(messages, place, spans)) entries.push(entry);
      return pageOf(reactorsOf(entries), after, limit);
    },
  };
}

/** Of all reactors, emoji by emoji, `limit` behind the first `after`. */
function pageOf(reactors: Reactors, after: number, limit: number): Output<'message.reactions'> {
  const reactions: Output<'message.reactions'>['reactions'] = [];
  let passed = 0;
  for (const [emoji, people] of reactors) {
    const userIds = [...people].slice(Math.max(0, after - passed), Math.max(0, after + limit - passed));
    if (userIds.length > 0) reactions.push({ emoji, userIds });
    passed += people.size;
  }
  return { reactions, more: passed > after + limit };
}
