import { AppError } from '../../protocol/errors.ts';

const useless: ReadonlySet<string> = new Set(['not_found', 'forbidden', 'conflict', 'invalid']);

/** The link never works again, whoever tries it. */
export const isUseless = (cause: unknown): boolean => cause instanceof AppError && useless.has(cause.code);
