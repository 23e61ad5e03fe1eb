import type { Database } from 'better-sqlite3';

/** Another version's file is made anew: all of it can be. */
export const searchVersion = 1;

/**
 * A message's id begins with its time, so that the newest come first wherever they stand in the index: this many fit into
 * each millisecond, and later ones go into the next.
 */
export const idsPerMs = 1_024;

/**
 * The words reach the index in their final form; the ASCII tokenizer takes apart at spaces alone what has only letters,
 * marks and digits. What is dropped is written over at once (`secure-delete`), not when its page is needed.
 */
const schema = `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- mark: up to this seq its entries are in. holder: the node that stores of it until held_until, ms.
  CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    mark INTEGER NOT NULL DEFAULT 0,
    holder TEXT,
    held_until INTEGER NOT NULL DEFAULT 0
  );

  -- place: where it stands, who sent it, whether it has a link; words of their own kind.
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    stems TEXT NOT NULL,
    more TEXT NOT NULL,
    place TEXT NOT NULL
  );
  CREATE UNIQUE INDEX messages_seq ON messages (conversation, seq);

  CREATE VIRTUAL TABLE words USING fts5 (
    stems, more, place, content = 'messages', content_rowid = 'id', tokenize = 'ascii', prefix = '2 3'
  );
  INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
`;

/** False: another version made it, or it is damaged; then it is of no use. */
export function migrateSearch(db: Database): boolean {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version === searchVersion) return true;
  if (version !== 0) return false;
  db.transaction(() => {
    db.exec(schema);
    db.pragma(`user_version = ${searchVersion}`);
  }).immediate();
  return true;
}

/** Words of `place`. Two people may share one: who asks looks at the message. */
export const conversationWord = (id: number): string => `c${id}`;
export const senderWord = (userId: string): string => `u${userId.slice(-12)}`;
export const linkWord = 'link';
