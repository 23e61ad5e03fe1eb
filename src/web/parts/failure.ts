import { AppError } from '../../protocol/errors.ts';
import { words } from '../i18n/language.ts';

/** What went wrong and what helps, in the person's language. */
export function failureText(cause: unknown): string {
  const { errors } = words();
  if (!(cause instanceof AppError)) return navigator.onLine ? errors.internal : errors.offline;
  switch (cause.code) {
    case 'too_many_requests':
      return errors.tooMany(Math.max(1, Math.ceil(cause.retryAfter ?? 1)));
    case 'forbidden':
      return cause.reason === 'not_a_member' ? errors.notMember : errors.forbidden;
    case 'not_found':
      return errors.notFound;
    case 'invalid':
      return errors.invalid;
    case 'conflict':
    case 'epoch_changed':
      return errors.conflict;
    case 'too_large':
      return errors.tooLarge;
    case 'unauthenticated':
    case 'unavailable':
      return cause.reason === 'offline' ? errors.offline : errors.unavailable;
    case 'internal':
      return errors.internal;
  }
}
