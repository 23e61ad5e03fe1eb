import { AppError } from '../../protocol/errors.ts';

/** What signing in had begun does not count any more: it begins again. */
export const isLapsed = (cause: unknown): boolean => cause instanceof AppError && cause.reason === 'ticket_expired';
