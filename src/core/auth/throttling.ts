import type { RateLimiter } from '../../ports/bus.ts';
import { AppError } from '../../protocol/errors.ts';

/** One bound: so many points, refilling evenly over so long, counted under a key. */
export interface Bound {
  readonly key: string;
  readonly points: number;
  readonly perMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** How often what may be tried. Sign-ins that go well count for nothing. */
export const bounds = {
  /** One account, from all devices that never signed in to it. */
  strangersAtAccount: (account: string): Bound => ({
    key: `signin:account:${account}`,
    points: 10,
    perMs: 15 * minute,
  }),
  /** One account, from a device that signed in to it before: nobody else's failures use these up. */
  knownAtAccount: (account: string, deviceHash: string): Bound => ({
    key: `signin:known:${account}:${deviceHash}`,
    points: 10,
    perMs: 15 * minute,
  }),
  strangersFrom: (network: string): Bound => ({ key: `signin:network:${network}`, points: 50, perMs: 10 * minute }),
  strangers: { key: 'signin:all', points: 1_200, perMs: minute } satisfies Bound,

  /** Second factors of one person, from devices that never signed in to it: by whoever has the password. */
  secondFactorOf: (userId: string): Bound => ({ key: `second:user:${userId}`, points: 10, perMs: hour }),
  knownSecondFactorOf: (userId: string, deviceHash: string): Bound => ({
    key: `second:known:${userId}:${deviceHash}`,
    points: 10,
    perMs: 15 * minute,
  }),
  /** Letters saying that somebody has the password and tries codes. */
  attackLettersTo: (userId: string): Bound => ({ key: `second:letter:${userId}`, points: 1, perMs: 24 * hour }),
  /** Codes tried with one ticket, within its life. */
  codesWith: (ticketHash: string): Bound => ({ key: `second:ticket:${ticketHash}`, points: 5, perMs: hour }),
  /** Passkeys asked for and not shown. Pages that offer them ask every few minutes, and one network can be a company's. */
  passkeysFrom: (network: string): Bound => ({ key: `passkey:network:${network}`, points: 600, perMs: 10 * minute }),
  /** The present password, on one signed-in device: whoever took another one over locks nobody out. */
  presentPasswordAt: (sessionId: string): Bound => ({
    key: `present:session:${sessionId}`,
    points: 10,
    perMs: 15 * minute,
  }),

  /** Accounts made without an invite. */
  registrationsFrom: (network: string): Bound => ({ key: `register:network:${network}`, points: 20, perMs: hour }),
  registrations: { key: 'register:all', points: 500, perMs: hour } satisfies Bound,
  /** Names that were taken, asked for with one valid invite; and how many may register with it in one moment. */
  registrationsBy: (inviteId: string): Bound => ({
    key: `register:invite:${inviteId}`,
    points: 500,
    perMs: 10 * minute,
  }),

  /** Letters to those who approve accounts, saying that somebody waits. */
  approvalLetters: { key: 'register:approval', points: 1, perMs: hour } satisfies Bound,
  /** Audit events of sign-ups that the host had no room for. */
  roomWarnings: { key: 'register:room', points: 1, perMs: minute } satisfies Bound,

  /** Audit events that say that something was throttled: about one account, and all together. */
  throttleNotesOf: (about: string): Bound => ({ key: `throttled:${about}`, points: 1, perMs: minute }),
  throttleNotes: { key: 'throttled:all', points: 60, perMs: minute } satisfies Bound,

  /** Invite tokens that nobody gave out. */
  guessesFrom: (network: string): Bound => ({ key: `invite:network:${network}`, points: 30, perMs: 10 * minute }),
  /** Forgotten passwords. Whose it is does not count here: the answer would tell whether they exist. */
  resetsFrom: (network: string): Bound => ({ key: `reset:network:${network}`, points: 20, perMs: hour }),
  resets: { key: 'reset:all', points: 600, perMs: minute } satisfies Bound,
  /** Letters with a link for a new password, to one person. */
  resetsOf: (userId: string): Bound => ({ key: `reset:user:${userId}`, points: 5, perMs: hour }),
  /** Links that count for nothing. */
  linksFrom: (network: string): Bound => ({ key: `link:network:${network}`, points: 30, perMs: 10 * minute }),
  /** Addresses that one person gives as theirs. */
  emailsOf: (userId: string): Bound => ({ key: `email:user:${userId}`, points: 10, perMs: hour }),
  /** Each makes devices of others sync. */
  blocksBy: (userId: string): Bound => ({ key: `block:by:${userId}`, points: 200, perMs: hour }),
  /** Beyond them links stay without a preview. */
  previewsBy: (userId: string): Bound => ({ key: `preview:by:${userId}`, points: 120, perMs: hour }),
  previewsOf: (host: string): Bound => ({ key: `preview:of:${host}`, points: 300, perMs: hour }),
  picturesBy: (userId: string): Bound => ({ key: `picture:by:${userId}`, points: 60, perMs: hour }),
  privacyOf: (userId: string): Bound => ({ key: `privacy:user:${userId}`, points: 30, perMs: hour }),
  reportsBy: (userId: string): Bound => ({ key: `report:by:${userId}`, points: 30, perMs: hour }),
  groupLinksBy: (userId: string): Bound => ({ key: `link:by:${userId}`, points: 100, perMs: hour }),
  groupJoinsBy: (userId: string): Bound => ({ key: `link:join:${userId}`, points: 60, perMs: hour }),
  webhooksBy: (userId: string): Bound => ({ key: `webhook:by:${userId}`, points: 30, perMs: hour }),
  /** Messages that come in by one webhook. */
  postsBy: (webhookId: string): Bound => ({ key: `webhook:post:${webhookId}`, points: 60, perMs: minute }),
  invitesBy: (userId: string): Bound => ({ key: `invite:by:${userId}`, points: 100, perMs: hour }),
} as const;

/** Takes a point of each bound, in order; throws `too_many_requests` at the first that has none left. */
export async function charge(limiter: RateLimiter, charged: readonly Bound[]): Promise<void> {
  for (const { key, points, perMs } of charged) {
    const { retryAfterMs } = await limiter.take(key, points, perMs);
    if (retryAfterMs > 0) {
      throw new AppError('too_many_requests', 'throttled', { retryAfter: Math.ceil(retryAfterMs / 1000) });
    }
  }
}

/** Takes a point where there is one left; false: there is none. For what is left undone without a word. */
export async function takes(limiter: RateLimiter, { key, points, perMs }: Bound): Promise<boolean> {
  return (await limiter.take(key, points, perMs)).retryAfterMs === 0;
}

export async function refund(limiter: RateLimiter, charged: readonly Bound[]): Promise<void> {
  for (const { key, points, perMs } of charged) await limiter.giveBack(key, points, perMs);
}
