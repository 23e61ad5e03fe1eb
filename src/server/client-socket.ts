import type { Socket as TcpSocket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Call, Person, Receiver } from '../core/call.ts';
import { AppError, closeCodes } from '../protocol/errors.ts';
import type { ServerEvent } from '../protocol/events.ts';
import type { SessionId, UserId } from '../protocol/ids.ts';
import type { Input, Output } from '../protocol/operations.ts';
import type { Source } from './addresses.ts';
import type { Dispatcher, Reply } from './dispatch.ts';
import { encodeDeflated, encodeFrame, encodeReply, type ReadFrame, readFrame } from './frames.ts';
import { Outbox } from './outbox.ts';
import { inNextTurn, presentTurn } from './turns.ts';

/** What bounds one socket. Counts are frames, times milliseconds. */
export interface SocketBounds {
  /** Handled in one turn of the event loop; then other sockets have theirs. */
  readonly framesPerTurn: number;
  /** Requests without an answer yet; beyond it nothing more is read. */
  readonly requestsInFlight: number;
  /** Bytes not taken yet; beyond it the socket lags. */
  readonly lagBytes: number;
  /** A lagging socket that takes nothing for so long is closed. */
  readonly stallMs: number;
  /** Requests that no client of this protocol would make, between two rounds of the hub. */
  readonly mistakes: number;
}

export const socketBounds: SocketBounds = {
  framesPerTurn: 64,
  requestsInFlight: 256,
  lagBytes: 1024 * 1024,
  stallMs: 30_000,
  mistakes: 2_000,
};

/** What all sockets of a node have in common. */
export interface Hub {
  readonly dispatcher: Dispatcher;
  readonly bounds: SocketBounds;
  authenticate(accessToken: string): Person | Promise<Person>;
  welcome(person: Person): Output<'connection.open'>;
  opened(socket: ClientSocket): void;
  closed(socket: ClientSocket): void;
  /** The event as a frame, encoded once for all sockets. */
  frameOf(event: ServerEvent): Buffer;
}

const changedFrame = encodeFrame('{"event":"changed","body":{}}');
const notOpened: Reply = { ok: false, error: new AppError('unauthenticated', 'open_the_connection_first').toWire() };
const openedBefore: Reply = { ok: false, error: new AppError('conflict', 'opened_before').toWire() };

/**
 * One client's WebSocket: from its first frame on a signed-in device's receiver. Reading stops while there is enough to
 * do, so a client that says more than it is answered only slows itself.
 */
export class ClientSocket implements Receiver {
  readonly #hub: Hub;
  readonly #ws: WebSocket;
  readonly #tcp: TcpSocket;
  readonly #outbox: Outbox;
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  #call: Call;
  /** The epoch the client goes by. Before `connection.open` nothing asks for it. */
  #knownEpoch: string | null = null;
  #takesDeflated = false;
  /** Frames read and not handled yet; null when there are none. */
  #backlog: Buffer[] | null = null;
  #scheduled = false;
  #inFlight = 0;
  #turn = -1;
  #handledInTurn = 0;
  #lagging = false;
  #missed = false;
  #mistakes = 0;
  /** Rounds of the hub since anything was heard. */
  #silentRounds = 0;

