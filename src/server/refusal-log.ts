import type { Call } from '../core/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

const pauseMs = 60_000;
const mostRemembered = 10_000;

/**
 * Notes that somebody who is signed in asked for what they may not: the first time at once, then once a minute for each
 * person, with how often it happened in between. Nobody fills the log with it.
 */
export type NoteRefusal = (op: string, reason: string, call: Call) => void;

export function makeRefusalLog(log: Log, clock: Pick<Clock, 'now'>): NoteRefusal {
  const noted = new Map<string, { readonly at: number; unsaid: number }>();

  return (op, reason, { caller, address }) => {
    if (caller.kind !== 'person') return;
    const { userId, sessionId } = caller;
    const now = clock.now();
    const before = noted.get(userId);
    if (before !== undefined && now < before.at + pauseMs) {
      before.unsaid++;
      return;
    }
    if (noted.size >= mostRemembered) noted.clear();
    noted.set(userId, { at: now, unsaid: 0 });
    log.warn({ op, reason, userId, sessionId, address, unsaid: before?.unsaid ?? 0 }, 'not permitted');
  };
}
