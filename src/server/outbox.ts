import type { Socket as TcpSocket } from 'node:net';

/** Up to this many bytes are copied into one buffer, which costs less than a vectored write of many small ones. */
const mergeBytes = 32 * 1024;

const waiting: Outbox[] = [];

function flushAll(): void {
  const boxes = waiting.splice(0);
  for (const box of boxes) box.flush();
}

/**
 * What is written to one connection. All frames of one turn of the event loop leave together, in one system call, in the
 * order they were added.
 */
export class Outbox {
  readonly #tcp: TcpSocket;
  /** Null while nothing waits, so that an idle connection keeps no list. */
  #frames: Buffer[] | null = null;
  #bytes = 0;

  constructor(tcp: TcpSocket) {
    this.#tcp = tcp;
  }

  /** Bytes that the other side has not been given yet. */
  get bytes(): number {
    return this.#bytes + this.#tcp.writableLength;
  }

  add(frame: Buffer): void {
    this.#bytes += frame.length;
    if (this.#frames !== null) {
      this.#frames.push(frame);
      return;
    }
    this.#frames = [frame];
    if (waiting.push(this) === 1) setImmediate(flushAll);
  }

  /** Writes at once what waits; needed before anything else is written to the connection. */
  flush(): void {
    const frames = this.#frames;
    if (frames === null) return;
    const bytes = this.#bytes;
    this.#frames = null;
    this.#bytes = 0;
    const tcp = this.#tcp;
    if (!tcp.writable) return;
    if (frames.length === 1) {
      tcp.write(frames[0] as Buffer);
    } else if (bytes <= mergeBytes) {
      tcp.write(Buffer.concat(frames, bytes));
    } else {
      tcp.cork();
      for (const frame of frames) tcp.write(frame);
      tcp.uncork();
    }
  }
}
