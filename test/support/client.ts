import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { AppError, type WireError } from '../../src/protocol/errors.ts';
import type { ServerEvent } from '../../src/protocol/events.ts';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import { pace } from '../../src/protocol/limits.ts';
import type { Entry } from '../../src/protocol/models.ts';
import { paths } from '../../src/protocol/names.ts';
import type { InputToSend, OperationName, Output } from '../../src/protocol/operations.ts';
import { type EntryLog, makeEntryLog } from './entry-log.ts';

export interface Credentials {
  readonly userId: UserId;
  readonly accessToken: string;
}

/**
 * A person's device that behaves on the wire as the product's client does: it reconnects by itself, sends again what was
 * not acknowledged, syncs, reads on from the seq it holds, and confirms what it received.
 */
export interface Client {
  readonly userId: UserId;
  /** One request on the present connection; waits for one. Rejects with AppError, and when the connection is lost. */
  call<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>>;
  /** Resolves once it is stored, over as many connections as that takes. Sends keep their order. */
  send(conversationId: ConversationId, text: string): Promise<{ readonly clientId: ClientId; readonly seq: number }>;
  /** What this device holds of a conversation. */
  log(conversationId: ConversationId): readonly Entry[];
  /** The last cursor of `sync`. */
  cursor(): string | null;
  /** Every event as it arrives. The answer ends it. */
  onEvent(listener: (event: ServerEvent) => void): () => void;
  /** How often it connected and synced to the end. */
  connections(): number;
  /** Resolves once it is connected and holds every conversation up to its head. */
  ready(): Promise<void>;
  /** Loses the connection and comes back only when told. */
  goOffline(): void;
  comeBack(): void;
  close(): void;
}

interface Waiting {
  resolve(output: unknown): void;
  reject(error: Error): void;
}
interface Unsent {
  readonly conversationId: ConversationId;
  readonly clientId: ClientId;
  readonly text: string;
  resolve(sent: { clientId: ClientId; seq: number }): void;
  reject(error: Error): void;
}

const retryable = new Set(['unavailable', 'too_many_requests', 'internal']);

