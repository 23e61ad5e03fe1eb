import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Call } from '../call.ts';
import type { Audit } from './audit.ts';
import { bounds, takes } from './throttling.ts';

/** Refuses new sign-ups with `unavailable no_room` while the host is out of disk or memory. */
export type RefuseWithoutRoom = (call: Call) => Promise<void>;

export function makeRefuseWithoutRoom({ host, limiter }: Platform, audit: Audit): RefuseWithoutRoom {
  return async (call) => {
    const room = await host.room();
    if (room.ok) return;
    // Many may knock in vain; once a minute says enough.
    if (await takes(limiter, bounds.roomWarnings)) {
      await audit(call, { action: 'user.refused', details: { lacks: room.lacks } });
    }
    throw new AppError('unavailable', 'no_room');
  };
}
