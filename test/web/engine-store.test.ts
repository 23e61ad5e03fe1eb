import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import { openIndexedStore } from '../../src/web/engine/indexed-store.ts';
import { makeMemoryStore } from '../../src/web/engine/memory-store.ts';
import type { Batch, LocalStore, Put } from '../../src/web/engine/store.ts';

const [talk, other] = ['talk-1', 'talk-2'] as unknown as [ConversationId, ConversationId];
const [anna, ben] = ['anna', 'ben'] as unknown as [UserId, UserId];

function put(conversationId: ConversationId, seq: number, senderId = anna): Put {
  const base = { conversationId, seq, time: seq, senderId, clientId: `${seq}` as ClientId };
  const message = { ...base, kind: 'message', body: { text: `${seq}` } } as const;
  return { table: 'messages', key: [conversationId, seq], value: { message, asOf: seq } };
}
const batch = (puts: readonly Put[], more: Partial<Batch> = {}): Batch => ({ clear: [], drop: [], puts, ...more });
const anybody = { from: 'any', to: null } as const;
const draftOf = (text: string) => ({ conversationId: talk, text, replyTo: null, at: 1, owed: true });
const draft = (text: string): Put => ({ table: 'drafts', key: 'talk-1', value: draftOf(text) });
const owned = (userId: UserId, epoch: string | null): Put => ({
  table: 'facts',
  key: 'owner',
  value: { userId, epoch },
});

const stores: readonly [string, () => Promise<LocalStore>][] = [
  ['IndexedDB', () => openIndexedStore(new IDBFactory())],
  ['memory', async () => makeMemoryStore()],
];

describe.each(stores)('%s', (_name, open) => {
  test('a page of messages is read from either end, however thinly they lie', async () => {
    const store = await open();
    const seqs = [1, 2, 3, 40, 41, 900, 5_000, 5_001, 70_000];
    await store.write(batch([...seqs.map((seq) => put(talk, seq)), put(other, 4)]), anybody);
    const read = async (from: number, to: number, end: 'oldest' | 'newest', limit: number) =>
      (await store.messages({ conversationId: talk, from, to, end, limit })).map(({ message }) => message.seq);
    expect(await read(1, 100_000, 'oldest', 4)).toEqual([1, 2, 3, 40]);
    expect(await read(1, 100_000, 'newest', 4)).toEqual([900, 5_000, 5_001, 70_000]);
    expect(await read(2, 900, 'newest', 3)).toEqual([40, 41, 900]);
    expect(await read(4, 39, 'newest', 3)).toEqual([]);
    expect(await read(10, 9, 'oldest', 3)).toEqual([]);
  });

  test('a batch clears and drops before it puts, and `undefined` deletes', async () => {
    const store = await open();
    await store.write(batch([put(talk, 1), put(other, 1), draft('old')]), anybody);
    await store.write(batch([put(talk, 2)], { drop: [talk] }), anybody);
    expect(await store.get('messages', [talk, 1])).toBeUndefined();
    expect(await store.get('messages', [talk, 2])).toBeDefined();
    expect(await store.get('messages', [other, 1])).toBeDefined();
    await store.write(batch([{ table: 'drafts', key: 'talk-1', value: undefined }], { clear: ['messages'] }), anybody);
    expect(await store.get('messages', [other, 1])).toBeUndefined();
    expect((await store.load()).drafts).toEqual([]);
  });

  test('own messages since a time are found in every conversation', async () => {
    const store = await open();
    await store.write(batch([put(talk, 1), put(talk, 5), put(other, 6), put(talk, 7, ben)]), anybody);
    expect((await store.sentSince(anna, 5)).map(({ message }) => message.seq).sort()).toEqual([5, 6]);
  });

  test('a page that missed a change of owner writes nothing over it; one that followed loses nothing and clears nothing', async () => {
    const store = await open();
    const [before, after] = [
      { userId: anna, epoch: '1' },
      { userId: anna, epoch: '2' },
    ];
    await store.write(batch([owned(anna, '1'), draft('first')]), anybody);
    await store.write(batch([owned(anna, '2'), draft('second')], { clear: ['drafts'] }), { from: before, to: after });
    await store.write(batch([draft('late')]), { from: before, to: before });
    expect((await store.load()).drafts).toEqual([draftOf('second')]);

    const again = batch([owned(anna, '2'), put(talk, 1)], { clear: ['drafts', 'messages'] });
    await store.write(again, { from: before, to: after });
    const loaded = await store.load();
    expect(loaded.drafts).toHaveLength(1);
    expect(await store.get('messages', [talk, 1])).toBeDefined();
    expect(loaded.facts.owner).toEqual(after);

    await store.write(batch([draft('somebody else’s')]), {
      from: { userId: ben, epoch: '2' },
      to: { userId: ben, epoch: '2' },
    });
    expect((await store.load()).drafts).toEqual([draftOf('second')]);
  });
});

test('a connection that the browser lost is opened anew', async () => {
  const factory = new IDBFactory();
  const store = await openIndexedStore(factory);
  await store.write(batch([draft('kept')]), anybody);
  const transaction = IDBDatabase.prototype.transaction;
  let losses = 1;
  IDBDatabase.prototype.transaction = function (...args) {
    if (losses-- > 0) throw new DOMException('The database connection is closing.', 'InvalidStateError');
    return transaction.apply(this, args);
  };
  try {
    expect((await store.load()).drafts).toHaveLength(1);
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
});
