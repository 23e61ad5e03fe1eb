import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Sqlite from 'better-sqlite3';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { openMongoMessageLog } from '../../src/adapters/mongo/message-log.ts';
import { openPostgresMessageLog } from '../../src/adapters/sql/postgres-message-log.ts';
import { openSqliteMessageLog } from '../../src/adapters/sql/sqlite-message-log.ts';
import type { Appended, MessageLog } from '../../src/ports/message-log.ts';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Entry } from '../../src/protocol/models.ts';
import { makeHandClock } from '../support/clock.ts';
import { everything, newConversation, newPerson, say } from '../support/drafts.ts';
import { silent } from '../support/message-logs.ts';
import { startMongo } from '../support/mongodb.ts';
import { startPostgres } from '../support/postgres.ts';
import { until } from '../support/wait.ts';

async function allEntries(log: MessageLog, conversationId: ConversationId): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for (let more = true; more; ) {
    const after = all.at(-1)?.seq ?? 0;
    const answer = await log.entries({ conversationId, after, spans: everything, limit: 1_000, maxBytes: 1e8 });
    all.push(...answer.entries);
    more = answer.more;
  }
  return all;
}

const hasNoGaps = (entries: readonly Entry[]) => entries.every(({ seq }, i) => seq === i + 1);

