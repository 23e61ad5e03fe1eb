import type { Connection } from '../../app/instance.ts';
import { writeLines } from '../../provision/secret-file.ts';

/** Writes everything kept about somebody to a new file, whole or not at all. Answers how many lines. */
export function exportPerson(connection: Connection, user: string, path: string): Promise<number> {
  return writeLines(path, linesOf(connection, user));
}

async function* linesOf(connection: Connection, user: string): AsyncGenerator<string> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(connection, user, cursor);
    yield* page.lines;
    cursor = page.cursor;
  } while (cursor !== null);
}

function readPage(connection: Connection, user: string, cursor: string | null) {
  return connection.call('user.export', { user, cursor });
}
