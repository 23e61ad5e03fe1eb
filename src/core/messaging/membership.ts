import type { Change, MemberRecord, OwedEntry } from '../../ports/conversation-store.ts';
import type { Draft } from '../../ports/message-log.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type GroupSettings, plainSettings } from '../../protocol/models.ts';
import { type Handlers, person } from '../call.ts';
import { marksSeenBy, mustBeWelcome, mustNotBlock, mustReach } from './discretion.ts';
import type { Dispatching } from './dispatching.ts';
import type { ChooseHeir } from './heirs.ts';
import type { Lanes } from './lanes.ts';
import { memberOf, type Rules, type RulesCache } from './rules.ts';
import type { States } from './states.ts';

/** Conversations begin, and their members, roles, titles and settings change. Every change owes the log an entry. */
export interface Membership {
  readonly handlers: Pick<
    Handlers,
    | 'conversation.openDirect'
    | 'conversation.create'
    | 'conversation.show'
    | 'conversation.members'
    | 'conversation.addMembers'
    | 'conversation.removeMember'
    | 'conversation.leave'
    | 'conversation.setRole'
    | 'conversation.setTitle'
    | 'conversation.setSettings'
  >;
  /** Appends what the conversation owes, oldest first, and lets it take effect. Twice does no harm. */
  settle(conversationId: ConversationId): Promise<void>;
  /**
   * Judges by the present rules and makes the change, judging again while others were faster; `senderId` is who does it.
   * Answers once the entry is in the log and has taken effect. Rejects with `not_found no_such_conversation`, and
   * `unavailable` where others were faster too often.
   */
  change(conversationId: ConversationId, senderId: UserId, judge: Judge): Promise<void>;
}

/** What is to be changed; null: nothing. Throws AppError where it may not be. */
type Judge = (rules: Rules) => Change | null | Promise<Change | null>;

const judgements = 10;

