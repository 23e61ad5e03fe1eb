import type { Database } from 'better-sqlite3';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import { makeRecent } from '../message-log/recent.ts';

/** A conversation's head as the writer keeps it. */
export interface KeptHead {
  /** The conversation's number in this file. */
  readonly id: number;
  readonly conversationId: ConversationId;
  seq: number;
  time: number;
  firstSeq: number;
  rulesSeq: number;
  changedAt: number;
  counted: number;
}

type HeadRow = [
  id: number,
  seq: number,
  time: number,
  firstSeq: number,
  rulesSeq: number,
  changedAt: number,
  counted: number,
];

const remembered = 20_000;

/**
 * Conversations and people by the numbers they have in this file. What is remembered holds because this process alone
 * writes the file; after a transaction that failed it must be forgotten.
 */
export function makeNumbers(db: Database) {
  const heads = makeRecent<string, KeptHead>(remembered);
  const numbers = makeRecent<string, number>(remembered);
  const people = makeRecent<number, UserId>(remembered);

  const headOf = db
    .prepare<[string], HeadRow>(
      'SELECT id, seq, time, first_seq, rules_seq, changed_at, counted FROM conversations WHERE uuid = ?',
    )
    .raw();
  const addConversation = db.prepare('INSERT INTO conversations (uuid) VALUES (?)');
  const uuidOfConversation = db.prepare<[number], string>('SELECT uuid FROM conversations WHERE id = ?').pluck();
  const personNumber = db.prepare<[string], number>('SELECT id FROM people WHERE uuid = ?').pluck();
  const personUuid = db.prepare<[number], UserId>('SELECT uuid FROM people WHERE id = ?').pluck();
  const addPerson = db.prepare('INSERT INTO people (uuid) VALUES (?)');

  /** Null for a conversation that has no entries. */
  function head(conversationId: ConversationId): KeptHead | null {
    const kept = heads.get(conversationId);
    if (kept !== undefined) return kept;
    const row = headOf.get(conversationId);
    if (row === undefined) return null;
    const [id, seq, time, firstSeq, rulesSeq, changedAt, counted] = row;
    const loaded = { id, conversationId, seq, time, firstSeq, rulesSeq, changedAt, counted };
    heads.set(conversationId, loaded);
    return loaded;
  }

  /** Null for somebody who never sent anything; 0 stands for nobody in particular. */
  function person(userId: UserId | null): number | null {
    if (userId === null) return 0;
    const known = numbers.get(userId);
    if (known !== undefined) return known;
    const stored = personNumber.get(userId);
    if (stored === undefined) return null;
    numbers.set(userId, stored);
    return stored;
  }

  return {
    head,
    person,
    /** Within a transaction. */
    headToWrite(conversationId: ConversationId): KeptHead {
      const known = head(conversationId);
      if (known !== null) return known;
      const id = Number(addConversation.run(conversationId).lastInsertRowid);
      const fresh = { id, conversationId, seq: 0, time: 0, firstSeq: 1, rulesSeq: 0, changedAt: 0, counted: 0 };
      heads.set(conversationId, fresh);
      return fresh;
    },
    /** Within a transaction. */
    personToWrite(userId: UserId | null): number {
      const known = person(userId);
      if (known !== null) return known;
      const id = Number(addPerson.run(userId).lastInsertRowid);
      numbers.set(userId as string, id);
      return id;
    },
    personOf(id: number): UserId | null {
      if (id === 0) return null;
      const known = people.get(id);
      if (known !== undefined) return known;
      const uuid = personUuid.get(id) as UserId;
      people.set(id, uuid);
      return uuid;
    },
    conversationOf: (id: number) => uuidOfConversation.get(id) as ConversationId,
    forget() {
      heads.clear();
      numbers.clear();
      people.clear();
    },
  };
}

export type Numbers = ReturnType<typeof makeNumbers>;
