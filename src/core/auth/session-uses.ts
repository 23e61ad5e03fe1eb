import type { AccessClaims } from '../../ports/crypto.ts';
import type { Platform } from '../../ports/platform.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { makeBoundedMap } from './bounded-map.ts';

/** Uses are gathered for this long and stored in one write. */
const gatherMs = 250;
/** A session's later uses are stored only this long after the last one that was. */
const pauseMs = 60_000;
const mostSessions = 100_000;

interface Use {
  readonly sessionId: SessionId;
  readonly generation: number;
  readonly at: number;
}

/** Notes that access tokens are used: when, and that a refresh token's answer arrived (its generation is seen). */
export interface SessionUses {
  /** Never waits. A use that could not be stored is noted again with the next one. */
  note(claims: AccessClaims): void;
  /** Stores what is gathered. */
  flush(): Promise<void>;
}

export function makeSessionUses({ sessions, clock, log }: Platform): SessionUses {
  const stored = makeBoundedMap<SessionId, Use>(mostSessions);
  let gathered = new Map<SessionId, Use>();
  let takeBack: (() => void) | null = null;

  async function flush(): Promise<void> {
    takeBack?.();
    takeBack = null;
    if (gathered.size === 0) return;
    const uses = [...gathered.values()];
    gathered = new Map();
    try {
      await sessions.seen(uses);
    } catch (error) {
      for (const { sessionId } of uses) stored.delete(sessionId);
      log.warn({ err: error, sessions: uses.length }, 'uses of sessions not stored');
    }
  }

  return {
    note({ sessionId, generation }) {
      const at = clock.now();
      const before = stored.get(sessionId);
      if (before !== undefined && generation <= before.generation && at < before.at + pauseMs) return;
      const use = { sessionId, generation: Math.max(generation, before?.generation ?? 0), at };
      stored.set(sessionId, use);
      gathered.set(sessionId, use);
      takeBack ??= clock.after(gatherMs, () => void flush());
    },
    flush,
  };
}
