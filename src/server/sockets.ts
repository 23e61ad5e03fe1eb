import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { Person, Receiver } from '../core/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Revocation } from '../ports/user-store.ts';
import { closeCodes } from '../protocol/errors.ts';
import type { ServerEvent } from '../protocol/events.ts';
import { limits, pace } from '../protocol/limits.ts';
import type { Source } from './addresses.ts';
import { ClientSocket, type Hub, type SocketBounds, socketBounds } from './client-socket.ts';
import type { Dispatcher } from './dispatch.ts';
import { encodeFrame } from './frames.ts';

const tickMs = 1_000;
/** Each socket has its turn once in so many ticks, so that pings spread evenly. */
const rounds = pace.heartbeat / tickMs;
/** Rounds of silence after which a socket is given up. */
const silentRounds = 3;
const openWithinMs = 10_000;

const serverOptions: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: limits.frameBytes,
  skipUTF8Validation: false,
  /** How long a client may take to agree to a close, in milliseconds. */
  closeTimeout: 5_000,
};

export interface Sockets {
  /** Takes a connection over that asks to become a WebSocket. Host, Origin and address were checked before. */
  accept(request: IncomingMessage, connection: Duplex, head: Buffer, source: Source): void;
  /**
   * Closes the sockets of a closed session; or all of a person whose account changed, who may come back with a new token.
   */
  revoke(revocation: Revocation): void;
  /** Tells every socket to reconnect. */
  closeAll(): void;
  /** Those signed in or about to. */
  count(): number;
  start(): void;
  /** Closes every socket. Their connections are gone when the clients agreed, at the latest after five seconds. */
  stop(): void;
}

export function makeSockets(parts: {
  readonly dispatcher: Dispatcher;
  readonly authenticate: (accessToken: string) => Person | Promise<Person>;
  /** Who speaks to open sockets. */
  readonly receivers: { attach(receiver: Receiver): void; detach(receiver: Receiver): void };
  readonly epoch: () => string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly bounds?: Partial<SocketBounds>;
}): Sockets {
  const { receivers, clock } = parts;
  const log = parts.log.child({ component: 'sockets' });
  const server = new WebSocketServer(serverOptions);
  const wheel: readonly Set<ClientSocket>[] = Array.from({ length: rounds }, () => new Set<ClientSocket>());
  const unopened = new Map<ClientSocket, number>();
  let accepted = 0;
  let ticks = 0;
  let takeTickBack = () => {};
  let lastEvent: ServerEvent | null = null;
  let lastFrame: Buffer = Buffer.alloc(0);

  const hub: Hub = {
    dispatcher: parts.dispatcher,
    bounds: { ...socketBounds, ...parts.bounds },
    authenticate: parts.authenticate,
    welcome: ({ userId, sessionId }) => ({
      userId,
      sessionId,
      epoch: parts.epoch(),
      time: clock.now(),
      version: parts.version,
    }),
    opened(socket) {
      unopened.delete(socket);
      receivers.attach(socket);
    },
    closed(socket) {
      const wasOpened = !unopened.delete(socket);
      for (const slot of wheel) slot.delete(socket);
      if (wasOpened) receivers.detach(socket);
    },
    frameOf(event) {
      if (event !== lastEvent) {
        lastFrame = encodeFrame(JSON.stringify(event));
        lastEvent = event;
      }
      return lastFrame;
    },
  };

  function count(): number {
    return wheel.reduce((sum, slot) => sum + slot.size, 0);
  }

  function tick(): void {
    takeTickBack = clock.after(tickMs, tick);
    ticks++;
    const overdue = clock.now() - openWithinMs;
    for (const [socket, since] of unopened) {
      if (since > overdue) break;
      socket.close(closeCodes.unauthenticated, 'no first frame in time');
    }
    for (const socket of wheel[ticks % rounds] ?? []) socket.round(silentRounds);
    lastEvent = null;
  }

  function* all(): Iterable<ClientSocket> {
    for (const slot of wheel) yield* slot;
  }

  function closeAll(): void {
    for (const socket of all()) socket.close(closeCodes.restarting, 'reconnect');
  }

  return {
    accept(request, connection, head, source) {
      server.handleUpgrade(request, connection, head, (ws) => {
        const socket = new ClientSocket(hub, ws, request.socket, source);
        unopened.set(socket, clock.now());
        wheel[accepted++ % rounds]?.add(socket);
      });
    },
    revoke({ sessionId, userId, reason }) {
      for (const socket of all()) {
        if (!socket.isOpen) continue;
        const concerned = sessionId === null ? socket.userId === userId : socket.sessionId === sessionId;
        if (!concerned) continue;
        log.debug({ sessionId: socket.sessionId, reason }, 'socket closed with its session');
        socket.close(sessionId === null ? closeCodes.unauthenticated : closeCodes.sessionClosed, reason);
      }
    },
    closeAll,
    count,
    start() {
      takeTickBack = clock.after(tickMs, tick);
    },
    stop() {
      takeTickBack();
      closeAll();
    },
  };
}
