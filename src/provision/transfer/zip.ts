import { type FileHandle, open } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';

/** As much of APPNOTE 6.3 as archives of chats need: stored and deflated files, also beyond 4 GiB; no encryption. */
const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const entrySignature = 0x02014b50;
const endBytes = 22;
const mostComment = 65_535;
const inZip64 = 0xffffffff;

export interface ZipFile {
  readonly name: string;
  /** Its text, as UTF-8. Throws where it is damaged or packed in another way. */
  text(): AsyncGenerator<string>;
}

/** The files of an archive. Throws where it is none or is cut off. */
export async function zipFiles(path: string): Promise<readonly ZipFile[]> {
  const file = await open(path);
  try {
    const { at, bytes } = await findDirectory(file);
    return entriesIn(await read(file, at, bytes), path);
  } finally {
    await file.close();
  }
}

async function findDirectory(file: FileHandle): Promise<{ readonly at: number; readonly bytes: number }> {
  const { size } = await file.stat();
  const tailAt = Math.max(0, size - endBytes - mostComment);
  const tail = await read(file, tailAt, size - tailAt);
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== endSignature) continue;
    const found = { bytes: tail.readUInt32LE(at + 12), at: tail.readUInt32LE(at + 16) };
    if (found.at !== inZip64 && found.bytes !== inZip64) return found;
    const locator = tail.subarray(at - 20, at);
    const end64 = await read(file, Number(locator.readBigUInt64LE(8)), 56);
    if (end64.readUInt32LE(0) !== end64Signature) break;
    return { bytes: Number(end64.readBigUInt64LE(40)), at: Number(end64.readBigUInt64LE(48)) };
  }
  throw new Error('the archive has no end');
}

function entriesIn(directory: Buffer, path: string): ZipFile[] {
  const files: ZipFile[] = [];
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === entrySignature; ) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const nameAt = at + 46;
    const extraAt = nameAt + (nameBytes ?? 0);
    const place = placeOf(directory, at, directory.subarray(extraAt, extraAt + (extraBytes ?? 0)));
    const method = directory.readUInt16LE(at + 10);
    const name = directory.toString('utf8', nameAt, extraAt);
    files.push({ name, text: () => textOf(path, method, place) });
    at = extraAt + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return files;
}

interface Place {
  readonly packed: number;
  readonly at: number;
}

/** Sizes that do not fit stand in an extra field, in this order. */
function placeOf(directory: Buffer, at: number, extra: Buffer): Place {
  const [unpacked, packed, begin] = [24, 20, 42].map((field) => directory.readUInt32LE(at + field));
  const wide: number[] = [];
  for (let i = 0; i + 4 <= extra.length; i += 4 + extra.readUInt16LE(i + 2)) {
    if (extra.readUInt16LE(i) !== 1) continue;
    for (let j = i + 4; j + 8 <= i + 4 + extra.readUInt16LE(i + 2); j += 8) wide.push(Number(extra.readBigUInt64LE(j)));
  }
  if (unpacked === inZip64) wide.shift();
  const packedBytes = packed === inZip64 ? wide.shift() : packed;
  return { packed: packedBytes ?? 0, at: (begin === inZip64 ? wide.shift() : begin) ?? 0 };
}

async function* textOf(path: string, method: number, { packed, at }: Place): AsyncGenerator<string> {
  if (method !== 0 && method !== 8) throw new Error(`a file is packed in a way that is not known (${method})`);
  const file = await open(path);
  try {
    const header = await read(file, at, 30);
    const start = at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const bytes = file.createReadStream({ start, end: Math.max(start, start + packed - 1), autoClose: false });
    if (packed === 0) return;
    const decoder = new TextDecoder('utf-8');
    const source = method === 0 ? bytes : bytes.pipe(createInflateRaw());
    bytes.on('error', (error) => source.destroy(error));
    for await (const chunk of source) yield decoder.decode(chunk as Buffer, { stream: true });
    yield decoder.decode();
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at);
  if (bytesRead < bytes) throw new Error('the archive ends too early');
  return buffer;
}
