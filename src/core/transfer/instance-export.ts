import type { ConversationRecord, MemberRecord } from '../../ports/conversation-store.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { conversationId as conversationIdSchema } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Account } from '../../protocol/models.ts';
import type { Audit } from '../auth/audit.ts';
import type { Handlers } from '../call.ts';
import { pictureAsText } from '../picture.ts';

/** Rises when a reader of the former could not read the present one. docs/export.md describes it. */
const formatVersion = 1;
const peoplePage = 50;
/** Each may have a picture. */
const facesPage = 5;
/** Each may hold a draft as long as a message. */
const membersPage = 20;
const everything = [{ from: 1, to: null }];

/** Where it is. `members` and `entries` belong to the conversation they name. */
type Place =
  | { readonly part: 'faces' | 'groupFaces' | 'people' | 'deleted' | 'conversations'; readonly after: string }
  | { readonly part: 'members'; readonly conversationId: ConversationId; readonly from: number }
  | { readonly part: 'entries'; readonly conversationId: ConversationId; readonly after: number };

type Step = { readonly lines: readonly string[]; readonly next: Place | null };

/** The whole instance as JSON lines, without anything that signs in. */
export function makeInstanceExport(
  platform: Pick<Platform, 'users' | 'avatars' | 'privacy' | 'conversations' | 'messages' | 'sessions' | 'settings'> & {
    readonly audit: Audit;
  },
): Pick<Handlers, 'export.read'> {
  const { users, avatars, privacy, conversations, messages, sessions, settings, audit } = platform;

  async function header(): Promise<Step> {
    const { instanceName, address } = settings;
    const about = { format: 'messenger-instance', version: formatVersion, exportedAt: await sessions.now() };
    return { lines: [line('header', { ...about, instanceName, address })], next: { part: 'faces', after: '' } };
  }

  /** Pictures come before whoever has them. */
  async function faces(after: string): Promise<Step> {
    const found = await users.list({ query: '', state: null, after, limit: facesPage });
    const last = found.at(-1);
    const isEnd = last === undefined || found.length < facesPage;
    return {
      lines: await picturesOf(found.map(({ avatar }) => avatar)),
      next: isEnd ? { part: 'groupFaces', after: '' } : { part: 'faces', after: last.name },
    };
  }

  async function groupFaces(after: string): Promise<Step> {
    const ids = await conversations.ids(after === '' ? null : (after as ConversationId), facesPage);
    const found = await Promise.all(ids.map((conversationId) => conversations.find(conversationId)));
    const last = ids.at(-1);
    const isEnd = last === undefined || ids.length < facesPage;
    return {
      lines: await picturesOf(found.map((each) => each?.settings.avatar)),
      next: isEnd ? { part: 'people', after: '' } : { part: 'groupFaces', after: last },
    };
  }

  async function picturesOf(hashes: readonly (string | null | undefined)[]): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const avatar of hashes) {
      const picture = avatar ? await avatars.find(avatar) : null;
      if (picture !== null)
        lines.push(line('picture', { avatar, mediaType: picture.type, base64: pictureAsText(picture) }));
    }
    return lines;
  }

  async function people(after: string): Promise<Step> {
    const found = await users.list({ query: '', state: null, after, limit: peoplePage });
    const lines = [];
    for (const account of found) lines.push(await describePerson(account));
    const last = found.at(-1);
    const isEnd = last === undefined || found.length < peoplePage;
    return { lines, next: isEnd ? { part: 'deleted', after: '' } : { part: 'people', after: last.name } };
  }

  async function describePerson(account: Account): Promise<string> {
    const { userId, name, displayName, email, language, role, state, createdAt, lastSeenAt } = account;
    const decided = await privacy.of(userId);
    return line('person', {
      ...{ userId, name, displayName, email, language, role, state, createdAt, lastSeenAt },
      ...(account.avatar === undefined ? {} : { avatar: account.avatar }),
      ...(account.bot === undefined ? {} : { bot: true }),
      privacy: decided.privacy,
      // An import makes them all at once: their order would not come back.
      blocks: [...decided.blocks].sort(),
    });
  }

  async function deleted(after: string): Promise<Step> {
    const found = await users.list({ query: '', state: 'deleted', after, limit: peoplePage });
    const last = found.at(-1);
    const isEnd = last === undefined || found.length < peoplePage;
    return {
      lines: found.map(({ userId, state, createdAt }) =>
        line('person', { userId, name: '', displayName: '', state, createdAt }),
      ),
      next: isEnd ? { part: 'conversations', after: '' } : { part: 'deleted', after: last.userId },
    };
  }

  async function conversation(after: string): Promise<Step> {
    const [conversationId] = await conversations.ids(after === '' ? null : (after as ConversationId), 1);
    if (conversationId === undefined) return { lines: [], next: null };
    const loaded = await conversations.load(conversationId);
    if (loaded === null) return { lines: [], next: { part: 'conversations', after: conversationId } };
    return {
      lines: [await describeConversation(loaded.conversation, loaded.members)],
      next: { part: 'members', conversationId, from: 0 },
    };
  }

  async function describeConversation(
    { conversationId, kind, title, createdAt, settings, pins }: ConversationRecord,
    members: readonly MemberRecord[],
  ): Promise<string> {
    const [head] = await messages.heads([conversationId]);
    const [one, other = one] = members;
    const pair = kind === 'direct' && one && other ? [one.userId, other.userId] : null;
    const [seq, firstSeq] = [head?.seq ?? 0, head?.firstSeq ?? 1];
    return line('conversation', { conversationId, kind, title, createdAt, settings, pins, pair, seq, firstSeq });
  }

  async function members(conversationId: ConversationId, from: number): Promise<Step> {
    const all = (await conversations.load(conversationId))?.members ?? [];
    const to = from + membersPage;
    const lines = [];
    for (const { userId } of all.slice(from, to)) {
      const row = await conversations.row(conversationId, userId);
      if (row === null) continue;
      const { changedAt: _, ...member } = row;
      lines.push(line('member', member));
    }
    const next = { conversationId } as const;
    return {
      lines,
      next: to < all.length ? { ...next, part: 'members', from: to } : { ...next, part: 'entries', after: 0 },
    };
  }

  async function entries(conversationId: ConversationId, after: number): Promise<Step> {
    const page = await messages.entries({
      conversationId,
      after,
      spans: everything,
      limit: limits.pageItems,
      maxBytes: limits.pageBytes / 2,
    });
    const last = page.entries.at(-1);
    return {
      lines: page.entries.map((entry) => line('entry', entry)),
      next:
        page.more && last !== undefined
          ? { part: 'entries', conversationId, after: last.seq }
          : { part: 'conversations', after: conversationId },
    };
  }

  function step(place: Place): Promise<Step> {
    switch (place.part) {
      case 'faces':
        return faces(place.after);
      case 'groupFaces':
        return groupFaces(place.after);
      case 'people':
        return people(place.after);
      case 'deleted':
        return deleted(place.after);
      case 'conversations':
        return conversation(place.after);
      case 'members':
        return members(place.conversationId, place.from);
      case 'entries':
        return entries(place.conversationId, place.after);
    }
  }

  return {
    async 'export.read'({ cursor }, call) {
      if (cursor === null) await audit(call, { action: 'instance.exported' });
      let { lines, next } = cursor === null ? await header() : await step(read(cursor));
      let bytes = lines.reduce((sum, each) => sum + each.length, 0);
      while (next !== null && bytes < limits.pageBytes / 2) {
        const more = await step(next);
        lines = [...lines, ...more.lines];
        bytes += more.lines.reduce((sum, each) => sum + each.length, 0);
        next = more.next;
      }
      return { lines: [...lines], cursor: next === null ? null : JSON.stringify(next) };
    },
  };
}

function line(type: string, what: object): string {
  return JSON.stringify({ type, ...what });
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
  switch (place.part) {
    case 'faces':
    case 'people':
    case 'deleted':
      return typeof place.after === 'string';
    case 'groupFaces':
    case 'conversations':
      return place.after === '' || conversationIdSchema.safeParse(place.after).success;
    case 'members':
      return conversationIdSchema.safeParse(place.conversationId).success && Number.isSafeInteger(place.from);
    case 'entries':
      return conversationIdSchema.safeParse(place.conversationId).success && Number.isSafeInteger(place.after);
    default:
      return false;
  }
}
