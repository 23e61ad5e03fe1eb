import { AppError, closeCodes, type WireError } from '../../protocol/errors.ts';
import type { ServerEvent } from '../../protocol/events.ts';
import type { ServerFrame } from '../../protocol/frames.ts';
import { pace } from '../../protocol/limits.ts';
import { paths } from '../../protocol/names.ts';
import type { InputToSend, OperationName, Output } from '../../protocol/operations.ts';
import { makeBackoff } from './backoff.ts';
import { appError } from './http.ts';
import type { AccessTokens } from './tokens.ts';
import type { Wire, World } from './world.ts';

export type Opened = Output<'connection.open'>;

/** The WebSocket, kept open: it returns by itself until it is stopped. */
export interface Socket {
  start(): void;
  /** For good, until `start`. */
  stop(): void;
  /** Closes and returns at once, e.g. to name another epoch. */
  restart(): void;
  /** The network or the person is back: connect now, or make sure that the connection lives. */
  wake(): void;
  /**
   * Asks the server. Requests reach it in the order of the calls. Rejects with AppError, `unavailable disconnected` where
   * there is no connection or it broke before the answer: the request may have been carried out.
   */
  call<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>>;
}

export interface SocketListener {
  readonly epoch: () => string | null;
  readonly onConnecting: () => void;
  readonly onOpen: (opened: Opened) => void;
  readonly onEvent: (event: ServerEvent) => void;
  readonly onDown: () => void;
  /** The session is over. */
  readonly onRefused: (reason: string) => void;
}

const openMs = 15_000;
const answerMs = 30_000;
const probeMs = 5_000;
/** A connection that held for so long was a good one: the next attempt after it comes soon. */
const steadyMs = 10_000;

interface Waiting {
  readonly resolve: (output: never) => void;
  readonly reject: (error: AppError) => void;
  readonly cancel: () => void;
}

const disconnected = () => new AppError('unavailable', 'disconnected');

export function makeSocket(world: World, tokens: AccessTokens, listener: SocketListener): Socket {
  const backoff = makeBackoff(world.fraction);
  const waiting = new Map<number, Waiting>();
  let running = false;
  let wire: Wire | null = null;
  let open = false;
  let openedAt = 0;
  let lastId = 0;
  /** Rises with every attempt, so that a late answer to an earlier one is known as such. */
  let attempt = 0;
  let cancelRetry: (() => void) | null = null;
  let cancelBeat: (() => void) | null = null;

  async function connect() {
    cancelRetry = null;
    const mine = ++attempt;
    listener.onConnecting();
    try {
      const accessToken = await tokens.get();
      if (mine === attempt) dial(accessToken);
    } catch (error) {
      if (mine !== attempt) return;
      if (error instanceof AppError && error.code === 'unauthenticated') refused(error.reason);
      else retry(backoff.next());
    }
  }

  function dial(accessToken: string) {
    const dialled = world.connect(paths.socket);
    const lapse = world.after(openMs, () => lost(dialled, 0));
    wire = dialled;
    dialled.onopen = () => {
      const deflate = world.inflate ? { deflate: true } : {};
      send('connection.open', { accessToken, epoch: listener.epoch(), ...deflate }).then(
        (output) => {
          lapse();
          if (wire === dialled) opened(output as Opened);
        },
        (error: AppError) => {
          lapse();
          if (error.code === 'unauthenticated') tokens.forget();
          lost(dialled, 0);
        },
      );
    };
    const hearInTurn = inTurn(world, (text) => {
      if (wire === dialled) hear(text);
    });
    dialled.onmessage = ({ data }) => {
      hearInTurn(data)?.catch(() => lost(dialled, 0));
    };
    dialled.onclose = ({ code }) => {
      lapse();
      lost(dialled, code);
    };
    dialled.onerror = () => {};
  }

  function opened(output: Opened) {
    open = true;
    openedAt = world.now();
    beatLater();
    listener.onOpen(output);
  }

  function send(op: string, input: unknown, withinMs = answerMs): Promise<unknown> {
    const to = wire;
    if (!to) return Promise.reject(disconnected());
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const cancel = world.after(withinMs, () => lost(to, 0));
      waiting.set(id, { resolve, reject, cancel });
      to.send(JSON.stringify({ id, op, input }));
    });
  }

  function hear(text: string) {
    const frame = JSON.parse(text) as ServerFrame;
    if ('event' in frame) {
      if (open) listener.onEvent(frame);
      return;
    }
    const asked = waiting.get(frame.id);
    if (!asked) return;
    waiting.delete(frame.id);
    asked.cancel();
    if (frame.ok) asked.resolve(frame.output as never);
    else asked.reject(answeredError(frame.error));
  }

  function answeredError(error: WireError): AppError {
    if (error.code === 'epoch_changed') restart();
    return appError(error);
  }

  /** Code 0: not the server's decision. */
  function lost(which: Wire, code: number) {
    if (wire !== which) return;
    const steady = open && world.now() - openedAt > steadyMs;
    hangUp();
    if (!running) return;
    if (code === closeCodes.sessionClosed) return refused('session_closed');
    if (code === closeCodes.unauthenticated) tokens.forget();
    if (steady) backoff.reset();
    retry(backoff.next());
  }

  function hangUp() {
    attempt++;
    const was = wire;
    const wasOpen = open;
    wire = null;
    open = false;
    cancelBeat?.();
    if (was) {
      was.onclose = null;
      was.onmessage = null;
      was.onopen = null;
      was.close();
    }
    for (const [id, asked] of waiting) {
      waiting.delete(id);
      asked.cancel();
      asked.reject(disconnected());
    }
    if (wasOpen) listener.onDown();
  }

  function retry(ms: number) {
    cancelRetry?.();
    cancelRetry = world.after(ms, () => void connect());
    listener.onDown();
  }

  function refused(reason: string) {
    stop();
    listener.onRefused(reason);
  }

  function stop() {
    running = false;
    cancelRetry?.();
    cancelRetry = null;
    hangUp();
  }

  function restart() {
    if (!running) return;
    hangUp();
    retry(0);
  }

  /**
   * The server's pings, which the browser answers by itself, keep the connection; that it is dead shows only where an
   * answer stays out. A page that nobody sees need not know, and lets the device sleep.
   */
  function beatLater() {
    cancelBeat?.();
    cancelBeat = world.after(pace.heartbeat, () => {
      if (world.visible()) beat(answerMs);
      beatLater();
    });
  }

  function beat(withinMs: number) {
    send('instance.about', {}, withinMs).catch(() => {});
  }

  return {
    start() {
      if (running) return;
      running = true;
      backoff.reset();
      void connect();
    },
    stop,
    restart,
    wake() {
      if (!running) return;
      if (open) beat(probeMs);
      else if (cancelRetry) {
        backoff.reset();
        retry(0);
      }
    },
    call<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>> {
      if (!open) return Promise.reject(disconnected());
      return send(op, input) as Promise<Output<N>>;
    },
  };
}

/** What comes while an earlier frame is being unpacked waits for it. Rejects where one cannot be unpacked. */
function inTurn({ inflate }: World, hear: (text: string) => void): (data: unknown) => Promise<void> | undefined {
  let last: Promise<void> = Promise.resolve();
  let queued = 0;
  return (data) => {
    if (typeof data === 'string' && queued === 0) {
      hear(data);
      return undefined;
    }
    queued++;
    const text = typeof data === 'string' ? data : inflate?.(data as ArrayBuffer);
    last = Promise.all([text, last]).then(([unpacked]) => {
      queued--;
      if (unpacked !== undefined) hear(unpacked);
    });
    return last;
  };
}
