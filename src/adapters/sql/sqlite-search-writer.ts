import type { Database } from 'better-sqlite3';
import type { IndexChange, IndexedMessage, IndexedWords, SearchIndex } from '../../ports/search-index.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import { conversationWord, idsPerMs, linkWord, senderWord } from './sqlite-search-schema.ts';

type Writing<M extends 'prepare' | 'clear' | 'marks' | 'count' | 'claim' | 'store' | 'drop' | 'forget'> = (
  ...ask: Parameters<SearchIndex[M]>
) => Awaited<ReturnType<SearchIndex[M]>>;

type Row = readonly [id: number, stems: string, more: string, place: string];

/** All that changes the index, at once, on the connection it is given. */
export interface SearchWriter {
  readonly prepare: Writing<'prepare'>;
  readonly clear: Writing<'clear'>;
  readonly marks: Writing<'marks'>;
  readonly count: Writing<'count'>;
  readonly claim: (now: number, ...ask: Parameters<SearchIndex['claim']>) => ReturnType<Writing<'claim'>>;
  readonly store: (now: number, ...ask: Parameters<SearchIndex['store']>) => ReturnType<Writing<'store'>>;
  readonly drop: Writing<'drop'>;
  readonly forget: Writing<'forget'>;
  readonly touch: () => void;
}

export function makeSearchWriter(db: Database): SearchWriter {
  const made = db.prepare<[], string>(`SELECT value FROM facts WHERE name = 'made'`).pluck();
  const setMade = db.prepare(`INSERT INTO facts VALUES ('made', ?) ON CONFLICT DO UPDATE SET value = excluded.value`);
  const touch = db.prepare(`UPDATE facts SET value = value WHERE name = 'made'`);
  const sum = db.prepare<[], number>('SELECT coalesce(sum(mark), 0) FROM conversations').pluck();
  const find = db.prepare<[string], { id: number; mark: number; holder: string | null; held_until: number }>(
    'SELECT id, mark, holder, held_until FROM conversations WHERE uuid = ?',
  );
  const enter = db.prepare('INSERT INTO conversations (uuid) VALUES (?) ON CONFLICT DO NOTHING');
  const hold = db.prepare('UPDATE conversations SET holder = ?, held_until = ? WHERE id = ?');
  const raise = db.prepare('UPDATE conversations SET mark = ?, holder = NULL WHERE id = ?');
  const rowOf = db
    .prepare<[number, number], Row>('SELECT id, stems, more, place FROM messages WHERE conversation = ? AND seq = ?')
    .raw();
  const rowsOf = db
    .prepare<[number], Row>('SELECT id, stems, more, place FROM messages WHERE conversation = ? LIMIT 1000')
    .raw();
  const lastWithin = db
    .prepare<[number, number], number | null>('SELECT max(id) FROM messages WHERE id BETWEEN ? AND ?')
    .pluck();
  const add = db.prepare('INSERT INTO messages (id, conversation, seq, stems, more, place) VALUES (?, ?, ?, ?, ?, ?)');
  const change = db.prepare('UPDATE messages SET stems = ?, more = ?, place = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM messages WHERE id = ?');
  const addWords = db.prepare('INSERT INTO words (rowid, stems, more, place) VALUES (?, ?, ?, ?)');
  // What the row says is what the index has of it.
  const removeWords = db.prepare(`INSERT INTO words (words, rowid, stems, more, place) VALUES ('delete', ?, ?, ?, ?)`);

  /** A free id of that time, or the first behind it. */
  function idAt(time: number): number {
    for (let ms = time; ; ms++) {
      const last = lastWithin.get(ms * idsPerMs, (ms + 1) * idsPerMs - 1) ?? null;
      if (last === null) return ms * idsPerMs;
      if (last + 1 < (ms + 1) * idsPerMs) return last + 1;
    }
  }

  function dropRow(row: Row | undefined): void {
    if (row === undefined) return;
    removeWords.run(...row);
    remove.run(row[0]);
  }

  function put(conversation: number, message: IndexedMessage): void {
    dropRow(rowOf.get(conversation, message.seq));
    const { seq, time, senderId, stems, more } = message;
    const sender = senderId === null ? [] : [senderWord(senderId)];
    const place = placeOf([conversationWord(conversation), ...sender], message);
    const id = idAt(time);
    add.run(id, conversation, seq, stems, more, place);
    addWords.run(id, stems, more, place);
  }

  function edit(conversation: number, words: IndexedWords & { readonly seq: number }): void {
    const row = rowOf.get(conversation, words.seq);
    if (row === undefined) return;
    const [id, , , before] = row;
    const place = placeOf(
      before.split(' ').filter((word) => word !== linkWord),
      words,
    );
    removeWords.run(...row);
    change.run(words.stems, words.more, place, id);
    addWords.run(id, words.stems, words.more, place);
  }

  function store(now: number, node: string, changes: readonly IndexChange[]): readonly number[] {
    const added: (readonly [number, IndexedMessage])[] = [];
    const marks = changes.map((change) => {
      const known = find.get(change.conversationId);
      if (known === undefined) return 0;
      const isMine = known.holder === node && known.held_until > now;
      if (!isMine || known.mark !== change.from) return known.mark;
      for (const seq of change.dropped) dropRow(rowOf.get(known.id, seq));
      for (const words of change.edited) edit(known.id, words);
      for (const message of change.added) added.push([known.id, message]);
      raise.run(change.to, known.id);
      return change.to;
    });
    // In order of time: a message older than the one before it costs the index a segment of its own.
    added.sort(([, a], [, b]) => a.time - b.time || a.seq - b.seq);
    for (const [conversation, message] of added) put(conversation, message);
    return marks;
  }

  function clear(): void {
    db.exec(`INSERT INTO words (words) VALUES ('delete-all'); DELETE FROM messages; DELETE FROM conversations;`);
  }

  function forget(conversationId: ConversationId): void {
    const known = find.get(conversationId);
    if (known === undefined) return;
    for (let rows = rowsOf.all(known.id); rows.length > 0; rows = rowsOf.all(known.id)) rows.forEach(dropRow);
    raise.run(0, known.id);
  }

  const writing = <A extends unknown[], R>(work: (...ask: A) => R): ((...ask: A) => R) => {
    const transaction = db.transaction(work);
    return (...ask) => transaction.immediate(...ask);
  };

  return {
    prepare: writing((name) => {
      if (made.get() === name) return false;
      clear();
      setMade.run(name);
      return true;
    }),
    clear: writing(clear),
    marks: (ids) => ids.map((id) => find.get(id)?.mark ?? 0),
    count: () => sum.get() as number,
    claim: writing((now, node, wants, ms) =>
      wants.map(({ conversationId, seq }) => {
        enter.run(conversationId);
        const { id, mark, holder, held_until } = find.get(conversationId) as NonNullable<ReturnType<typeof find.get>>;
        const mine = mark < seq && (holder === null || holder === node || held_until <= now);
        if (mine) hold.run(node, now + ms, id);
        return { conversationId, mark, mine };
      }),
    ),
    store: writing(store),
    drop: writing((conversationId, seq) => {
      const known = find.get(conversationId);
      if (known !== undefined) dropRow(rowOf.get(known.id, seq));
    }),
    forget: writing(forget),
    touch: writing(() => void touch.run()),
  };
}

function placeOf(words: readonly string[], { hasLink }: IndexedWords): string {
  return [...words, ...(hasLink ? [linkWord] : [])].join(' ');
}
