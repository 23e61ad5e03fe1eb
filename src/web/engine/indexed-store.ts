import type { Kept } from './apply.ts';
import {
  allowedBy,
  type Batch,
  type Facts,
  type LocalStore,
  type MessagesAsk,
  type Table,
  tables,
  type Writer,
} from './store.ts';

const databaseName = 'messenger';
const version = 1;

/**
 * IndexedDB itself, without a library: seven calls need thirty kilobytes less than one. Rejects where it cannot be opened.
 * A connection that the browser has lost (Safari does so in the background) is opened anew once per call.
 */
export async function openIndexedStore(factory: IDBFactory): Promise<LocalStore> {
  let database = await open(factory);
  let closed = false;

  async function within<T>(mode: IDBTransactionMode, work: (stores: Stores) => Promise<T> | T): Promise<T> {
    try {
      return await transact(database, mode, work);
    } catch (error) {
      if (closed || !isLost(error)) throw error;
      database = await open(factory);
      return transact(database, mode, work);
    }
  }

  return {
    load: () =>
      within('readonly', async (stores) => {
        const [names, facts, conversations, profiles, outbox, drafts] = await Promise.all([
          answered(stores.facts.getAllKeys()),
          answered(stores.facts.getAll()),
          answered(stores.conversations.getAll()),
          answered(stores.profiles.getAll()),
          answered(stores.outbox.getAll()),
          answered(stores.drafts.getAll()),
        ]);
        const named = Object.fromEntries(names.map((name, i) => [name, facts[i]])) as Partial<Facts>;
        return { facts: named, conversations, profiles, outbox, drafts };
      }),
    get: (table, key) => within('readonly', (stores) => answered(stores[table].get(key as IDBValidKey))),
    outbox: () => within('readonly', (stores) => answered(stores.outbox.getAll())),
    messages: (ask) => within('readonly', (stores) => readMessages(stores.messages, ask)),
    sentSince: (userId, time) =>
      within('readonly', (stores) =>
        sifted(stores.messages, (kept) => kept.message.senderId === userId && kept.message.time >= time),
      ),
    write: (batch, by) => within('readwrite', (stores) => write(stores, batch, by)),
    close() {
      closed = true;
      database.close();
    },
  };
}

type Stores = { readonly [T in Table]: IDBObjectStore };

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(databaseName, version);
  request.onupgradeneeded = () => {
    for (const table of tables) request.result.createObjectStore(table);
  };
  return answered(request).then((database) => {
    // Another tab with a newer client may not have to wait for this one.
    database.onversionchange = () => database.close();
    return database;
  });
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function transact<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  work: (stores: Stores) => Promise<T> | T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction([...tables], mode);
    const stores = Object.fromEntries(tables.map((table) => [table, transaction.objectStore(table)])) as Stores;
    const result = Promise.resolve(work(stores));
    result.catch(reject);
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

const isLost = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'InvalidStateError' || error.name === 'UnknownError');

/**
 * A page from either end. Walking backwards with a cursor is slow in every browser; since seqs are dense, the newest are
 * found by widening a range until it holds enough.
 */
async function readMessages(
  store: IDBObjectStore,
  { conversationId, from, to, limit, end }: MessagesAsk,
): Promise<Kept[]> {
  const range = (low: number) => IDBKeyRange.bound([conversationId, low], [conversationId, to]);
  if (to < from) return [];
  if (end === 'oldest') return answered(store.getAll(range(from), limit));
  for (let width = limit * 2; ; width *= 8) {
    const low = Math.max(from, to - width + 1);
    const found: Kept[] = await answered(store.getAll(range(low)));
    if (found.length >= limit || low === from) return found.slice(-limit);
  }
}

function sifted(store: IDBObjectStore, wanted: (kept: Kept) => boolean): Promise<Kept[]> {
  const found: Kept[] = [];
  return new Promise((resolve, reject) => {
    const request = store.openCursor();
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve(found);
      if (wanted(cursor.value)) found.push(cursor.value);
      cursor.continue();
    };
  });
}

async function write(stores: Stores, { clear, drop, puts }: Batch, by: Writer): Promise<void> {
  const allowed = allowedBy(await answered(stores.facts.get('owner')), by);
  if (allowed === 'nothing') return;
  for (const table of allowed === 'all' ? clear : []) stores[table].clear();
  for (const id of drop) stores.messages.delete(IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER]));
  for (const { table, key, value } of puts) {
    if (value === undefined) stores[table].delete(key as IDBValidKey);
    else stores[table].put(value, key as IDBValidKey);
  }
}
