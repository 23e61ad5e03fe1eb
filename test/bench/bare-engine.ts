/**
 * The yardstick: the fastest durable engine that `ws` and better-sqlite3 allow, which speaks just enough of the protocol
 * for the load. Group commit once per turn of the event loop, `synchronous=FULL`, writes to one socket within a turn leave
 * in one system call, and nothing is acknowledged before its commit. It has no rules (no tokens, members, limits, checks)
 * and believes whatever it is sent: an access token is the person's id.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type WebSocket, WebSocketServer } from 'ws';
import { paths } from '../../src/protocol/names.ts';

interface Connection {
  readonly socket: WebSocket;
  readonly raw: Socket;
  userId: string;
}
interface Conversation {
  readonly conversationId: string;
  readonly userIds: readonly string[];
  seq: number;
}
interface Send {
  readonly from: Connection;
  readonly id: number;
  readonly conversation: Conversation;
  readonly clientId: string;
  readonly text: string;
}
interface Request {
  readonly id: number;
  readonly op: string;
  readonly input: {
    accessToken: string;
    conversationId: string;
    clientId: string;
    text: string;
    after: number;
    userId: string;
    userIds: string[];
  };
}

const folder = mkdtempSync(join(tmpdir(), 'messenger-bare-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(0));

const database = new Database(join(folder, 'messages.db'));
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`create table entries (
  conversation text, seq integer, time integer, sender text, client text, body text,
  primary key (conversation, seq)) without rowid`);
const insert = database.prepare('insert into entries values (?, ?, ?, ?, ?, ?)');
const select = database.prepare<
  [string, number],
  { seq: number; time: number; sender: string; client: string; body: string }
>('select * from entries where conversation = ? and seq > ? order by seq limit 400');

const online = new Map<string, Connection[]>();
const conversations = new Map<string, Conversation>();
const corked = new Set<Socket>();
let waiting: Send[] = [];

function write(to: Connection, data: string | Buffer): void {
  if (!corked.has(to.raw)) {
    to.raw.cork();
    corked.add(to.raw);
  }
  to.socket.send(data, { binary: false });
}

function uncork(): void {
  for (const raw of corked) raw.uncork();
  corked.clear();
}

const store = database.transaction((sends: readonly Send[], time: number) => {
  for (const { conversation, from, clientId, text } of sends) {
    conversation.seq += 1;
    insert.run(conversation.conversationId, conversation.seq, time, from.userId, clientId, JSON.stringify({ text }));
  }
});

function commit(): void {
  const sends = waiting;
  waiting = [];
  const time = Date.now();
  const before = new Map(sends.map(({ conversation }) => [conversation, conversation.seq]));
  store(sends, time);
  for (const { from, id, conversation, clientId, text } of sends) {
    const seq = (before.get(conversation) ?? 0) + 1;
    before.set(conversation, seq);
    write(from, JSON.stringify({ id, ok: true, output: { seq, time } }));
    const { conversationId } = conversation;
    const body = { conversationId, seq, time, senderId: from.userId, clientId, kind: 'message', body: { text } };
    const event = Buffer.from(JSON.stringify({ event: 'entry.appended', body }));
    for (const userId of conversation.userIds)
      for (const connection of online.get(userId) ?? []) if (connection !== from) write(connection, event);
  }
  uncork();
}

function answer(from: Connection, { op, input }: Request): unknown {
  if (op === 'connection.open') {
    from.userId = input.accessToken;
    online.set(from.userId, [...(online.get(from.userId) ?? []), from]);
    return { userId: from.userId };
  }
  if (op === 'conversation.openDirect' || op === 'conversation.create') {
    const userIds = [from.userId, ...(op === 'conversation.create' ? input.userIds : [input.userId])];
    const conversation = { conversationId: randomUUID(), userIds, seq: 0 };
    conversations.set(conversation.conversationId, conversation);
    return { conversation: { conversationId: conversation.conversationId } };
  }
  if (op === 'sync') {
    const mine = [...conversations.values()].filter(({ userIds }) => userIds.includes(from.userId));
    return {
      cursor: '',
      more: false,
      conversations: mine.map(({ conversationId, seq }) => ({ conversationId, head: { seq } })),
    };
  }
  if (op === 'conversation.entries') {
    const { conversationId, after } = input;
    const entries = select.all(conversationId, after).map(({ seq, time, sender, client, body }) => ({
      conversationId,
      seq,
      time,
      senderId: sender,
      clientId: client,
      kind: 'message',
      body: JSON.parse(body),
    }));
    const head = conversations.get(conversationId)?.seq ?? 0;
    return { entries, more: after + entries.length < head, head };
  }
  return {};
}

function hear(from: Connection, request: Request): void {
  if (request.op !== 'message.send') {
    write(from, JSON.stringify({ id: request.id, ok: true, output: answer(from, request) }));
    setImmediate(uncork);
    return;
  }
  const { conversationId, clientId, text } = request.input;
  const conversation = conversations.get(conversationId);
  if (!conversation) throw new Error('no such conversation');
  if (waiting.push({ from, id: request.id, conversation, clientId, text }) === 1) setImmediate(commit);
}

const server = createServer();
const sockets = new WebSocketServer({ server, path: paths.socket, perMessageDeflate: false });
sockets.on('connection', (socket, request) => {
  const connection: Connection = { socket, raw: request.socket, userId: '' };
  socket.on('message', (data: Buffer) => hear(connection, JSON.parse(data.toString())));
  socket.on('close', () => {
    corked.delete(connection.raw);
    const others = (online.get(connection.userId) ?? []).filter((other) => other !== connection);
    online.set(connection.userId, others);
  });
  socket.on('error', () => {});
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', 1_024, () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
