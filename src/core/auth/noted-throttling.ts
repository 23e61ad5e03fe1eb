import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Call } from '../call.ts';
import type { Audit } from './audit.ts';
import { type Bound, bounds, charge, takes } from './throttling.ts';

/**
 * Takes a point of each bound, as `charge` does. That there was none left is in the audit log too: once a minute for each
 * `about`, whether anybody has that name or not, so that the time the answer takes tells nothing of it.
 */
export type ChargeNoted = (
  call: Call,
  charged: readonly Bound[],
  note: { readonly action: string; readonly about: string; readonly subjectId: UserId | null },
) => Promise<void>;

export function makeChargeNoted({ limiter }: Platform, audit: Audit): ChargeNoted {
  return async (call, charged, { action, about, subjectId }) => {
    try {
      await charge(limiter, charged);
    } catch (error) {
      const isNoted =
        (await takes(limiter, bounds.throttleNotesOf(about))) && (await takes(limiter, bounds.throttleNotes));
      if (isNoted) await audit(call, { action, subjectId });
      throw error;
    }
  };
}
