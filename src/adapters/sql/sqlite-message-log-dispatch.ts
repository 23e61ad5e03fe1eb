import type { Database } from 'better-sqlite3';
import type { ConversationId, NodeId } from '../../protocol/ids.ts';
import type { Entry } from '../../protocol/models.ts';
import type { Numbers } from './sqlite-message-log-numbers.ts';
import type { Reader } from './sqlite-message-log-reader.ts';
import { seqsPerConversation } from './sqlite-message-log-schema.ts';

type Row = Parameters<Reader['read']>[0];

/** What each node still owes for the entries it stored. */
export function makeDispatch(db: Database, numbers: Numbers, reader: Reader, own: { readonly id: number }) {
  const nodeId = db.prepare<[string], number>('SELECT id FROM nodes WHERE name = ?').pluck();
  const names = db.prepare<[], NodeId>('SELECT name FROM nodes ORDER BY id').pluck();
  const mark = db.prepare(
    `INSERT INTO dispatched (node, conversation, seq) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
  );
  const beyondMarks = db
    .prepare<[number], [conversation: number, marked: number, seq: number]>(
      `SELECT c.id, coalesce(d.seq, 0), c.seq FROM conversations c
       LEFT JOIN dispatched d ON d.node = ? AND d.conversation = c.id
       WHERE c.seq > coalesce(d.seq, 0) ORDER BY c.id`,
    )
    .raw();
  const stored = db
    .prepare<[number, number, number, number], Row>(
      `SELECT id, time, sender, client, kind, target, body FROM entries
       WHERE id BETWEEN ? AND ? AND node = ? ORDER BY id LIMIT ?`,
    )
    .raw();
  const origin = db
    .prepare<[number], [node: NodeId, marked: number]>(
      `SELECT n.name, coalesce(d.seq, 0) FROM entries e JOIN nodes n ON n.id = e.node
       LEFT JOIN dispatched d ON d.node = e.node AND d.conversation = e.conversation WHERE e.id = ?`,
    )
    .raw();
  const settled = db.prepare<[number], number>('SELECT settled FROM nodes WHERE id = ?').pluck();
  const settle = db.prepare('UPDATE nodes SET settled = 1 WHERE id = ?');

  return {
    nodes: () => names.all(),
    origin(conversationId: ConversationId, seq: number): { node: NodeId; dispatched: boolean } | null {
      const head = numbers.head(conversationId);
      if (head === null || seq < 1 || seq > head.seq) return null;
      const [node, marked] = origin.get(head.id * seqsPerConversation + seq) ?? [];
      return node === undefined || marked === undefined ? null : { node, dispatched: marked >= seq };
    },
    /** Within a transaction. */
    mark(node: NodeId, marks: readonly { readonly conversationId: ConversationId; readonly seq: number }[]): void {
      const id = nodeId.get(node);
      if (id === undefined) return;
      for (const { conversationId, seq } of marks) {
        const head = numbers.head(conversationId);
        if (head !== null) mark.run(id, head.id, seq);
      }
    },
    undispatched(node: NodeId, limit: number): Entry[] {
      const id = nodeId.get(node);
      if (id === undefined || settled.get(id) === 1) return [];
      const found: Entry[] = [];
      for (const [conversation, marked, seq] of beyondMarks.all(id)) {
        const first = conversation * seqsPerConversation;
        const rows = stored.all(first + marked + 1, first + seq, id, limit - found.length);
        if (rows.length === 0) continue;
        const conversationId = numbers.conversationOf(conversation);
        for (const row of rows) found.push(reader.read(row, conversationId, first));
        if (found.length >= limit) break;
      }
      if (found.length === 0 && id !== own.id) settle.run(id);
      return found;
    },
  };
}