describe('SQLite', () => {
  let folder: string;
  let mounted = false;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'messenger-durable-'));
  });
  afterEach(() => {
    if (mounted) execFileSync('umount', ['-l', folder]);
    mounted = false;
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (file = join(folder, 'messages.db')) =>
    openSqliteMessageLog({ file, node: 'main', clock: makeHandClock(), log: silent });

  it('holds what a process acknowledged before it was killed, once and without holes', async () => {
    const file = join(folder, 'messages.db');
    const conversations = [newConversation(), newConversation(), newConversation()];
    const acknowledged: string[] = [];
    for (let round = 1; round <= 3; round++) {
      const script = join(import.meta.dirname, '../support/appending-process.ts');
      const child = spawn(process.execPath, [script, file, ...conversations], { stdio: ['ignore', 'pipe', 'inherit'] });
      const enough = acknowledged.length + 500 + Math.floor(Math.random() * 500);
      for await (const line of createInterface(child.stdout)) {
        if (line.length === 'appended'.length + 3 * 37) acknowledged.push(line);
        if (acknowledged.length === enough) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');

      const log = await open();
      const keys = new Set<string>();
      for (const conversationId of conversations) {
        const entries = await allEntries(log, conversationId);
        expect(hasNoGaps(entries)).toBe(true);
        const last = new Map<UserId | null, number>();
        for (const { clientId, senderId, body } of entries) {
          const number = Number.parseInt('text' in body ? body.text : '', 10);
          expect(number).toBe((last.get(senderId) ?? 0) + 1);
          last.set(senderId, number);
          keys.add(`${conversationId} ${senderId} ${clientId}`);
        }
      }
      expect(await log.count()).toBe(keys.size);
      for (const line of acknowledged) {
        expect(line).toMatch(/^appended /);
        expect(keys).toContain(line.slice('appended '.length));
      }
      const [, conversationId, senderId, clientId] = (acknowledged.at(-1) as string).split(' ');
      const held = await log.find(conversationId as ConversationId, senderId as UserId, clientId as ClientId);
      expect(held?.clientId).toBe(clientId);
      await log.close();
      const check = new Sqlite(file);
      expect(check.pragma('integrity_check', { simple: true })).toBe('ok');
      check.close();
    }
  });

  it('says that the disk is full, keeps what it acknowledged, and goes on when there is room again', async (context) => {
    if (process.getuid?.() !== 0 || process.platform !== 'linux') return context.skip();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
    mounted = true;
    let log = await open();
    const conversationId = newConversation();
    const kept: Entry[] = [];
    let refused: unknown;
    // First with large texts, then with small ones until not even those fit.
    for (const size of [5_000, 5]) {
      for (refused = undefined; refused === undefined; ) {
        const drafts = Array.from({ length: 4 }, () => say('x'.repeat(size), { conversationId }));
        for (const answer of await Promise.allSettled(drafts.map(log.append))) {
          if (answer.status === 'rejected') refused = answer.reason;
          else if (answer.value.outcome === 'appended') kept.push(answer.value.entry);
        }
      }
      expect(refused).toMatchObject({ code: 'unavailable', reason: 'disk_full' });
    }
    expect(await log.health()).toMatchObject({ ok: false });
    expect(await allEntries(log, conversationId)).toEqual(kept);

    execFileSync('mount', ['-o', 'remount,size=64m', folder]);
    const next = await log.append(say('room again', { conversationId }));
    expect(next).toMatchObject({ outcome: 'appended', entry: { seq: kept.length + 1 } });
    expect(await log.health()).toMatchObject({ ok: true });
    await log.close();
    log = await open();
    expect((await allEntries(log, conversationId)).slice(0, -1)).toEqual(kept);
    await log.close();
  });

  it('says that it may not write where the file is read-only', async (context) => {
    if (process.getuid?.() !== 0 || process.platform !== 'linux') return context.skip();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
    mounted = true;
    const log = await open();
    await log.append(say('kept', {}));
    await log.close();
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    await expect(open()).rejects.toMatchObject({ code: 'unavailable', reason: 'read_only' });
  });

  it('refuses a file of a newer version and leaves it as it is', async () => {
    const file = join(folder, 'messages.db');
    await (await open()).close();
    const newer = new Sqlite(file);
    newer.pragma('user_version = 999');
    newer.close();
    await expect(open()).rejects.toMatchObject({ code: 'unavailable', reason: 'database_newer' });
    const same = new Sqlite(file);
    expect(same.pragma('user_version', { simple: true })).toBe(999);
    same.close();
  });

  it('says that a file which is no database is damaged', async () => {
    const file = join(folder, 'messages.db');
    execFileSync('sh', ['-c', 'head -c 20000 /dev/zero | tr "\\0" x > "$0"', file]);
    chmodSync(file, 0o600);
    await expect(open()).rejects.toMatchObject({ code: 'unavailable', reason: 'store_damaged' });
  });
});

interface LogServer {
  freshDatabase(): string | Promise<string>;
  /** Null: it is not ours to kill. */
  readonly kill: (() => Promise<void>) | null;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const servers: readonly {
  readonly name: string;
  start(): Promise<LogServer | null>;
  open(options: { url: string; node: string; patienceMs: number }): Promise<MessageLog>;
  /** As if a version to come had written it. */
  age(url: string): Promise<void>;
}[] = [
  {
    name: 'PostgreSQL',
    start: () => startPostgres(),
    open: (options) => openPostgresMessageLog({ ...options, log: silent }),
    async age(url) {
      const { default: pg } = await import('pg');
      const client = new pg.Client(url);
      await client.connect();
      await client.query(`update messages.facts set value = '999' where name = 'version'`);
      await client.end();
    },
  },
  {
    name: 'MongoDB',
    start: startMongo,
    open: (options) => openMongoMessageLog({ ...options, clock: wallClock, log: silent }),
    async age(url) {
      const client = new MongoClient(url);
      await client
        .db()
        .collection<{ _id: string; value: number }>('facts')
        .updateOne({ _id: 'version' }, { $set: { value: 999 } });
      await client.close();
    },
  },
];
const wallClock = { now: Date.now, after: () => () => {} };

describe.each(servers)('$name', (kind) => {
  let server: LogServer | null;
  const logs: MessageLog[] = [];
  beforeAll(async () => {
    server = await kind.start();
  });
  beforeEach((context) => {
    if (server === null) context.skip();
  });
  const killable = (context: TestContext) => {
    if (server?.kill === null) context.skip();
  };
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
  });
  afterAll(async () => {
    await server?.stop();
  });
  async function open(url: string, node: string, patienceMs = 10_000): Promise<MessageLog> {
    const log = await kind.open({ url, node, patienceMs });
    logs.push(log);
    return log;
  }
  const urlOf = async () => (await server?.freshDatabase()) as string;

  it('numbers without gaps and shows n never before n − 1 while several processes append to the same conversations', async () => {
    const url = await urlOf();
    const nodes = await Promise.all(['a', 'b', 'c'].map((node) => open(url, node)));
    const conversations = Array.from({ length: 5 }, newConversation);
    let appending = true;
    const watch = async (log: MessageLog): Promise<void> => {
      while (appending) {
        for (const conversationId of conversations) expect(hasNoGaps(await allEntries(log, conversationId))).toBe(true);
      }
    };
    const append = async (log: MessageLog): Promise<void> => {
      const senderId = newPerson();
      for (let turn = 0; turn < 30; turn++) {
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            log.append(say(`${turn * 10 + i}`, { senderId, conversationId: conversations[i % 5] as ConversationId })),
          ),
        );
        expect(answers.every(({ outcome }) => outcome === 'appended')).toBe(true);
      }
    };
    const watching = watch(nodes[0] as MessageLog);
    await Promise.all(nodes.map(append));
    appending = false;
    await watching;
    expect(await nodes[0]?.count()).toBe(900);
    for (const conversationId of conversations) {
      const entries = await allEntries(nodes[1] as MessageLog, conversationId);
      expect(hasNoGaps(entries)).toBe(true);
      const last = new Map<UserId | null, number>();
      for (const { senderId, body } of entries) {
        const number = Number('text' in body ? body.text : '');
        expect(number).toBeGreaterThan(last.get(senderId) ?? -1);
        last.set(senderId, number);
      }
    }
    const owed = await Promise.all(['a', 'b', 'c'].map((node) => (nodes[0] as MessageLog).undispatched(node, 1_000)));
    expect(owed.map(({ length }) => length)).toEqual([300, 300, 300]);
  });

  it('stores one key once although two processes send it at the same time', async () => {
    const url = await urlOf();
    const nodes = await Promise.all(['a', 'b'].map((node) => open(url, node)));
    for (let round = 0; round < 20; round++) {
      const draft = say('same', {});
      const answers = await Promise.all(nodes.map((log) => log.append(draft)));
      expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['appended', 'repeated']);
    }
    expect(await nodes[0]?.count()).toBe(20);
  });

  it('carries appends over a restart: each once, in order, each answered as appended', async (context) => {
    killable(context);
    const url = await urlOf();
    const log = await open(url, 'main');
    const conversations = Array.from({ length: 4 }, newConversation);
    const answers: Promise<Appended>[] = [];
    let answered = 0;
    let appending = true;
    const append = async (conversationId: ConversationId): Promise<void> => {
      const senderId = newPerson();
      for (let number = 0; appending; number++) {
        const answer = log.append(say(`${number}`, { conversationId, senderId }));
        answers.push(answer);
        await answer;
        answered += 1;
      }
    };
    const writing = conversations.flatMap((id) => [append(id), append(id), append(id)]);
    for (let round = 1; round <= 3; round++) {
      const before = answered;
      await until(() => answered > before + 200);
      await server?.kill?.();
      await server?.restart();
    }
    const before = answered;
    await until(() => answered > before + 100);
    appending = false;
    await Promise.all(writing);
    const outcomes = await Promise.all(answers);
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['appended']));
    expect(await log.count()).toBe(answers.length);
    for (const conversationId of conversations) {
      const entries = await allEntries(log, conversationId);
      expect(hasNoGaps(entries)).toBe(true);
      const last = new Map<UserId | null, number>();
      for (const { senderId, body } of entries) {
        const number = Number('text' in body ? body.text : '');
        expect(number).toBe((last.get(senderId) ?? -1) + 1);
        last.set(senderId, number);
      }
    }
    expect(await log.health()).toMatchObject({ ok: true });
  });

  it('answers unavailable when it stays away, and works once it is back', async (context) => {
    killable(context);
    const log = await open(await urlOf(), 'main', 500);
    await log.append(say('before', {}));
    await server?.kill?.();
    const draft = say('meanwhile', {});
    await expect(log.append(draft)).rejects.toMatchObject({ code: 'unavailable', reason: 'store_unreachable' });
    await expect(log.count()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await log.health()).toMatchObject({ ok: false });
    await server?.restart();
    expect((await log.append(draft)).outcome).toBe('appended');
    expect(await log.count()).toBe(2);
  });

  it('refuses messages of a newer version', async () => {
    const url = await urlOf();
    await open(url, 'main');
    await kind.age(url);
    await expect(open(url, 'main')).rejects.toMatchObject({ code: 'unavailable', reason: 'database_newer' });
  });
});