export function makeMembership({
  bus,
  clock,
  random,
  conversations,
  messages,
  privacy,
  users,
  rules,
  lanes,
  dispatching,
  states,
  chooseHeir,
}: Pick<Platform, 'bus' | 'clock' | 'random' | 'conversations' | 'messages' | 'privacy' | 'users'> & {
  rules: RulesCache;
  lanes: Lanes;
  dispatching: Dispatching;
  states: States;
  chooseHeir: ChooseHeir;
}): Membership {
  function settle(conversationId: ConversationId): Promise<void> {
    return lanes.alone(conversationId, async () => {
      for (const owed of await conversations.owed(conversationId)) {
        const stored = await messages.append(draftOf(owed, clock.now()));
        if (stored.outcome === 'conflict' || stored.outcome === 'outdated')
          throw new Error(`the log refuses an owed entry: ${stored.outcome}`);
        await takeDownIfRemoved(owed);
        await conversations.settle(conversationId, owed.version, stored.entry.seq);
        rules.forget(conversationId);
        await introduce(owed);
        await dispatching.dispatch(stored.entry);
        tell(affectedBy(owed));
      }
    });
  }

  /** It was removed while it was pinned: the removal may have looked before there was a pin. */
  async function takeDownIfRemoved({ conversationId, entry, target }: OwedEntry): Promise<void> {
    if (entry.kind !== 'pin' || !entry.body.on || target === null) return;
    const message = await messages.entry(conversationId, target);
    if (message === null || message.emptied) await conversations.unpin(conversationId, target);
  }

  /** Those who are in already learn who comes, and how far somebody who comes back had read. */
  async function introduce({ conversationId, entry }: OwedEntry): Promise<void> {
    if (entry.kind !== 'joined') return;
    const topic = `conversation:${conversationId}` as const;
    const joined = new Set(entry.body.userIds);
    bus.publish(topic, { type: 'profiles', profiles: await users.profiles(entry.body.userIds) });
    const marks = (await conversations.marks([conversationId], limits.publishedMarks)).get(conversationId) ?? [];
    const returning = marks.filter((mark) => joined.has(mark.userId) && mark.deliveredSeq > 0);
    if (returning.length === 0) return;
    const time = clock.now();
    bus.publish(topic, { type: 'receipts', conversationId, marks: returning.map((mark) => ({ ...mark, time })) });
  }

  function tell(userIds: readonly UserId[]) {
    for (const userId of userIds) bus.publish(`user:${userId}`, { type: 'changed', userId });
  }

  async function change(conversationId: ConversationId, senderId: UserId, judge: Judge): Promise<void> {
    const clientId = random.id() as ClientId;
    for (let i = 0; i < judgements; i++) {
      rules.forget(conversationId);
      const present = await rules.get(conversationId);
      const wanted = await judge(present);
      if (!wanted) return;
      const { version } = present.conversation;
      const owed = await conversations.change(conversationId, version, wanted, { clientId, senderId });
      if (!owed) continue;
      rules.forget(conversationId);
      await settle(conversationId);
      return;
    }
    throw new AppError('unavailable', 'too_many_changes_at_once');
  }

  /** What a member of a group asks for. */
  async function changeAsMember(
    conversationId: ConversationId,
    userId: UserId,
    judge: (rules: Rules, mine: MemberRecord) => ReturnType<Judge>,
  ): Promise<Record<string, never>> {
    await change(conversationId, userId, (present) => {
      if (present.conversation.kind === 'direct') throw new AppError('conflict', 'direct_conversation');
      return judge(present, memberOf(present, userId));
    });
    return {};
  }

  async function mustExist(userIds: readonly UserId[]): Promise<void> {
    const profiles = await users.profiles(userIds);
    if (profiles.filter((profile) => !profile.gone).length < new Set(userIds).size)
      throw new AppError('not_found', 'no_such_user');
  }

  async function mustWelcome(userId: UserId, others: readonly UserId[]): Promise<void> {
    if (others.length > 0) mustBeWelcome(userId, others, await privacy.between(userId, others));
  }

  /** What there is stays open to who blocks the other; nothing new begins. */
  async function mustOpen(userId: UserId, other: UserId): Promise<void> {
    if (userId === other) return;
    const discretion = await privacy.between(userId, [other]);
    mustBeWelcome(userId, [other], discretion);
    if ((await conversations.findDirect(userId, other)) === null) mustNotBlock(userId, other, discretion);
  }

  return {
    settle,
    change,
    handlers: {
      'conversation.openDirect': async (input, call) => {
        const { userId } = person(call);
        await mustExist([input.userId]);
        await mustOpen(userId, input.userId);
        const { conversation, made } = await conversations.openDirect(
          random.id() as ConversationId,
          userId,
          input.userId,
        );
        if (made) tell([...new Set([userId, input.userId])]);
        return { conversation: await states.one(userId, conversation.conversationId) };
      },

      'conversation.create': async ({ clientId, title, userIds, settings }, call) => {
        const { userId } = person(call);
        const others = [...new Set(userIds)].filter((other) => other !== userId);
        await mustExist(others);
        await mustWelcome(userId, others);
        const { conversation } = await conversations.create({
          conversationId: random.id() as ConversationId,
          clientId,
          title,
          settings: merged(plainSettings, settings),
          ownerId: userId,
          userIds: others,
        });
        await settle(conversation.conversationId);
        return { conversation: await states.one(userId, conversation.conversationId) };
      },

      'conversation.show': async ({ conversationId }, call) => ({
        conversation: await states.one(person(call).userId, conversationId),
      }),

      'conversation.members': async ({ conversationId, after, query, limit }, call) => {
        const viewer = person(call).userId;
        memberOf(await rules.get(conversationId), viewer);
        const rows = await conversations.members(conversationId, after, limit + 1, query);
        const page = rows.slice(0, limit);
        const others = page.map(({ userId }) => userId);
        const discretion = await privacy.between(viewer, others);
        const members = page.map((row) => {
          const { userId, name, displayName, gone, avatar, bot, role } = row;
          const [mark] = marksSeenBy(viewer, [row], discretion);
          const marks = { deliveredSeq: mark?.deliveredSeq ?? 0, readSeq: mark?.readSeq ?? 0 };
          const looks = { ...(avatar === undefined ? {} : { avatar }), ...(bot === undefined ? {} : { bot }) };
          return { profile: { userId, name, displayName, gone, ...looks }, role, ...marks };
        });
        return { members, more: rows.length > limit };
      },

      'conversation.addMembers': async ({ conversationId, userIds }, call) => {
        await mustExist(userIds);
        return changeAsMember(conversationId, person(call).userId, async (present, mine) => {
          if (mine.role === 'member') throw new AppError('forbidden', 'not_an_admin');
          const added = [...new Set(userIds)].filter((userId) => !present.members.get(userId)?.member);
          if (present.conversation.memberCount + added.length > limits.members)
            throw new AppError('conflict', 'group_full');
          await mustWelcome(mine.userId, added);
          return added.length > 0 ? { type: 'add', userIds: added } : null;
        });
      },

      'conversation.removeMember': ({ conversationId, userId }, call) =>
        changeAsMember(conversationId, person(call).userId, (present, mine) => {
          if (userId === mine.userId) throw new AppError('conflict', 'leave_instead');
          const other = present.members.get(userId);
          if (!other?.member) return null;
          const allowed = mine.role === 'owner' || (mine.role === 'admin' && other.role === 'member');
          if (!allowed) throw new AppError('forbidden', 'not_an_admin');
          return { type: 'remove', userId };
        }),

      'conversation.leave': ({ conversationId }, call) =>
        changeAsMember(conversationId, person(call).userId, async (present, mine) => ({
          type: 'leave',
          userId: mine.userId,
          heir: mine.role === 'owner' ? await chooseHeir(present, mine.userId) : null,
        })),

      'conversation.setRole': ({ conversationId, userId, role }, call) =>
        changeAsMember(conversationId, person(call).userId, (present, mine) => {
          if (mine.role !== 'owner') throw new AppError('forbidden', 'not_the_owner');
          if (userId === mine.userId) throw new AppError('conflict', 'name_another_owner');
          const other = present.members.get(userId);
          if (!other?.member) throw new AppError('not_found', 'no_such_member');
          return other.role === role ? null : { type: 'role', userId, role };
        }),

      'conversation.setTitle': ({ conversationId, title }, call) =>
        changeAsMember(conversationId, person(call).userId, (present, mine) => {
          if (mine.role === 'member') throw new AppError('forbidden', 'not_an_admin');
          return present.conversation.title === title ? null : { type: 'title', title };
        }),

      'conversation.setSettings': async ({ conversationId, settings }, call) => {
        const { userId } = person(call);
        await change(conversationId, userId, (present) => {
          mustDecide(present, userId, settings);
          const wanted = merged(present.conversation.settings, settings);
          return isSame(present.conversation.settings, wanted) ? null : { type: 'settings', settings: wanted };
        });
        return {};
      },
    },
  };
}

