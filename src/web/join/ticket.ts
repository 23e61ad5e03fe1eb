import { AppError } from '../../protocol/errors.ts';
import { failureText } from '../parts/failure.ts';

/** A step of signing in. Where what was begun does not count any more, `onOver` hears why: it begins again. */
export async function whileItCounts<T>(step: Promise<T>, onOver: (because: string) => void): Promise<T> {
  try {
    return await step;
  } catch (cause) {
    if (cause instanceof AppError && cause.reason === 'ticket_expired') onOver(failureText(cause));
    throw cause;
  }
}
