import type { Clock } from '../../ports/clock.ts';
import type { ConversationId, SessionId, UserId } from '../../protocol/ids.ts';
import type { PushOutcome } from '../../protocol/trace-operations.ts';

/** What happened to an entry at a node. Times are ms. */
export type Happening =
  | { readonly what: 'published'; readonly at: number; readonly seq: number }
  /** Given to these devices; of very many only the first are named, `others` of them are not. */
  | {
      readonly what: 'sent';
      readonly at: number;
      readonly seq: number;
      readonly sessionIds: readonly SessionId[];
      readonly others: number;
    }
  /** A device has everything up to `seq`; with `read`, its person read it. */
  | {
      readonly what: 'confirmed';
      readonly at: number;
      readonly seq: number;
      readonly userId: UserId;
      readonly sessionId: SessionId;
      readonly read: boolean;
    }
  /** Whether somebody is told by push of the entries from `from` to `seq`. */
  | {
      readonly what: 'decided';
      readonly at: number;
      readonly from: number;
      readonly seq: number;
      readonly userId: UserId;
      readonly outcome: PushOutcome;
      readonly sessionIds: readonly SessionId[];
    }
  /** A job ended; `error` null: it is done. */
  | {
      readonly what: 'worked';
      readonly at: number;
      readonly queue: string;
      readonly key: string;
      readonly error: string | null;
    };

/** What happened here within the last hour, as far as there is room: what is oldest is forgotten first. */
export interface Happenings {
  note(conversationId: ConversationId, happening: Happening): void;
  /** What concerns one entry, the oldest first; at most `limit`. */
  of(conversationId: ConversationId, seq: number, limit: number): readonly Happening[];
  /** Since when nothing was forgotten, ms. */
  since(): number;
}

const keptMs = 3_600_000;
/** One for each happening, and one for each device it names. */
const mostWeight = 100_000;
/** Of those who hear an entry, so many are named. */
export const namedDevices = 500;

interface Kept {
  readonly conversationId: ConversationId;
  readonly happening: Happening;
}

export function makeHappenings(clock: Pick<Clock, 'now'>, room: number = mostWeight): Happenings {
  const began = clock.now();
  let kept: Kept[] = [];
  let first = 0;
  let weight = 0;
  let forgotten = 0;

  function forget() {
    const oldest = kept[first] as Kept;
    weight -= weightOf(oldest.happening);
    forgotten = oldest.happening.at;
    first++;
    // Now and then, so that taking the oldest costs the same however many there are.
    if (first > 1_000 && first > kept.length / 4) {
      kept = kept.slice(first);
      first = 0;
    }
  }

  function forgetOld() {
    const old = clock.now() - keptMs;
    while (first < kept.length && ((kept[first] as Kept).happening.at < old || weight > room)) forget();
  }

  return {
    note(conversationId, happening) {
      kept.push({ conversationId, happening });
      weight += weightOf(happening);
      forgetOld();
    },
    of(conversationId, seq, limit) {
      forgetOld();
      const found: Happening[] = [];
      const isRepeat = makeIsRepeat();
      for (let i = first; i < kept.length && found.length < limit; i++) {
        const { conversationId: of, happening } = kept[i] as Kept;
        if (of === conversationId && concerns(happening, conversationId, seq) && !isRepeat(happening))
          found.push(happening);
      }
      return found;
    },
    since: () => Math.max(began, forgotten, clock.now() - keptMs),
  };
}

function weightOf(happening: Happening): number {
  return 1 + ('sessionIds' in happening ? happening.sessionIds.length : 0);
}

function concerns(happening: Happening, conversationId: ConversationId, seq: number): boolean {
  switch (happening.what) {
    case 'published':
    case 'sent':
      return happening.seq === seq;
    case 'confirmed':
      return happening.seq >= seq;
    case 'decided':
      return happening.from <= seq && seq <= happening.seq;
    case 'worked':
      return happening.key === conversationId || happening.key === `${conversationId} ${seq}`;
  }
}

/** A device confirms an entry once, with the first mark that reaches it; so its person reads it. */
function makeIsRepeat(): (happening: Happening) => boolean {
  const seen = new Set<string>();
  return (happening) => {
    if (happening.what !== 'confirmed') return false;
    const name = `${happening.sessionId} ${happening.read}`;
    if (seen.has(name)) return true;
    seen.add(name);
    return false;
  };
}
