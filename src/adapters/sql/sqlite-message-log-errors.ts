import Sqlite from 'better-sqlite3';
import { AppError } from '../../protocol/errors.ts';

/** What callers hear of an error of SQLite. A defect (a wrong statement, a broken constraint) stays what it is. */
export function told(error: unknown): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  const reason = reasonOf(error.code);
  return reason === null ? error : new AppError('unavailable', reason, { cause: error });
}

function reasonOf(code: string): string | null {
  if (code === 'SQLITE_FULL') return 'disk_full';
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') return 'read_only';
  return /^SQLITE_(IOERR|CANTOPEN|BUSY|LOCKED|CORRUPT|NOTADB|NOMEM|PROTOCOL)/.test(code) ? 'store_unreachable' : null;
}
