import { connect, type Socket } from 'node:net';
import { inflateSync } from 'node:zlib';
import { paths } from '../../src/protocol/names.ts';

/** What arrives, one call a frame: `data` from `start` to `end` is the payload, valid during the call only. */
export type FrameListener = (data: Buffer, start: number, end: number) => void;

/**
 * A WebSocket client that does as little as the protocol allows, so that the load is never the bottleneck: no fragments,
 * no extensions, and a mask of zeros, which leaves the payload as it is.
 */
export interface Wire {
  send(json: string): void;
  onFrame: FrameListener;
  /** With the code the server closed with; 1006 where the connection just ended. */
  onClose: (code: number) => void;
  /** Bytes that arrived, frames and all. */
  received(): number;
  close(): void;
}

const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Resolves once the server agreed to the upgrade. */
export function openWire(port: number, host = '127.0.0.1'): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.write(
        `GET ${paths.socket} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
      );
    });
    let head = '';
    const upgrade = (chunk: Buffer) => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', upgrade);
      socket.off('error', reject);
      if (!head.startsWith('HTTP/1.1 101')) {
        socket.destroy();
        reject(new Error(`no upgrade: ${head.slice(0, head.indexOf('\r\n'))}`));
        return;
      }
      resolve(speak(socket, Buffer.from(head.slice(end + 4), 'latin1')));
    };
    socket.on('data', upgrade);
  });
}

function speak(socket: Socket, first: Buffer): Wire {
  let rest: Buffer | null = first.length > 0 ? first : null;
  let code = 1006;
  let received = first.length;
  const wire: Wire = {
    send(json) {
      socket.write(encode(json));
    },
    onFrame: () => {},
    onClose: () => {},
    received: () => received,
    close: () => socket.destroy(),
  };

  const read = (chunk: Buffer) => {
    received += chunk.length;
    const data = rest === null ? chunk : Buffer.concat([rest, chunk]);
    rest = null;
    let at = 0;
    socket.cork();
    while (at < data.length) {
      const frame = frameAt(data, at);
      if (frame === null) break;
      const opcode = (data[at] ?? 0) & 0x0f;
      if (opcode === 1) wire.onFrame(data, frame.start, frame.end);
      else if (opcode === 2) {
        const text = inflateSync(data.subarray(frame.start, frame.end));
        wire.onFrame(text, 0, text.length);
      } else if (opcode === 9) socket.write(pong);
      else if (opcode === 8 && frame.end - frame.start >= 2) code = data.readUInt16BE(frame.start);
      at = frame.end;
    }
    socket.uncork();
    if (at < data.length) rest = at === 0 ? data : data.subarray(at);
  };
  socket.on('data', read);
  socket.on('error', () => {});
  socket.on('close', () => wire.onClose(code));
  if (rest !== null) queueMicrotask(() => read(Buffer.alloc(0)));
  return wire;
}

function frameAt(data: Buffer, at: number): { start: number; end: number } | null {
  if (data.length < at + 2) return null;
  const short = (data[at + 1] ?? 0) & 0x7f;
  const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
  if (data.length < start) return null;
  const length = short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
  return data.length < start + length ? null : { start, end: start + length };
}

function encode(json: string): Buffer {
  const length = Buffer.byteLength(json);
  const header = length < 126 ? 6 : 8;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = 0x81;
  if (length < 126) frame[1] = 0x80 | length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  frame.fill(0, header - 4, header);
  frame.write(json, header);
  return frame;
}
