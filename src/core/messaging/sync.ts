import type { MembershipRecord } from '../../ports/conversation-store.ts';
import type { Head } from '../../ports/message-log.ts';
import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { leaveOutPlain } from '../../protocol/listed-conversation.ts';
import type { ListedConversation, Span } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { describeAccount } from '../auth/account.ts';
import { type Handlers, person } from '../call.ts';
import type { Delivery } from './delivery.ts';
import type { Membership } from './membership.ts';
import type { Row, States } from './states.ts';

/**
 * What changed since a cursor, as states that replace what the client has: repeating one does no harm. What is stamped up to
 * a minute before the cursor is answered again, so that a write that was under way then is not missed.
 */
const overlapMs = 60_000;
const cursorHoldsMs = 90 * 24 * 60 * 60_000;
const rowsPage = 500;
const statesPage = 250;
/** Rough sizes, to begin with: of a state, of an id. */
const stateBytes = 500;
const idBytes = 40;
const profilesPage = 500;
const owingPage = 1_000;
/** While a conversation changes without a pause, the last look has to do; the next sync mends it. */
const mostTries = 5;

/** Where a sync is: which states it has still to look at, and the time its successor begins at. */
interface Place {
  readonly part: 'conversations' | 'profiles';
  readonly since: number;
  readonly startedAt: number;
  readonly after: string | null;
}

export function makeSync({
  users,
  sessions,
  conversations,
  messages,
  privacy,
  delivery,
  states,
  settle,
}: Pick<Platform, 'users' | 'sessions' | 'conversations' | 'messages' | 'privacy'> & {
  delivery: Delivery;
  states: States;
  settle: Membership['settle'];
}): Pick<Handlers, 'sync'> {
  return {
    sync: async ({ cursor }, call) => {
      const { userId } = person(call);
      const epoch = await messages.epoch();
      const known = cursor === null ? null : parse(cursor, epoch);
      if (known && known.part !== null) return { epoch, me: null, ...(await page(userId, known, epoch)) };

      if (call.receiver) await delivery.join(call.receiver);
      const startedAt = await sessions.now();
      const since = known && startedAt - known.since < cursorHoldsMs ? known.since - overlapMs : 0;
      const user = await users.find(userId);
      if (!user) throw new AppError('unauthenticated', 'no_such_user');
      const decided = await privacy.of(userId);
      const me = { ...describeAccount(user), privacy: decided.privacy };
      const blocks = decided.blocksChangedAt >= since ? { blocks: [...decided.blocks] } : {};
      const place: Place = { part: 'conversations', since, startedAt, after: null };
      return { epoch, me, ...blocks, ...(await page(userId, place, epoch, idBytes * (blocks.blocks?.length ?? 0))) };
    },
  };

  type Page = Pick<Output<'sync'>, 'cursor' | 'more' | 'conversations' | 'profiles'>;

  /** `spent`: bytes of the answer that something else takes. */
  function page(userId: UserId, place: Place, epoch: string, spent = 0): Promise<Page> {
    return place.part === 'conversations'
      ? conversationsPage(userId, place, epoch, spent)
      : profilesPageOf(userId, place, epoch);
  }

  async function conversationsPage(userId: UserId, place: Place, epoch: string, spent: number): Promise<Page> {
    const found: ListedConversation[] = [];
    let bytes = spent;
    const full = (after: string | null): Page => {
      return { cursor: format({ ...place, after }, epoch), more: true, conversations: found, profiles: [] };
    };
    // Of a first sync every row makes a state: no more of them are read than a page has room for.
    const batch = place.since === 0 ? statesPage : rowsPage;
    for (let after = place.after as ConversationId | null; ; ) {
      const { rows, heads } = await rowsAsOfHeads(userId, after, batch);
      const fresh = changedSince(place.since, rows, heads);
      for (let taken = 0; taken < fresh.length; ) {
        const some = fresh.slice(taken, taken + Math.max(1, Math.floor((limits.pageBytes - bytes) / stateBytes)));
        for (const state of await statesOf(userId, some)) {
          const size = sizeOf(state);
          if (found.length > 0 && bytes + size > limits.pageBytes) return full(after);
          found.push(state);
          bytes += size;
          after = state.conversationId;
          taken++;
        }
      }
      after = rows.at(-1)?.conversationId ?? after;
      if (rows.length < batch) {
        const next = await profilesPageOf(userId, { ...place, part: 'profiles', after: null }, epoch);
        return { ...next, conversations: found };
      }
      if (bytes > limits.pageBytes - 2 * stateBytes) return full(after);
    }
  }

  async function statesOf(userId: UserId, some: readonly { readonly row: Row; readonly head: Head }[]) {
    const rows = some.map(({ row }) => row);
    const heads = some.map(({ head }) => head);
    return (await states.of(userId, rows, heads)).map(leaveOutPlain);
  }

  /**
   * Rows and heads that belong together: a change that the rows show has its entry at or before the head, and none that the
   * head holds is missing in the rows. Else a client would count somebody's coming or going twice, or not at all.
   */
  async function rowsAsOfHeads(userId: UserId, after: ConversationId | null, limit: number) {
    for (let tries = 1; ; tries++) {
      const rows = await conversations.rows(userId, after, limit);
      const ids = rows.map((row) => row.conversationId);
      const present = new Set(ids);
      for (const owing of await conversations.owing(Number.MAX_SAFE_INTEGER, owingPage))
        if (present.has(owing)) await settle(owing);
      const heads = await messages.heads(ids);
      if (tries === mostTries || areStill(rows, await conversations.memberships(userId, after, limit)))
        return { rows, heads };
    }
  }

  function changedSince(since: number, rows: Awaited<ReturnType<typeof conversations.rows>>, heads: readonly Head[]) {
    return rows.flatMap((row: Row & { marksChangedAt: number }, i) => {
      const head = heads[i];
      if (!head) return [];
      const at = Math.max(row.changedAt, row.marksChangedAt, head.changedAt);
      return at >= since ? [{ row, head }] : [];
    });
  }

  async function profilesPageOf(userId: UserId, place: Place, epoch: string): Promise<Page> {
    const profiles = await users.changedProfiles(userId, place.since, place.after as UserId | null, profilesPage);
    const more = profiles.length === profilesPage;
    return {
      cursor: more
        ? format({ ...place, after: profiles.at(-1)?.userId ?? null }, epoch)
        : `${epoch}~${place.startedAt.toString(36)}`,
      more,
      conversations: [],
      profiles: [...profiles],
    };
  }
}

