import type { ConversationId } from '../../protocol/ids.ts';
import type { Kept } from './apply.ts';
import type { Batch, Key, LocalStore, MessagesAsk, Owner, Put, Table, Tables } from './store.ts';
import type { World } from './world.ts';

/**
 * Writes to the local store, gathered: what is put within a moment is written together, whole or not at all, in order.
 * Reads see what was put before.
 */
export interface Journal {
  put<T extends Table>(table: T, key: Key, value: Tables[T] | undefined): void;
  clear(...tables: Table[]): void;
  /** Forgets the stored messages of a conversation. */
  drop(conversationId: ConversationId): void;
  get<T extends Table>(table: T, key: Key): Promise<Tables[T] | undefined>;
  messages(ask: MessagesAsk): Promise<readonly Kept[]>;
  /** What is put belongs together with what this is still to put: nothing is written before. */
  hold(work: Promise<unknown>): void;
  /** Resolves when all that was put is stored. Never rejects. */
  flush(): Promise<void>;
  /**
   * Whose data it is from now on: written together with what was put just now, over whatever is there, or (`from
   * present`) only where no other tab has changed the owner already.
   */
  own(owner: Owner | null, how: 'over all' | 'from present'): void;
  /** Whose data was found in the store. */
  believe(owner: Owner | null): void;
  /** The store in use. */
  store(): LocalStore;
  use(store: LocalStore): void;
}

/** Long enough to gather a burst, short enough that little is lost with a crash (which then is read from the server). */
const gatherMs = 40;

interface Pending {
  readonly clear: Set<Table>;
  readonly drop: Set<ConversationId>;
  readonly puts: Map<string, Put>;
}
const nothing = (): Pending => ({ clear: new Set(), drop: new Set(), puts: new Map() });
const nameOf = (table: Table, key: Key) => `${table}/${typeof key === 'string' ? key : key.join('/')}`;

export function makeJournal(world: World, first: LocalStore, onBroken: (error: unknown) => void): Journal {
  let store = first;
  let pending = nothing();
  let writing = nothing();
  let expected: Owner | null | 'any' = null;
  let owner: Owner | null = null;
  let cancel: (() => void) | null = null;
  let flushed: Promise<void> = Promise.resolve();
  const held: Promise<unknown>[] = [];

  function soon() {
    cancel ??= world.after(gatherMs, () => void flush());
  }

  function flush(): Promise<void> {
    cancel?.();
    cancel = null;
    flushed = flushed.then(writeAll);
    return flushed;
  }

  async function writeAll(): Promise<void> {
    while (held.length > 0) await Promise.allSettled(held.splice(0));
    if (pending.puts.size + pending.clear.size + pending.drop.size === 0) return;
    writing = pending;
    pending = nothing();
    const from = expected;
    expected = owner;
    try {
      await store.write(batchOf(writing), { from, to: owner });
    } catch (error) {
      onBroken(error);
    }
    writing = nothing();
  }

  function put<T extends Table>(table: T, key: Key, value: Tables[T] | undefined) {
    const name = nameOf(table, key);
    pending.puts.delete(name);
    pending.puts.set(name, { table, key, value } as Put);
    soon();
  }

  return {
    put,
    clear(...tables) {
      for (const table of tables) {
        pending.clear.add(table);
        for (const [name, put] of pending.puts) if (put.table === table) pending.puts.delete(name);
      }
      soon();
    },
    drop(conversationId) {
      pending.drop.add(conversationId);
      for (const [name, put] of pending.puts)
        if (put.table === 'messages' && put.key[0] === conversationId) pending.puts.delete(name);
      soon();
    },
    async get(table, key) {
      for (const batch of [pending, writing]) {
        const put = batch.puts.get(nameOf(table, key));
        if (put) return put.value as Tables[typeof table] | undefined;
        if (batch.clear.has(table)) return undefined;
        if (table === 'messages' && batch.drop.has(key[0] as ConversationId)) return undefined;
      }
      return store.get(table, key);
    },
    async messages(ask) {
      await flush();
      return store.messages(ask);
    },
    hold: (work) => {
      held.push(work);
    },
    flush,
    own(next, how) {
      owner = next;
      if (how === 'over all') expected = 'any';
      put('facts', 'owner', next ?? undefined);
    },
    believe(present) {
      owner = present;
      expected = present;
    },
    store: () => store,
    use: (next) => {
      store = next;
      expected = 'any';
    },
  };
}

function batchOf({ clear, drop, puts }: Pending): Batch {
  return { clear: [...clear], drop: [...drop], puts: [...puts.values()] };
}
