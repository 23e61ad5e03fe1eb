import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Home } from '../config/home.ts';

/** A log that is longer moves aside, in the place of the one that moved before. */
const longestBytes = 20 * 1024 * 1024;

export interface LogFile {
  /** Never throws: a full disk must not end what logs. */
  readonly write: (line: string) => void;
  close(): void;
}

/** The instance's log. A line is handed to the system before `write` returns, so a crash loses none. */
export function openLogFile(home: Pick<Home, 'logs' | 'logFile'>): LogFile {
  let file = open(home);
  let bytes = file === null ? 0 : fstatSync(file).size;
  const close = () => {
    if (file !== null) closeSync(file);
    file = null;
  };
  return {
    close,
    write(line) {
      try {
        if (bytes > longestBytes) {
          close();
          renameSync(home.logFile, `${home.logFile}.1`);
          file = open(home);
          bytes = 0;
        }
        if (file !== null) bytes += writeSync(file, line);
      } catch {
        // There is nowhere left to say it.
      }
    },
  };
}

function open({ logs, logFile }: Pick<Home, 'logs' | 'logFile'>): number | null {
  try {
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    return openSync(logFile, 'a', 0o600);
  } catch {
    return null;
  }
}
