import type { ConversationId, ReportId, UserId } from '../protocol/ids.ts';
import type { Message, Report } from '../protocol/models.ts';

export interface NewReport {
  readonly reportId: ReportId;
  readonly reporterId: UserId;
  readonly authorId: UserId;
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly reason: Report['reason'];
  readonly note: string;
  /** As it is when it is reported. */
  readonly message: Message;
}

export interface Resolution {
  /** Null: the owner of the host. */
  readonly by: UserId | null;
  readonly outcome: NonNullable<Report['resolved']>['outcome'];
  readonly note: string;
}

export interface ReportRecord extends NewReport {
  readonly at: number;
  readonly resolved: (Resolution & { readonly at: number }) | null;
}

/** What people reported. Every method is atomic; times are by the store's clock; null is "not found". */
export interface ReportStore {
  /** Where the reporter has an open report of the same message, that one is answered and nothing is stored. */
  add(report: NewReport): Promise<{ readonly reportId: ReportId; readonly added: boolean }>;
  find(reportId: ReportId): Promise<ReportRecord | null>;
  /** By id, which is by time, behind `after`. `state` null: all. Without those about `except`. */
  list(ask: {
    readonly state: 'open' | 'resolved' | null;
    readonly except: UserId | null;
    readonly after: ReportId | null;
    readonly limit: number;
  }): Promise<readonly ReportRecord[]>;
  /** What a person reported, as `list`. */
  madeBy(userId: UserId, after: ReportId | null, limit: number): Promise<readonly ReportRecord[]>;
  /** False: it is resolved already (and stays so), or there is none. */
  resolve(reportId: ReportId, resolution: Resolution): Promise<boolean>;
  /** Forgets what was resolved before. Answers how many. */
  prune(before: number): Promise<number>;
}
