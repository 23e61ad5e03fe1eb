import type { UserId } from '../protocol/ids.ts';
import type { AuditEvent } from '../protocol/models.ts';

export interface NewAuditEvent {
  readonly action: string;
  readonly actorId: UserId | null;
  /** Whom or what it was done to: the id of a person, a session, an invite … */
  readonly subjectId: string | null;
  readonly address: string | null;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** Security events and admin actions: who, what, from where, when. */
export interface AuditLog {
  /** Who reads on behind a number misses none: no lower one appears later. */
  add(event: NewAuditEvent): Promise<void>;
  /**
   * Newest first; with `after`, oldest first. Numbers given, times and actions bound it; `userId`: done by or to that person,
   * or to a session or token of theirs. Names are as they are now; a session and a token have that of whose they are.
   */
  query(ask: {
    readonly before: number | null;
    readonly after: number | null;
    readonly userId: UserId | null;
    /** An action, or the beginning of one. */
    readonly action: string | null;
    readonly since: number | null;
    readonly until: number | null;
    readonly limit: number;
  }): Promise<readonly AuditEvent[]>;
  /** Forgets what is older. Answers how many. */
  prune(before: number): Promise<number>;
}
