import Sqlite from 'better-sqlite3';

/**
 * Holds a lock until it is released or this process ends, however it ends: SQLite's lock on a file of its own, which the
 * system takes back. A file with a process number would mislead where numbers repeat, as in containers. Null: another
 * process holds it. Throws what the system says when the file cannot be made.
 */
export function takeLock(file: string): (() => void) | null {
  const database = new Sqlite(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return () => {
      if (database.open) database.close();
    };
  } catch (error) {
    database.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
}
