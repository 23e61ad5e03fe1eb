import type { AccessClaims } from '../../ports/crypto.ts';
import type { Platform } from '../../ports/platform.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { makeGathering } from './gathering.ts';

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

export function makeSessionUses(platform: Platform): SessionUses {
  const { sessions, clock } = platform;
  const uses = makeGathering<SessionId, Use>(platform, {
    keyOf: ({ sessionId }) => sessionId,
    news: (use, stored) => (use.generation > stored.generation ? use : null),
    store: (gathered) => sessions.seen(gathered),
    failed: 'uses of sessions not stored',
  });
  return {
    note: ({ sessionId, generation }) => uses.note({ sessionId, generation, at: clock.now() }),
    flush: uses.flush,
  };
}
