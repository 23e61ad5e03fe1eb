import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { AppError } from '../../protocol/errors.ts';

/** Why a store cannot be used just now. */
type Reason = 'disk_full' | 'read_only' | 'store_damaged' | 'store_unreachable';

/** What callers hear of a driver's error: `unavailable` with its reason, or a defect as it is (a wrong statement). */
export function storeError(error: unknown): unknown {
  if (isUnstorable(error)) return new AppError('invalid', 'unstorable_text', { cause: error });
  const reason = reasonOf(error);
  return reason === null ? error : new AppError('unavailable', reason, { cause: error });
}

/** PostgreSQL stores no NUL character; SQLite does. */
function isUnstorable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '22021' || error.code === '22P05');
}

/** Two writes waited for each other, and this one was called off; another try is all it needs. */
export function isCollision(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : error;
  return cause instanceof pg.DatabaseError && (cause.code === '40P01' || cause.code === '40001');
}

/** Another row has what only one may have. */
export function isTaken(error: unknown): boolean {
  if (error instanceof Sqlite.SqliteError) return error.code === 'SQLITE_CONSTRAINT_UNIQUE';
  return error instanceof pg.DatabaseError && error.code === '23505';
}

function reasonOf(error: unknown): Reason | null {
  if (error instanceof Sqlite.SqliteError) return sqliteReason(error.code);
  if (error instanceof pg.DatabaseError) return postgresReason(error.code ?? '');
  return error instanceof Error && isBrokenConnection(error) ? 'store_unreachable' : null;
}

function sqliteReason(code: string): Reason | null {
  if (code === 'SQLITE_FULL') return 'disk_full';
  if (/^SQLITE_(READONLY|PERM)/.test(code)) return 'read_only';
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return 'store_damaged';
  return /^SQLITE_(IOERR|CANTOPEN|BUSY|LOCKED|NOMEM|PROTOCOL)/.test(code) ? 'store_unreachable' : null;
}

function postgresReason(code: string): Reason | null {
  if (code === '53100') return 'disk_full';
  if (code === '25006') return 'read_only';
  if (code === 'XX001' || code === 'XX002') return 'store_damaged';
  // Connections, sign-in, catalogue, resources, shutting down, time-outs, collisions, system errors.
  return /^(08|28|3D|53|57|58|40|55P03|25P0[34])/.test(code) ? 'store_unreachable' : null;
}

/** pg marks lost connections of its own by message only; those of the system carry a code. */
function isBrokenConnection(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    /^E(CONN|PIPE|HOST|NET|NOT|TIMEDOUT|AI_)/.test(code) ||
    error instanceof AggregateError ||
    /connection terminated|connection ended|timeout|not queryable|connection error/i.test(error.message)
  );
}