/** `url` is the instance's address, `http://127.0.0.1:8080`. */
export function makeClient(url: string, { userId, accessToken }: Credentials): Client {
  const listeners = new Set<(event: ServerEvent) => void>();
  const unsent = new Map<ClientId, Unsent>();
  const logs = new Map<ConversationId, EntryLog>();
  let socket: WebSocket | null = null;
  let asked = new Map<number, Waiting>();
  let lastId = 0;
  let wanted = true;
  let signedOn = false;
  let failures = 0;
  let connections = 0;
  let epoch: string | null = null;
  let cursor: string | null = null;
  let readiness = Promise.withResolvers<void>();
  let opened = Promise.withResolvers<void>();

  const ask = <N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>> => {
    const id = ++lastId;
    return new Promise<unknown>((resolve, reject) => {
      if (socket === null) {
        reject(new AppError('unavailable', 'not_connected'));
        return;
      }
      asked.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, op, input }));
    }) as Promise<Output<N>>;
  };

  const logOf = (conversationId: ConversationId): EntryLog => {
    const present = logs.get(conversationId);
    if (present) return present;
    const made = makeEntryLog({
      read: (after) => ask('conversation.entries', { conversationId, after, limit: 500 }),
      onGrown: (seq) => receipts.note(conversationId, seq),
    });
    logs.set(conversationId, made);
    return made;
  };

  const receipts = makeReceipts((marks) => ask('receipts.mark', { marks }));

  const transmit = (message: Unsent): void => {
    const { conversationId, clientId, text } = message;
    ask('message.send', { conversationId, clientId, text }).then(
      ({ seq }) => {
        unsent.delete(clientId);
        message.resolve({ clientId, seq });
      },
      (error: AppError) => {
        if (error.reason === 'not_connected') return;
        if (retryable.has(error.code)) socket?.close();
        else {
          unsent.delete(clientId);
          message.reject(error);
        }
      },
    );
  };

  const syncToEnd = async (): Promise<void> => {
    for (let more = true; more; ) {
      const page: Output<'sync'> = await ask('sync', { cursor });
      for (const { conversationId, head, mine } of page.conversations) {
        const from = mine.spans.at(-1)?.from ?? 1;
        await logOf(conversationId).readTo(head.seq, from - 1);
      }
      ({ cursor, more, epoch } = page);
    }
  };

  const lose = (lost: WebSocket): void => {
    if (socket !== lost) return;
    socket = null;
    signedOn = false;
    const waiting = asked;
    asked = new Map();
    for (const { reject } of waiting.values()) reject(new AppError('unavailable', 'not_connected'));
    readiness.promise.catch(() => {});
    readiness = Promise.withResolvers<void>();
    opened = Promise.withResolvers<void>();
    if (wanted) void reconnect();
  };

  const reconnect = async (): Promise<void> => {
    await pause(Math.min(1_000, 20 * 2 ** failures) * (0.5 + Math.random() / 2));
    failures += 1;
    if (wanted) connect();
  };

  const connect = (): void => {
    const present = new WebSocket(url.replace(/^http/, 'ws') + paths.socket, { perMessageDeflate: false });
    socket = present;
    present.on('error', () => {});
    present.on('close', () => lose(present));
    present.on('message', (data: Buffer) => hear(JSON.parse(data.toString())));
    present.on('open', () => {
      void (async () => {
        const openedWith = await ask('connection.open', { accessToken, epoch });
        epoch = openedWith.epoch;
        signedOn = true;
        for (const message of unsent.values()) transmit(message);
        opened.resolve();
        await syncToEnd();
        failures = 0;
        connections += 1;
        readiness.resolve();
      })().catch((error: AppError) => {
        if (error.reason !== 'not_connected' && !retryable.has(error.code)) {
          wanted = false;
          readiness.reject(error);
          opened.reject(error);
        }
        present.close();
      });
    });
  };

  const hear = (frame: { id: number; ok: boolean; output: unknown; error: WireError } & ServerEvent): void => {
    if ('event' in frame) {
      if (frame.event === 'entry.appended') logOf(frame.body.conversationId).hear(frame.body);
      if (frame.event === 'changed') syncToEnd().catch(() => {});
      for (const listener of listeners) listener(frame);
      return;
    }
    const { id, ok, output, error } = frame as { id: number; ok: boolean; output: unknown; error: WireError };
    const waiting = asked.get(id);
    asked.delete(id);
    if (ok) waiting?.resolve(output);
    else waiting?.reject(new AppError(error.code, error.reason, error));
  };

  opened.promise.catch(() => {});
  readiness.promise.catch(() => {});
  connect();
  return {
    userId,
    async call(op, input) {
      await opened.promise;
      return ask(op, input);
    },
    send(conversationId, text) {
      const clientId = randomUUID() as ClientId;
      return new Promise((resolve, reject) => {
        const message = { conversationId, clientId, text, resolve, reject };
        unsent.set(clientId, message);
        if (signedOn) transmit(message);
      });
    },
    log: (conversationId) => logs.get(conversationId)?.entries ?? [],
    cursor: () => cursor,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connections: () => connections,
    ready: () => readiness.promise,
    goOffline() {
      wanted = false;
      socket?.terminate();
    },
    comeBack() {
      wanted = true;
      if (socket === null) connect();
    },
    close() {
      wanted = false;
      receipts.stop();
      socket?.close();
    },
  };
}

/** The first mark of a conversation leaves at once, later ones at most once a second. */
function makeReceipts(mark: (marks: { conversationId: ConversationId; deliveredSeq: number }[]) => Promise<unknown>): {
  note(conversationId: ConversationId, seq: number): void;
  stop(): void;
} {
  const held = new Map<ConversationId, { seq: number; timer: NodeJS.Timeout | null }>();
  const leave = (conversationId: ConversationId): void => {
    const mine = held.get(conversationId);
    if (!mine) return;
    const seq = mine.seq;
    mark([{ conversationId, deliveredSeq: seq }]).catch(() => {});
    mine.timer = setTimeout(() => {
      mine.timer = null;
      if (mine.seq > seq) leave(conversationId);
    }, pace.receipts);
  };
  return {
    note(conversationId, seq) {
      const mine = held.get(conversationId) ?? { seq, timer: null };
      held.set(conversationId, mine);
      mine.seq = seq;
      if (mine.timer === null) leave(conversationId);
    },
    stop() {
      for (const { timer } of held.values()) if (timer !== null) clearTimeout(timer);
    },
  };
}