  constructor(hub: Hub, ws: WebSocket, tcp: TcpSocket, { address, origin }: Source) {
    this.#hub = hub;
    this.#ws = ws;
    this.#tcp = tcp;
    this.#outbox = new Outbox(tcp);
    this.#call = { caller: { kind: 'anyone' }, address, origin, receiver: null };
    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    ws.on('pong', () => {
      this.#silentRounds = 0;
    });
    ws.on('close', () => this.#end());
    ws.on('error', ignore);
  }

  get userId(): UserId {
    return this.#person.userId;
  }

  get sessionId(): SessionId {
    return this.#person.sessionId;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  hear(event: ServerEvent): boolean {
    if (this.#state !== 'open') return false;
    if (this.#lagging || this.#overfull()) {
      this.#missed = true;
      return false;
    }
    this.#outbox.add(this.#hub.frameOf(event));
    return true;
  }

  /** Closes after what was said before. */
  close(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#end();
    this.#outbox.flush();
    this.#ws.resume();
    this.#ws.close(code, reason);
  }

  /** Called at even intervals: asks for a sign of life, and gives up after `silentRounds` without any. */
  round(silentRounds: number): void {
    this.#mistakes = 0;
    if (this.#backlog !== null || this.#lagging) return;
    this.#silentRounds++;
    if (this.#silentRounds >= silentRounds) {
      this.#end();
      this.#ws.terminate();
      return;
    }
    this.#outbox.flush();
    this.#ws.ping();
  }

  work(): void {
    this.#scheduled = false;
    while (this.#backlog !== null && this.#ready()) {
      const data = this.#backlog.shift();
      if (this.#backlog.length === 0) this.#backlog = null;
      if (data !== undefined) this.#handle(data);
    }
    this.#goOn();
  }

  get #person(): Person {
    if (this.#call.caller.kind !== 'person') throw new Error('the connection is not open');
    return this.#call.caller;
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#state === 'closed') return;
    this.#silentRounds = 0;
    if (isBinary) {
      this.close(closeCodes.malformed, 'text frames only');
    } else if (this.#backlog === null && this.#ready()) {
      this.#handle(data);
    } else {
      this.#defer(data);
    }
  }

  /** Whether one more frame may be handled in this turn. Counts it. */
  #ready(): boolean {
    if (this.#state === 'opening' || this.#lagging || this.#inFlight >= this.#hub.bounds.requestsInFlight) return false;
    const turn = presentTurn();
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#handledInTurn = 0;
    }
    return this.#handledInTurn++ < this.#hub.bounds.framesPerTurn;
  }

  #defer(data: Buffer): void {
    if (this.#backlog === null) {
      this.#backlog = [];
      this.#ws.pause();
    }
    this.#backlog.push(data);
    this.#goOn();
  }

  /** Handles what waits in the next turn, or reads on when nothing does. */
  #goOn(): void {
    if (this.#state === 'opening' || this.#lagging || this.#scheduled) return;
    if (this.#backlog === null) {
      if (this.#ws.isPaused) this.#ws.resume();
    } else if (this.#inFlight < this.#hub.bounds.requestsInFlight) {
      this.#scheduled = true;
      inNextTurn(this);
    }
  }

  #handle(data: Buffer): void {
    if (this.#state === 'closed') return;
    const frame = readFrame(data.toString());
    if (frame === null) {
      this.close(closeCodes.malformed, 'not a request');
    } else if (this.#state === 'new') {
      this.#handleFirst(frame);
    } else {
      this.#handleNext(frame);
    }
  }

  #handleFirst(frame: NonNullable<ReadFrame>): void {
    if ('wrong' in frame || frame.op !== 'connection.open') {
      this.#reply(frame.id, 'wrong' in frame ? wrongFrame(frame.wrong) : notOpened);
      this.close(closeCodes.unauthenticated, 'open the connection first');
      return;
    }
    this.#state = 'opening';
    const answer = this.#hub.dispatcher.answer('connection.open', frame.input, (input) => this.#open(input));
    if (answer instanceof Promise) void answer.then((reply) => this.#finishOpening(frame.id, reply));
    else this.#finishOpening(frame.id, answer);
  }

  #open(input: Input<'connection.open'>): Output<'connection.open'> | Promise<Output<'connection.open'>> {
    const person = this.#hub.authenticate(input.accessToken);
    return person instanceof Promise ? person.then((known) => this.#admit(known, input)) : this.#admit(person, input);
  }

  #admit(person: Person, { epoch, deflate }: Input<'connection.open'>): Output<'connection.open'> {
    if (!mayHear(person)) throw new AppError('forbidden', 'scope_missing');
    const welcome = this.#hub.welcome(person);
    if (this.#state === 'closed') return welcome;
    this.#knownEpoch = epoch ?? welcome.epoch;
    this.#takesDeflated = deflate ?? false;
    this.#call = { ...this.#call, caller: person, receiver: this };
    this.#state = 'open';
    this.#hub.opened(this);
    return welcome;
  }

  #finishOpening(id: number, reply: Reply): void {
    this.#reply(id, reply);
    if (reply.ok) {
      this.#goOn();
    } else if (reply.error.code === 'unavailable' || reply.error.code === 'internal') {
      this.close(closeCodes.restarting, 'try again');
    } else {
      this.close(closeCodes.unauthenticated, reply.error.reason);
    }
  }

  #handleNext(frame: NonNullable<ReadFrame>): void {
    if ('wrong' in frame) {
      this.#answer(frame.id, '', wrongFrame(frame.wrong));
      return;
    }
    const { id, op, input } = frame;
    const answer =
      op === 'connection.open'
        ? openedBefore
        : this.#hub.dispatcher.dispatch(op, input, this.#call, 'socket', this.#knownEpoch);
    if (answer instanceof Promise) {
      this.#inFlight++;
      void answer.then((reply) => this.#settle(id, op, reply));
    } else {
      this.#answer(id, op, answer);
    }
  }

  #settle(id: number, op: string, reply: Reply): void {
    const wasFull = this.#inFlight-- >= this.#hub.bounds.requestsInFlight;
    this.#answer(id, op, reply);
    if (wasFull) this.#goOn();
  }

  #answer(id: number, op: string, reply: Reply): void {
    this.#reply(id, reply);
    if (reply.ok) {
      if (op === 'sync') this.#knownEpoch = (reply.output as Output<'sync'>).epoch;
      return;
    }
    const { code } = reply.error;
    if (code !== 'invalid' && code !== 'not_found' && code !== 'too_large') return;
    this.#mistakes++;
    if (this.#mistakes > this.#hub.bounds.mistakes) this.close(closeCodes.tooMany, 'too many mistakes');
  }

  #reply(id: number, reply: Reply): void {
    if (this.#state === 'closed') return;
    const text = encodeReply(id, reply);
    this.#outbox.add(this.#takesDeflated ? encodeDeflated(text) : encodeFrame(text));
    if (!this.#lagging) this.#overfull();
  }

  /** Whether it lags from now on: more waits than it may, although all was given to the system. */
  #overfull(): boolean {
    const { lagBytes } = this.#hub.bounds;
    if (this.#outbox.bytes <= lagBytes) return false;
    this.#outbox.flush();
    if (this.#outbox.bytes <= lagBytes) return false;
    this.#lag();
    return true;
  }

  #lag(): void {
    this.#lagging = true;
    this.#ws.pause();
    const stalled = () => this.close(closeCodes.tooSlow, 'took nothing');
    this.#tcp.setTimeout(this.#hub.bounds.stallMs, stalled);
    this.#tcp.once('drain', () => {
      this.#tcp.setTimeout(0, stalled);
      this.#catchUp();
    });
  }

  /** The hint stands behind the last event that was dropped, so a `sync` that it causes misses none. */
  #catchUp(): void {
    this.#lagging = false;
    if (this.#state !== 'open') return;
    if (this.#missed) this.#outbox.add(changedFrame);
    this.#missed = false;
    this.#goOn();
  }

  #end(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#backlog = null;
    this.#hub.closed(this);
  }
}

/** A socket hears what is said, and shows its person as online. */
function mayHear({ scopes }: Person): boolean {
  return scopes === null || scopes.includes('chat');
}

function wrongFrame(what: string): Reply {
  const fields = [{ path: what, message: 'not what a frame has here' }];
  return { ok: false, error: new AppError('invalid', 'invalid_frame', { fields }).toWire() };
}

function ignore(): void {}
