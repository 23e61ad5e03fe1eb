import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Appended, Draft, MessageLog } from '../../ports/message-log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { NodeId } from '../../protocol/ids.ts';
import { emptyHead, wordingCodes } from '../message-log/rows.ts';
import { makeCheckpoints } from './sqlite-checkpoints.ts';
import { openSqliteFile, prepareForWriting } from './sqlite-connection.ts';
import { makeDispatch } from './sqlite-message-log-dispatch.ts';
import { makeNumbers } from './sqlite-message-log-numbers.ts';
import { makeReader } from './sqlite-message-log-reader.ts';
import { migrateMessages, seqsPerConversation } from './sqlite-message-log-schema.ts';
import { makeAppender, makeTransactions } from './sqlite-message-log-writer.ts';
import { storeError } from './store-error.ts';

export interface SqliteMessageLogOptions {
  /** `:memory:` for one that ends with the process. */
  readonly file: string;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The log in a file of its own, of which this process is the only writer (the lock on the instance folder sees to that).
 * Throws AppError `unavailable` when it cannot be opened, with the reason `database_newer` when a newer version wrote it.
 */
export async function openSqliteMessageLog(options: SqliteMessageLogOptions): Promise<MessageLog> {
  try {
    return compose(openFile(options.file), options);
  } catch (error) {
    throw storeError(error);
  }
}

function openFile(file: string): Database {
  const db = openSqliteFile(file);
  try {
    prepareForWriting(db);
    db.pragma('cache_size = -65536');
    migrateMessages(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function compose(db: Database, { file, node, clock }: SqliteMessageLogOptions): MessageLog {
  const own = { id: enter(db, node) };
  const numbers = makeNumbers(db);
  const reader = makeReader(db, numbers);
  const appender = makeAppender(db, numbers, own.id, clock, reader.keyHolder);
  const dispatch = makeDispatch(db, numbers, reader, own);
  const checkpoints = file === ':memory:' ? null : makeCheckpoints(db, file);
  const transactions = makeTransactions(db, {
    forget() {
      numbers.forget();
      appender.forget();
    },
    beforeCommit: appender.settle,
    committed: () => checkpoints?.due(),
  });

  const epoch = db.prepare<[], string>(`SELECT value FROM facts WHERE name = 'epoch'`).pluck();
  const sum = db.prepare<[], number>('SELECT coalesce(sum(seq), 0) FROM conversations').pluck();
  const touch = db.prepare(`UPDATE facts SET value = value WHERE name = 'epoch'`);
  const empty = db.prepare('UPDATE entries SET body = NULL WHERE id = ?');
  const emptyEdits = db.prepare(
    `UPDATE entries SET body = NULL
     WHERE conversation = ? AND target = ? AND kind IN (${wordingCodes}) AND body IS NOT NULL`,
  );
  const emptyAll = db.prepare('UPDATE entries SET body = NULL WHERE id BETWEEN ? AND ? AND body IS NOT NULL');
  const beginAt = db.prepare('UPDATE conversations SET first_seq = ?, changed_at = ? WHERE id = ?');

  function erase(conversationId: Parameters<MessageLog['erase']>[0], seq: number): void {
    const head = numbers.head(conversationId);
    if (head === null) return;
    empty.run(head.id * seqsPerConversation + seq);
    emptyEdits.run(head.id, seq);
  }

  function retire(conversationId: Parameters<MessageLog['retire']>[0], seq: number): void {
    const head = numbers.head(conversationId);
    const last = Math.min(seq, head?.seq ?? 0);
    if (head === null || last < head.firstSeq) return;
    emptyAll.run(head.id * seqsPerConversation + head.firstSeq, head.id * seqsPerConversation + last);
    head.firstSeq = last + 1;
    head.changedAt = clock.now();
    beginAt.run(head.firstSeq, head.changedAt, head.id);
  }

  return {
    epoch: answering(() => epoch.get() as string),
    append: (draft: Draft): Promise<Appended> => transactions.within(() => appender.append(draft)),
    find: answering((conversationId, senderId, clientId) => {
      const head = numbers.head(conversationId);
      const sender = numbers.person(senderId);
      return head === null || sender === null ? null : reader.keyHolder(head, sender, clientId);
    }),
    entry: answering(reader.entry),
    entries: answering(reader.entries),
    history: answering(reader.history),
    heads: answering((ids) =>
      ids.map((id) => {
        const head = numbers.head(id);
        if (head === null) return emptyHead(id);
        const { seq, time, firstSeq, rulesSeq, changedAt } = head;
        return { conversationId: id, seq, time, firstSeq, rulesSeq, changedAt };
      }),
    ),
    summaries: answering(reader.summaries),
    targeting: answering(reader.targeting),
    erase: (conversationId, seq) => transactions.within(() => erase(conversationId, seq)),
    expired: answering(reader.expired),
    retire: (conversationId, seq) => transactions.within(() => retire(conversationId, seq)),
    count: answering(() => sum.get() as number),
    markDispatched: (of, marks) => transactions.within(() => dispatch.mark(of, marks)),
    undispatched: answering(dispatch.undispatched),
    origin: answering(dispatch.origin),
    nodes: answering(dispatch.nodes),
    async health() {
      try {
        await transactions.within(() => touch.run());
        return (await hasRoom(file)) ? { ok: true, says: 'SQLite writes' } : { ok: false, says: 'disk_full' };
      } catch (error) {
        return { ok: false, says: error instanceof AppError ? error.reason : String(error) };
      }
    },
    async close() {
      transactions.finish();
      await checkpoints?.stop();
      db.close();
    },
  };
}

/** Less than this, in bytes, is no room: what still fits is a matter of luck. */
const leastRoom = 16 * 1024 * 1024;

async function hasRoom(file: string): Promise<boolean> {
  if (file === ':memory:') return true;
  const { bavail, bsize } = await statfs(dirname(file));
  return bavail * bsize >= leastRoom;
}

/** This process's node among those that write here. */
function enter(db: Database, node: NodeId): number {
  return db
    .prepare<[NodeId], number>('INSERT INTO nodes (name) VALUES (?) ON CONFLICT DO UPDATE SET settled = 0 RETURNING id')
    .pluck()
    .get(node) as number;
}

/** A read at once, behind a promise. */
function answering<A extends unknown[], R>(read: (...ask: A) => R): (...ask: A) => Promise<R> {
  return async (...ask) => {
    try {
      return read(...ask);
    } catch (error) {
      throw storeError(error);
    }
  };
}
