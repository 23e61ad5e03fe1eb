import type { MemberProgress } from '../../ports/conversation-store.ts';
import type { Discretion } from '../../ports/privacy-store.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import type { PushOutcome } from '../../protocol/trace-operations.ts';
import type { Confirmed } from './device-marks.ts';
import { covers } from './rules.ts';

/** So long somebody who is connected has to see or receive it where they are. */
export const graceMs = 10_000;

/** Whether a member is told by push of some entries, and if not, why. */
export interface Choice {
  readonly outcome: PushOutcome;
  /** Those of the entries that are left when it was decided; never none. */
  readonly entries: readonly Entry[];
  /** Where they are told. */
  readonly sessionIds: readonly SessionId[];
  readonly mention: boolean;
  /** When it is to be decided again; null: it is decided. */
  readonly again: number | null;
}

/**
 * Decides for one member, of entries that count and still stand, in order. Null: none of them concerns them, or there is no
 * device to tell. A mute is pierced by who mentions the person by name, not by `@all`.
 */
export function choosePush(
  member: MemberProgress,
  entries: readonly Entry[],
  facts: {
    /** Their devices that have a push address. */
    readonly addressed: readonly SessionId[];
    readonly confirmed: Confirmed;
    readonly blocks: Discretion['blocks'];
    /** They have a connected device. */
    readonly live: boolean;
    readonly now: number;
  },
): Choice | null {
  const { addressed, confirmed, blocks, live, now } = facts;
  const { userId, keeping } = member;
  if (!member.member || addressed.length === 0) return null;
  const theirs = entries.filter(
    ({ seq, senderId }) => seq > member.pushedSeq && senderId !== userId && covers(member.spans, seq),
  );
  if (theirs.length === 0) return null;

  const readSeq = Math.max(member.readSeq, confirmed.people.get(userId) ?? 0);
  const unread = theirs.filter(({ seq }) => seq > readSeq);
  if (unread.length === 0) return not('read', theirs);
  const seen = unread.filter(({ seq }) => !member.hidden.includes(seq));
  if (seen.length === 0) return not('hidden', unread);
  const welcome = seen.filter(({ senderId }) => senderId === null || !blocks.get(userId)?.has(senderId));
  if (welcome.length === 0) return not('blocked', seen);
  const muted = keeping.mutedUntil !== null && keeping.mutedUntil > now;
  const heard = muted ? welcome.filter((entry) => mentions(entry, userId)) : welcome;
  if (heard.length === 0) return not('muted', welcome);

  const lacks = (sessionId: SessionId, seq: number) => (confirmed.devices.get(sessionId) ?? 0) < seq;
  const lacking = heard.filter(({ seq }) => addressed.some((sessionId) => lacks(sessionId, seq)));
  const [first] = lacking;
  const last = lacking.at(-1);
  if (!first || !last) return not('confirmed', heard);
  const mention = lacking.some((entry) => mentions(entry, userId));
  const again = first.time + graceMs;
  if (live && now < again) return { outcome: 'waiting', entries: lacking, sessionIds: [], mention, again };
  const sessionIds = addressed.filter((sessionId) => lacks(sessionId, last.seq));
  return { outcome: 'pushed', entries: lacking, sessionIds, mention, again: null };
}

function not(outcome: PushOutcome, entries: readonly Entry[]): Choice {
  return { outcome, entries, sessionIds: [], mention: false, again: null };
}

function mentions(entry: Entry, userId: MemberProgress['userId']): boolean {
  return entry.kind === 'message' && entry.body.mentions?.includes(userId) === true;
}