function draftOf(owed: OwedEntry, time: number): Draft {
  const { conversationId, senderId, clientId, entry, target } = owed;
  return {
    conversationId,
    senderId,
    clientId,
    time,
    rulesSeq: null,
    ...(target === null ? {} : { target }),
    ...entry,
  };
}

/** What either of two who talk directly may decide. */
const decidedByBoth: ReadonlySet<string> = new Set<keyof GroupSettings>(['disappearAfter', 'previews']);

function mustDecide(rules: Rules, userId: UserId, settings: SomeSettings): void {
  const mine = memberOf(rules, userId);
  if (rules.conversation.kind === 'group') {
    if (mine.role === 'member') throw new AppError('forbidden', 'not_an_admin');
    return;
  }
  if (!Object.keys(settings).every((name) => decidedByBoth.has(name)))
    throw new AppError('conflict', 'direct_conversation');
  mustReach(rules, userId);
}

type SomeSettings = { readonly [K in keyof GroupSettings]?: GroupSettings[K] | undefined };

function merged(present: GroupSettings, wanted: SomeSettings): GroupSettings {
  const named = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return { ...present, ...Object.fromEntries(named) };
}

function isSame(one: GroupSettings, other: GroupSettings): boolean {
  return settingNames.every((name) => one[name] === other[name]);
}

const settingNames = Object.keys(plainSettings) as (keyof GroupSettings)[];

/** Whose memberships are no longer what their devices believe. */
function affectedBy({ senderId, entry }: OwedEntry): readonly UserId[] {
  switch (entry.kind) {
    case 'created':
      return [...new Set([senderId, ...entry.body.userIds])];
    case 'joined':
      return entry.body.userIds;
    case 'left':
      return entry.body.heir ? [entry.body.userId, entry.body.heir] : [entry.body.userId];
    case 'removed':
      return [entry.body.userId];
    case 'role':
      // A new owner makes the present one, who named them, an admin.
      return [entry.body.userId, senderId];
    case 'title':
    case 'settings':
    case 'pin':
      return [];
  }
}
