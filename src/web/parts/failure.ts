import { AppError } from '../../protocol/errors.ts';
import { words } from '../i18n/language.ts';

/** What went wrong and what helps, in the person's language. */
export function failureText(cause: unknown): string {
  const { errors } = words();
  if (!(cause instanceof AppError)) return navigator.onLine ? errors.internal : errors.reasons.offline;
  const reasons: Readonly<Record<string, string>> = errors.reasons;
  const said = Object.hasOwn(reasons, cause.reason) ? reasons[cause.reason] : undefined;
  return said ?? generally(cause);
}

function generally({ code, retryAfter }: AppError): string {
  const { errors } = words();
  switch (code) {
    case 'too_many_requests':
      return errors.tooMany(Math.max(1, Math.ceil(retryAfter ?? 1)));
    case 'forbidden':
      return errors.forbidden;
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
      return errors.unavailable;
    case 'internal':
      return errors.internal;
  }
}

/** The person closed the browser's question about a passkey: nothing needs to be said. */
export const isDismissed = (cause: unknown): boolean =>
  cause instanceof AppError && cause.reason === 'passkey_dismissed';
