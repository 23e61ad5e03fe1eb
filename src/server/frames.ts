import { deflateSync } from 'node:zlib';
import type { RequestFrame } from '../protocol/frames.ts';
import type { Reply } from './dispatch.ts';

/** What a client's frame is: a request, something wrong that can be answered under its id, or nothing answerable. */
export type ReadFrame = RequestFrame | { readonly id: number; readonly wrong: string } | null;

/** Reads one frame. Checked by hand, since every request passes here: same form as `requestFrame` of the protocol. */
export function readFrame(text: string): ReadFrame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return null;
  const { id, op, input } = frame as Record<string, unknown>;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return null;
  if (typeof op !== 'string' || op.length > 64) return { id, wrong: 'op' };
  for (const key in frame) {
    if (key !== 'id' && key !== 'op' && key !== 'input') return { id, wrong: key.slice(0, 64) };
  }
  return { id, op, input };
}

export function encodeReply(id: number, reply: Reply): string {
  return reply.ok
    ? `{"id":${id},"ok":true,"output":${JSON.stringify(reply.output) ?? '{}'}}`
    : `{"id":${id},"ok":false,"error":${JSON.stringify(reply.error)}}`;
}

/**
 * A text frame as RFC 6455 §5.2 has it, unmasked and whole: what a server sends. Made once, it may be written to any
 * number of sockets.
 */
export function encodeFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = frameFor(0x81, length);
  frame.write(text, frame.length - length);
  return frame;
}

/** Of zlib. Beyond it, time grows and size does not. */
const level = 7;

/** Below it, compressing saves no packet. In UTF-16 units. */
const deflateFrom = 1_400;

/**
 * As `encodeFrame`, for clients that take compressed answers: a large one goes as a binary frame. It is compressed at once,
 * so that it keeps its place among what else is said.
 */
export function encodeDeflated(text: string): Buffer {
  if (text.length < deflateFrom) return encodeFrame(text);
  const packed = deflateSync(text, { level });
  const frame = frameFor(0x82, packed.length);
  packed.copy(frame, frame.length - packed.length);
  return frame;
}

/** With room for so many bytes at its end. */
function frameFor(opcode: number, length: number): Buffer {
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = opcode;
  if (start === 2) {
    frame[1] = length;
  } else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUIntBE(0, 2, 4);
    frame.writeUInt32BE(length, 6);
  }
  return frame;
}
