import { AppError } from '../../protocol/errors.ts';
import type { World } from './world.ts';

/** The work's outcome, or `unavailable timeout` after `ms`; the work itself goes on. */
export function within<T>(world: Pick<World, 'after'>, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = world.after(ms, () => reject(new AppError('unavailable', 'timeout')));
    work.then(resolve, reject).finally(cancel);
  });
}
