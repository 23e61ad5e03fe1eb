import type { NodeId } from '../protocol/ids.ts';

/** Background work. Jobs carry ids, and read the present state when they run. */
export interface Job {
  readonly jobId: string;
  readonly queue: string;
  /** At most one waiting job per queue and key; a later one with the same key joins it. */
  readonly key: string;
  readonly payload: unknown;
  /** How often it was started before. */
  readonly attempts: number;
}

/** Does the jobs of one queue. It may be called again for a job it did: at least once. Rejects to be tried again. */
export type JobHandler = (job: Job) => Promise<void>;

/** Work that is to be done. */
export interface NewJob {
  readonly queue: string;
  readonly key: string;
  readonly payload: unknown;
  /** When it may be done, ms. */
  readonly runAt: number;
}

export interface JobStore {
  /** In one write. A job whose key waits already replaces its payload and keeps the earlier time; one that runs stays apart. */
  add(jobs: readonly NewJob[]): Promise<void>;
  /** Takes due jobs for `leaseMs`; each to one worker only. Not finished within it, a job is due again. */
  take(queues: readonly string[], limit: number, leaseMs: number): Promise<readonly Job[]>;
  finish(jobId: string): Promise<void>;
  /** Try again at `runAt`; null: give up and keep it for the operator. */
  fail(jobId: string, error: string, runAt: number | null): Promise<void>;
  /** Jobs whose key begins so that are not done: waiting, under way, or given up; the latest first. */
  find(
    keyBegin: string,
    limit: number,
  ): Promise<
    readonly {
      readonly job: Job;
      readonly state: 'waiting' | 'running' | 'failed';
      /** When it may be taken, or again if it runs; of one given up when that was. */
      readonly at: number;
      /** What its last attempt ended with; null: none failed yet. */
      readonly error: string | null;
    }[]
  >;
  failures(limit: number): Promise<readonly { readonly job: Job; readonly error: string; readonly failedAt: number }[]>;
}

/** The nodes of the instance, as they say themselves. */
export interface NodeStore {
  /** Says that the node lives and which roles it has. */
  beat(node: NodeId, roles: readonly string[]): Promise<void>;
  /** With the time since each one's last beat, ms. */
  list(): Promise<readonly { readonly node: NodeId; readonly roles: readonly string[]; readonly silentMs: number }[]>;
}
