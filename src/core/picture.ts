import type { Picture } from '../ports/avatar-store.ts';
import { AppError } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';

/** Pixels. */
const longestSide = 512;

/** What is left of a file when only the picture is kept. */
interface Read {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly Uint8Array[];
}

/**
 * The picture of a file in base64: WebP, JPEG or PNG by what it is, not by its name; without what it says beside itself
 * (place, time, camera, text) and without what follows it. Throws `invalid not_a_picture` for all else and for what moves,
 * and `too_large picture_too_large` beyond `limits.avatarBytes` or 512 pixels a side.
 */
export function readPicture(base64: string): Picture {
  const file = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  if (file.length > limits.avatarBytes) throw tooLarge();
  const type = typeOf(file);
  const read = type === null ? null : attempt(() => readers[type](file));
  if (type === null || read === null || read.width < 1 || read.height < 1) {
    throw new AppError('invalid', 'not_a_picture');
  }
  if (Math.max(read.width, read.height) > longestSide) throw tooLarge();
  return { type, content: joined(read.parts) };
}

/** Its file in base64. */
export function pictureAsText({ content }: Picture): string {
  return btoa(Array.from(content, (byte) => String.fromCharCode(byte)).join(''));
}

const tooLarge = () => new AppError('too_large', 'picture_too_large');

const readers: Readonly<Record<Picture['type'], (file: Uint8Array) => Read | null>> = {
  'image/png': readPng,
  'image/jpeg': readJpeg,
  'image/webp': readWebp,
};

function typeOf(file: Uint8Array): Picture['type'] | null {
  if (textAt(file, 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (textAt(file, 0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  return textAt(file, 0, 4) === 'RIFF' && textAt(file, 8, 4) === 'WEBP' ? 'image/webp' : null;
}

/** Null where it ends too early. */
function attempt(read: () => Read | null): Read | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const viewOf = (file: Uint8Array) => new DataView(file.buffer, file.byteOffset, file.byteLength);
const textAt = (file: Uint8Array, at: number, length: number) => String.fromCharCode(...file.subarray(at, at + length));

function cut(file: Uint8Array, from: number, to: number): Uint8Array {
  if (to > file.length) throw new RangeError('it ends too early');
  return file.subarray(from, to);
}

/** Chunks that say how it is drawn; the others are about it. */
const pngChunks = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT']);

function readPng(file: Uint8Array): Read | null {
  const view = viewOf(file);
  if (textAt(file, 12, 4) !== 'IHDR') return null;
  const parts = [file.subarray(0, 8)];
  for (let at = 8; ; ) {
    const end = at + 12 + view.getUint32(at);
    const name = textAt(file, at + 4, 4);
    if (name === 'acTL') return null;
    if (pngChunks.has(name)) parts.push(cut(file, at, end));
    if (name === 'IEND') return { width: view.getUint32(16), height: view.getUint32(20), parts };
    at = end;
  }
}

/** JFIF, and how Adobe's colours are meant. */
const jpegApplications = new Set([0xe0, 0xee]);

function readJpeg(file: Uint8Array): Read | null {
  const view = viewOf(file);
  const parts = [file.subarray(0, 2)];
  let size: { width: number; height: number } | null = null;
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xd9) return size && { ...size, parts: [...parts, cut(file, at, at + 2)] };
    const length = view.getUint16(at + 2);
    if (marker < 0xc0 || length < 2) return null;
    if (isJpegFrame(marker)) size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    const end = marker === 0xda ? endOfScan(view, at + 2 + length) : at + 2 + length;
    const isAside = marker === 0xfe || (marker >= 0xe0 && marker <= 0xef && !jpegApplications.has(marker));
    if (!isAside) parts.push(cut(file, at, end));
    at = end;
  }
}

/** Of those from C0 to CF, three say other things. */
function isJpegFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Where the next marker stands: within a scan FF is followed by 00, or says that it restarts. */
function endOfScan(view: DataView, from: number): number {
  for (let at = from; ; at++) {
    if (view.getUint8(at) !== 0xff) continue;
    const next = view.getUint8(at + 1);
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
}

const webpAlpha = 0x10;
const webpMoves = 0x02;

function readWebp(file: Uint8Array): Read | null {
  const view = viewOf(file);
  const parts: Uint8Array[] = [];
  let size: { width: number; height: number } | null = null;
  for (let at = 12; at < file.length; ) {
    const name = textAt(file, at, 4);
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length + (length % 2);
    const chunk = cut(file, at, end);
    if (name === 'VP8X') {
      if ((view.getUint8(at + 8) & webpMoves) !== 0) return null;
      size = { width: threeBytes(view, at + 12) + 1, height: threeBytes(view, at + 15) + 1 };
      parts.push(withoutMentions(chunk));
    } else if (name === 'ALPH') {
      parts.push(chunk);
    } else if (name === 'VP8 ' || name === 'VP8L') {
      size ??= name === 'VP8 ' ? lossySize(view, at + 8) : losslessSize(view, at + 8);
      return { ...size, parts: [riffHead([...parts, chunk]), ...parts, chunk] };
    }
    at = end;
  }
  return null;
}

const threeBytes = (view: DataView, at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;

function lossySize(view: DataView, at: number) {
  return { width: view.getUint16(at + 6, true) & 0x3fff, height: view.getUint16(at + 8, true) & 0x3fff };
}

function losslessSize(view: DataView, at: number) {
  const bits = view.getUint32(at + 1, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** Its flags no longer promise what was left out. */
function withoutMentions(chunk: Uint8Array): Uint8Array {
  const copy = chunk.slice();
  copy[8] = (copy[8] ?? 0) & webpAlpha;
  return copy;
}

function riffHead(chunks: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(12);
  head.set([...'RIFF    WEBP'].map((char) => char.charCodeAt(0)));
  viewOf(head).setUint32(4, 4 + chunks.reduce((sum, chunk) => sum + chunk.length, 0), true);
  return head;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