/** Nothing was changed meanwhile that has an entry, nor did such a change get its number, which opens and closes spans. */
function areStill(rows: readonly Row[], now: readonly MembershipRecord[]): boolean {
  return (
    rows.length === now.length &&
    rows.every(({ conversationId, conversation: { version }, spans }, i) => {
      const one = now[i];
      return one?.conversationId === conversationId && one.version === version && areSame(one.spans, spans);
    })
  );
}

function areSame(some: readonly Span[], others: readonly Span[]): boolean {
  return (
    some.length === others.length && some.every(({ from, to }, i) => from === others[i]?.from && to === others[i]?.to)
  );
}

const utf8 = new TextEncoder();
const sizeOf = (state: ListedConversation): number => utf8.encode(JSON.stringify(state)).length + 1;

function format({ part, since, startedAt, after }: Place, epoch: string): string {
  return [epoch, startedAt.toString(36), since.toString(36), part === 'profiles' ? 'p' : 'c', after ?? ''].join('~');
}

/** Null for what is no cursor of this epoch: then everything is answered. */
function parse(cursor: string, epoch: string): Place | { readonly part: null; readonly since: number } | null {
  const [of, startedAt, since, part, after] = cursor.split('~');
  if (of !== epoch || !startedAt) return null;
  const started = Number.parseInt(startedAt, 36);
  if (!Number.isSafeInteger(started)) return null;
  if (since === undefined) return { part: null, since: started };
  const from = Number.parseInt(since, 36);
  if (!Number.isSafeInteger(from) || (part !== 'c' && part !== 'p')) return null;
  return { part: part === 'p' ? 'profiles' : 'conversations', since: from, startedAt: started, after: after || null };
}
