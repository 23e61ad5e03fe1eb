import type { Database } from 'better-sqlite3';
import type { Clock } from '../../ports/clock.ts';
import type { Appended, Draft } from '../../ports/message-log.ts';
import type { Entry } from '../../protocol/models.ts';
import { counts, kindCode, mentionedBy, movesRules, placed, repeats } from '../message-log/rows.ts';
import type { KeptHead, Numbers } from './sqlite-message-log-numbers.ts';
import { seqsPerConversation } from './sqlite-message-log-schema.ts';
import { storeError } from './store-error.ts';

interface Work<T> {
  readonly run: () => T;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** What one transaction carries at most: fewer than are remembered, or a head it moved could be forgotten before the commit. */
const batchSize = 5_000;

/**
 * Everything written in one turn of the event loop shares one transaction, and is answered behind its commit. A piece of
 * work that fails is answered alone, unless the whole transaction fails.
 */
export function makeTransactions(
  db: Database,
  heed: {
    /** Nothing may be believed that was remembered of the file. */
    readonly forget: () => void;
    readonly beforeCommit: () => void;
    readonly committed: () => void;
  },
) {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  let waiting: Work<unknown>[] = [];

  function flush(): void {
    if (waiting.length === 0) return;
    const batch = waiting.length > batchSize ? waiting.splice(0, batchSize) : waiting;
    if (batch === waiting) waiting = [];
    else setImmediate(flush);
    const answers: unknown[] = new Array(batch.length);
    const failures = new Map<number, unknown>();
    try {
      begin.run();
      for (let i = 0; i < batch.length; i++) {
        try {
          answers[i] = batch[i]?.run();
        } catch (error) {
          if (!db.inTransaction) throw error;
          failures.set(i, error);
        }
      }
      heed.beforeCommit();
      commit.run();
    } catch (error) {
      abandon();
      const reason = storeError(error);
      for (const work of batch) work.reject(reason);
      return;
    }
    heed.committed();
    for (let i = 0; i < batch.length; i++) {
      if (failures.size > 0 && failures.has(i)) batch[i]?.reject(storeError(failures.get(i)));
      else batch[i]?.resolve(answers[i]);
    }
  }

  /** Nothing of the transaction may be believed, whatever became of it. */
  function abandon(): void {
    heed.forget();
    try {
      if (db.inTransaction) rollback.run();
    } catch {
      // The next BEGIN fails too, and says why.
    }
  }

  return {
    /** `run` is called within a transaction, in the order of these calls, and must not keep what it writes for later. */
    within<T>(run: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ run, resolve, reject } as Work<unknown>);
      });
    },
    /** Commits what waits, now. */
    finish() {
      while (waiting.length > 0) flush();
    },
  };
}

/** How drafts become entries. The heads and authors they moved are written once per transaction, by `settle`. */
export function makeAppender(
  db: Database,
  numbers: Numbers,
  node: number,
  clock: Clock,
  keyHolder: (head: KeptHead, sender: number, clientId: string) => Entry | null,
) {
  const insert = db.prepare(
    `INSERT INTO entries (id, conversation, sender, client, kind, time, node, counted, target, body, expires)
     VALUES (?, ?, ?, ?, ?, ?, ${node}, ?, ?, ?, ?) ON CONFLICT (client, sender, conversation) DO NOTHING`,
  );
  const moveHead = db.prepare(
    'UPDATE conversations SET seq = ?, time = ?, rules_seq = ?, changed_at = ?, counted = ? WHERE id = ?',
  );
  const moveAuthor = db.prepare(
    'INSERT INTO authors (conversation, sender, seq) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq',
  );
  const mention = db.prepare('INSERT INTO mentions (conversation, person, seq) VALUES (?, ?, ?)');
  const moved = new Set<KeptHead>();
  const wrote = new Map<number, { readonly conversation: number; readonly sender: number; seq: number }>();

  function answerOfKey(draft: Draft, held: Entry): Appended {
    return repeats(draft, held) ? { outcome: 'repeated', entry: held } : { outcome: 'conflict' };
  }

  function append(draft: Draft): Appended {
    const head = numbers.headToWrite(draft.conversationId);
    const sender = numbers.personToWrite(draft.senderId);
    if (draft.rulesSeq !== null && draft.rulesSeq < head.rulesSeq) {
      const held = keyHolder(head, sender, draft.clientId);
      return held === null ? { outcome: 'outdated' } : answerOfKey(draft, held);
    }
    const seq = head.seq + 1;
    const time = Math.max(draft.time, head.time);
    const counted = head.counted + (counts(draft.kind) ? 1 : 0);
    const { changes } = insert.run(
      head.id * seqsPerConversation + seq,
      head.id,
      sender,
      draft.clientId,
      kindCode(draft.kind),
      time,
      counted,
      draft.target ?? null,
      JSON.stringify(draft.body),
      draft.expiresAt ?? null,
    );
    if (changes === 0) return answerOfKey(draft, keyHolder(head, sender, draft.clientId) as Entry);
    head.seq = seq;
    head.time = time;
    head.counted = counted;
    if (movesRules(draft.kind)) head.rulesSeq = seq;
    moved.add(head);
    if (sender !== 0 && counts(draft.kind)) noteAuthor(head.id, sender, seq);
    for (const person of mentionedBy(draft)) mention.run(head.id, numbers.personToWrite(person), seq);
    return { outcome: 'appended', entry: placed(draft, seq, time) };
  }

  function noteAuthor(conversation: number, sender: number, seq: number): void {
    const key = conversation * seqsPerConversation + sender;
    const known = wrote.get(key);
    if (known === undefined) wrote.set(key, { conversation, sender, seq });
    else known.seq = seq;
  }

  return {
    append,
    /** Before each commit. */
    settle() {
      const now = clock.now();
      for (const head of moved) {
        head.changedAt = now;
        moveHead.run(head.seq, head.time, head.rulesSeq, now, head.counted, head.id);
      }
      for (const { conversation, sender, seq } of wrote.values()) moveAuthor.run(conversation, sender, seq);
      moved.clear();
      wrote.clear();
    },
    forget() {
      moved.clear();
      wrote.clear();
    },
  };
}
