import type { Letter } from '../../src/ports/mailer.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, makeAuthWorld } from './auth.ts';
import { makeKeepingMailer } from './mailer.ts';

/** The auth service of an instance that sends mail. */
export interface MailedWorld extends AuthWorld {
  /** Does the jobs that are due, and those that these add. */
  work(): Promise<void>;
  /** Of one kind, to one address, oldest first. */
  letters<K extends Letter['kind']>(kind: K, to?: string): readonly Extract<Letter, { kind: K }>[];
  /** Whoever came is known under this address. */
  confirmed(person: Tokens, email: string): Promise<UserId>;
  /** The actions in the audit log, oldest first. */
  actions(): Promise<string[]>;
}

export async function makeMailedWorld(over: Parameters<typeof makeAuthWorld>[0] = {}): Promise<MailedWorld> {
  const mailer = makeKeepingMailer();
  const world = await makeAuthWorld({ mailer, ...over });
  const { platform, auth } = world;
  return {
    ...world,
    work: () => doJobs(world),
    letters: <K extends Letter['kind']>(kind: K, to?: string) =>
      mailer.sent
        .filter((sent) => sent.letter.kind === kind && (to === undefined || sent.to === to))
        .map(({ letter }) => letter as Extract<Letter, { kind: K }>),
    async confirmed({ userId }, email) {
      await platform.users.setEmail(userId, email);
      return userId;
    },
    async actions() {
      const all = { userId: null, action: null, since: null, until: null, limit: 500 };
      const events = await platform.audit.query({ ...all, before: null, after: 0 });
      return events.map(({ action }) => action);
    },
  };

  async function doJobs({ platform: { jobs } }: AuthWorld): Promise<void> {
    for (;;) {
      const taken = await jobs.take(Object.keys(auth.jobs), 10, 60_000);
      if (taken.length === 0) return;
      for (const job of taken) {
        await auth.jobs[job.queue]?.(job);
        await jobs.finish(job.jobId);
      }
    }
  }
}

/** What a link carries. */
export const tokenOf = ({ link }: { readonly link: string }): string => link.slice(link.indexOf('#') + 1);
