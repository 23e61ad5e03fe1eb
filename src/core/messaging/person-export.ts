import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { conversationId as conversationIdSchema, userId as userIdSchema } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { ConversationsOfPeople } from '../auth/conversations-of-people.ts';
import type { Row } from './states.ts';

/**
 * Where an export is: which people have still to be named; or which conversation comes behind `after`, and how far its
 * members and entries were written (`member` null: all of them were).
 */
type Place =
  | { readonly part: 'people'; readonly after: string }
  | { readonly part: 'conversation'; readonly after: string; readonly member: string | null; readonly seq: number };

const itemsPage = 200;

/** What somebody could see, as JSON lines: the people around them, their conversations, and the entries within their spans. */
export function makePersonExport({
  users,
  conversations,
  messages,
}: Pick<Platform, 'users' | 'conversations' | 'messages'>): Pick<ConversationsOfPeople, 'exportOf'> {
  type Step = { readonly lines: readonly string[]; readonly next: Place | null };

  async function people(userId: UserId, { after }: Place & { part: 'people' }): Promise<Step> {
    const profiles = await users.changedProfiles(userId, 0, after === '' ? null : (after as UserId), itemsPage);
    const others = profiles.filter((profile) => profile.userId !== userId);
    const last = profiles.at(-1);
    return {
      lines: others.map((profile) => line('person', profile)),
      next:
        last !== undefined && profiles.length === itemsPage
          ? { part: 'people', after: last.userId }
          : { part: 'conversation', after: '', member: '', seq: 0 },
    };
  }

  async function conversation(userId: UserId, place: Place & { part: 'conversation' }): Promise<Step> {
    const after = place.after === '' ? null : (place.after as ConversationId);
    const [row] = await conversations.rows(userId, after, 1);
    if (row === undefined) return { lines: [], next: null };
    if (place.member === null) return entries(row, place);
    const isBeginning = place.member === '' && place.seq === 0;
    const members = await membersOf(row, place, place.member);
    return isBeginning ? { ...members, lines: [await describe(userId, row), ...members.lines] } : members;
  }

  async function describe(userId: UserId, row: Row): Promise<string> {
    const { conversationId, conversation, role, member, spans, readSeq, keeping, draft, hidden } = row;
    const { kind, title, createdAt } = conversation;
    const peers = kind === 'direct' ? await conversations.peers(userId, [conversationId]) : null;
    const peerId = peers?.get(conversationId) ?? null;
    const mine = { role, member, spans, readSeq, ...keeping, draft, hidden };
    return line('conversation', { conversationId, kind, title, createdAt, peerId, ...mine });
  }

  /** Who is in, for those who are in. */
  async function membersOf(
    { conversationId, conversation, member }: Row,
    place: Place & { part: 'conversation' },
    after: string,
  ): Promise<Step> {
    const isSeen = member && conversation.kind === 'group';
    const members = isSeen ? await conversations.members(conversationId, after, itemsPage) : [];
    return {
      lines: members.map(({ userId, role }) => line('member', { conversationId, userId, role })),
      next: { ...place, member: members.length === itemsPage ? (members.at(-1)?.name ?? null) : null },
    };
  }

  /** What they removed for themselves is left out, with what changes it. */
  async function entries(
    { conversationId, spans, hidden }: Row,
    place: Place & { part: 'conversation' },
  ): Promise<Step> {
    const page = await messages.entries({
      conversationId,
      after: place.seq,
      spans,
      limit: limits.pageItems,
      maxBytes: limits.pageBytes / 2,
    });
    const last = page.entries.at(-1);
    const gone = new Set(hidden);
    const shown = page.entries.filter(
      ({ seq, target }) => !gone.has(seq) && (target === undefined || !gone.has(target)),
    );
    return {
      lines: shown.map((entry) => line('entry', entry)),
      next:
        page.more && last !== undefined
          ? { ...place, seq: last.seq }
          : { part: 'conversation', after: conversationId, member: '', seq: 0 },
    };
  }

  return {
    async exportOf(userId, cursor) {
      let place: Place | null = cursor === null ? { part: 'people', after: '' } : read(cursor);
      const lines: string[] = [];
      let bytes = 0;
      while (place !== null && bytes < limits.pageBytes / 2) {
        const step: Step = await (place.part === 'people' ? people(userId, place) : conversation(userId, place));
        for (const each of step.lines) bytes += each.length;
        lines.push(...step.lines);
        place = step.next;
      }
      return { lines, cursor: place === null ? null : write(place) };
    },
  };
}

function line(type: string, what: object): string {
  return JSON.stringify({ type, ...what });
}

function write(place: Place): string {
  return JSON.stringify(place);
}

function read(cursor: string): Place {
  try {
    const place = JSON.parse(cursor) as Place;
    if (isPlace(place)) return place;
  } catch {
    // Not even JSON: told below.
  }
  throw new AppError('invalid', 'cursor_invalid');
}

function isPlace(place: Place): boolean {
  if (place.part === 'people') return userIdSchema.safeParse(place.after).success;
  const isBehind = place.after === '' || conversationIdSchema.safeParse(place.after).success;
  const isMember = place.member === null || typeof place.member === 'string';
  return place.part === 'conversation' && isBehind && isMember && Number.isSafeInteger(place.seq);
}
