import { once } from 'node:events';
import { inflateSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { paths } from '../../src/protocol/names.ts';

export interface Frame {
  readonly id?: number;
  readonly ok?: boolean;
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly reason: string; readonly fields?: readonly { path: string }[] };
  readonly event?: string;
  readonly body?: unknown;
}

/** A socket that knows nothing of the protocol. */
export interface RawClient {
  readonly ws: WebSocket;
  /** Everything received so far. */
  readonly frames: readonly Frame[];
  readonly texts: readonly string[];
  /** Their payloads' sizes on the wire. */
  readonly sizes: readonly number[];
  send(frame: unknown): void;
  /** Sends a request and waits for its reply. */
  ask(op: string, input: unknown): Promise<Frame>;
  /** The first frame that fits, now or later. Rejects when the socket closes before. */
  until(fits: (frame: Frame) => boolean): Promise<Frame>;
  /** The code it was closed with. */
  readonly closed: Promise<number>;
}

export async function connectRaw(url: string, query = ''): Promise<RawClient> {
  const ws = new WebSocket(url.replace(/^http/, 'ws') + paths.socket + query, { perMessageDeflate: false });
  const frames: Frame[] = [];
  const texts: string[] = [];
  const sizes: number[] = [];
  let waiting: { fits: (frame: Frame) => boolean; resolve: (frame: Frame) => void; reject: (error: Error) => void }[] =
    [];
  let lastId = 1_000;
  ws.on('error', () => {});
  ws.on('message', (data: Buffer, isBinary: boolean) => {
    const text = (isBinary ? inflateSync(data) : data).toString();
    sizes.push(data.length);
    const frame = JSON.parse(text) as Frame;
    texts.push(text);
    frames.push(frame);
    waiting = waiting.filter(({ fits, resolve }) => !fits(frame) || resolve(frame));
  });
  const closed = new Promise<number>((resolve) => {
    ws.on('close', (code) => {
      for (const { reject } of waiting) reject(new Error(`closed with ${code}`));
      resolve(code);
    });
  });
  await once(ws, 'open');
  const client: RawClient = {
    ws,
    frames,
    texts,
    sizes,
    closed,
    send: (frame) => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    ask(op, input) {
      const id = ++lastId;
      const reply = client.until((frame) => frame.id === id);
      client.send({ id, op, input });
      return reply;
    },
    until(fits) {
      const found = frames.find(fits);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        waiting.push({ fits, resolve, reject });
      });
    },
  };
  return client;
}

/** Connected, and with `connection.open` answered. */
export async function connectOpen(url: string, accessToken: string, epoch: string | null = null): Promise<RawClient> {
  const client = await connectRaw(url);
  await client.ask('connection.open', { accessToken, epoch });
  return client;
}
