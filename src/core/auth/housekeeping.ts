import type { Platform } from '../../ports/platform.ts';
import { byItself } from '../call.ts';
import type { Audit } from './audit.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Revocations matter for as long as access tokens live; people who look into trouble want a little more. */
const revocationsForMs = day;
const closedSessionsForMs = 90 * day;
const devicesForMs = 365 * day;
/** Long enough for whoever stored one to name it. */
const picturesForMs = day;
/** Closed in one write. */
const idlePage = 200;

/** Closes sessions that nobody uses, and forgets what is no longer needed. Every node does it: twice does no harm. */
export interface Housekeeping {
  start(): void;
  /** Resolves when no round is under way any more. */
  stop(): Promise<void>;
  /** One round, for those who do not want to wait an hour. Never rejects: what fails is logged, and tried in the next. */
  round(): Promise<void>;
}

export function makeHousekeeping(platform: Platform, parts: { readonly audit: Audit }): Housekeeping {
  const { sessions, tickets, devices, audit, reports, avatars, clock, random, bus, log, settings } = platform;
  let running = false;
  let takeBack = () => {};
  let underWay: Promise<void> = Promise.resolve();

  async function closeIdle(now: number): Promise<void> {
    for (;;) {
      const closed = await sessions.closeIdle(now - settings.sessionIdleMs, idlePage);
      if (closed.length > 0) bus.publish('nodes', { type: 'revoked' });
      for (const sessionId of closed) {
        await parts.audit(byItself, { action: 'session.closed', subjectId: sessionId, details: { reason: 'idle' } });
      }
      if (closed.length < idlePage) return;
    }
  }

  const duties: Readonly<Record<string, (now: number) => Promise<unknown>>> = {
    'idle sessions': closeIdle,
    'old sessions': (now) => sessions.prune({ revocations: now - revocationsForMs, closed: now - closedSessionsForMs }),
    tickets: () => tickets.prune(),
    devices: (now) => devices.prune(now - devicesForMs),
    'audit log': (now) => audit.prune(now - settings.auditMs),
    reports: (now) => reports.prune(now - settings.auditMs),
    pictures: (now) => avatars.prune(now - picturesForMs),
  };

  async function round(): Promise<void> {
    for (const [duty, run] of Object.entries(duties)) {
      try {
        await run(await sessions.now());
      } catch (error) {
        log.warn({ err: error, duty }, 'housekeeping not done');
      }
    }
  }

  function later(ms: number): void {
    takeBack = clock.after(ms, () => {
      underWay = round().then(() => {
        if (running) later(hour);
      });
    });
  }

  return {
    start() {
      running = true;
      // Nodes that start together do not work together.
      later(minute + Math.floor(random.fraction() * 10 * minute));
    },
    async stop() {
      running = false;
      takeBack();
      await underWay;
    },
    round,
  };
}
