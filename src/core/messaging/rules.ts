import type { ConversationRecord, MemberRecord } from '../../ports/conversation-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Discretion } from '../../ports/privacy-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Span } from '../../protocol/models.ts';

/** What decides who may do what in a conversation, as of the entry `rulesSeq`. */
export interface Rules {
  readonly conversation: ConversationRecord;
  /** Rows of everybody who is or was in. */
  readonly members: ReadonlyMap<UserId, MemberRecord>;
  readonly rulesSeq: number;
  /**
   * Of those who are or were in; empty in groups too large for anything to be told of what others read and type. No entry
   * says that it changed: see `forgetPeople`.
   */
  readonly discretion: Discretion;
}

/** Conversations' rules, remembered. Stale ones do no harm: the log refuses what was judged by older rules. */
export interface RulesCache {
  /** At once where they are remembered. Throws (rejects with) `not_found` where there is no such conversation. */
  get(conversationId: ConversationId): Rules | Promise<Rules>;
  /** The remembered rules, or null: never waits. */
  peek(conversationId: ConversationId): Rules | null;
  /** Reads them anew at the next `get`. */
  forget(conversationId: ConversationId): void;
  /**
   * What these people decided about each other, or one about themselves, changed: forgets all they are all in. Other nodes
   * say so over the bus, and everything is forgotten where that may not have been heard.
   */
  forgetPeople(userIds: readonly UserId[]): void;
  stop(): void;
}

const remembered = 10_000;
const mostWatched = Math.max(limits.publishedMarks, limits.typingMembers);
const nothingDecided: Discretion = { blocks: new Map(), privacy: new Map() };

export function makeRulesCache({
  bus,
  conversations,
  messages,
  privacy,
}: Pick<Platform, 'bus' | 'conversations' | 'messages' | 'privacy'>): RulesCache {
  const cache = new Map<ConversationId, Rules | Promise<Rules>>();

  async function read(conversationId: ConversationId): Promise<Rules> {
    // The head first: rows read behind it are at least as new as the entry it names.
    const [head] = await messages.heads([conversationId]);
    const loaded = await conversations.load(conversationId);
    if (!loaded) throw new AppError('not_found', 'no_such_conversation');
    return {
      conversation: loaded.conversation,
      members: new Map(loaded.members.map((row) => [row.userId, row])),
      rulesSeq: head?.rulesSeq ?? 0,
      discretion: loaded.conversation.memberCount > mostWatched ? nothingDecided : await privacy.among(conversationId),
    };
  }

  function load(conversationId: ConversationId): Promise<Rules> {
    const loading: Promise<Rules> = read(conversationId).then(
      (rules) => {
        if (cache.get(conversationId) === loading) cache.set(conversationId, rules);
        return rules;
      },
      (error: unknown) => {
        if (cache.get(conversationId) === loading) cache.delete(conversationId);
        throw error;
      },
    );
    cache.set(conversationId, loading);
    dropOldest();
    return loading;
  }

  function dropOldest() {
    if (cache.size <= remembered) return;
    const [oldest] = cache.keys();
    if (oldest) cache.delete(oldest);
  }

  function forgetPeople(userIds: readonly UserId[]) {
    for (const [conversationId, known] of cache) {
      // What is still being read may have been read before the change.
      const isConcerned = known instanceof Promise || userIds.every((userId) => known.members.has(userId));
      if (isConcerned) cache.delete(conversationId);
    }
  }

  const unsubscribe = bus.subscribe('nodes', (message) => {
    if (message.type === 'privacy') forgetPeople(message.userIds);
  });
  const endGaps = bus.onGap(() => cache.clear());

  return {
    forgetPeople,
    stop: () => {
      unsubscribe();
      endGaps();
    },
    get: (conversationId) => cache.get(conversationId) ?? load(conversationId),
    peek: (conversationId) => {
      const known = cache.get(conversationId);
      return known === undefined || known instanceof Promise ? null : known;
    },
    forget: (conversationId) => {
      cache.delete(conversationId);
    },
  };
}

/** The row of somebody who is in now. Throws `forbidden not_a_member`. */
export function memberOf(rules: Rules, userId: UserId): MemberRecord {
  const row = rules.members.get(userId);
  if (!row?.member) throw new AppError('forbidden', 'not_a_member');
  return row;
}

/** Whether a member may write: in a channel only its owner and admins do. */
export function mayWrite({ conversation }: Rules, { role }: Pick<MemberRecord, 'role'>): boolean {
  return conversation.settings.posting === 'members' || role !== 'member';
}

/** What a person may read of a conversation; those who left keep what they had. Throws `forbidden not_a_member`. */
export function spansOf(rules: Rules, userId: UserId): readonly Span[] {
  const row = rules.members.get(userId);
  if (!row) throw new AppError('forbidden', 'not_a_member');
  return row.spans;
}

export function covers(spans: readonly Span[], seq: number): boolean {
  for (let i = spans.length - 1; i >= 0; i--) {
    const span = spans[i] as Span;
    if (seq >= span.from && (span.to === null || seq <= span.to)) return true;
  }
  return false;
}
