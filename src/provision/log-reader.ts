import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

const chunkBytes = 64 * 1024;

export interface LogTail {
  readonly lines: readonly string[];
  /** Where the file ended then, in bytes: what is written later begins there. */
  readonly end: number;
}

/** The last `count` lines that are `wanted`, however long the log is: it is read from its end. */
export async function lastLines(path: string, count: number, wanted: (line: string) => boolean): Promise<LogTail> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return { lines: [], end: 0 };
  try {
    const end = (await file.stat()).size;
    const found: string[] = [];
    let rest: Buffer = Buffer.alloc(0);
    for (let place = end; place > 0 && found.length < count; ) {
      const length = Math.min(chunkBytes, place);
      place -= length;
      const chunk = Buffer.concat([await readAt(file, place, length), rest]);
      // A line may begin in an earlier chunk, and a character may be cut: only what follows a line break is whole.
      const first = place === 0 ? 0 : chunk.indexOf('\n') + 1;
      rest = place === 0 ? Buffer.alloc(0) : first === 0 ? chunk : chunk.subarray(0, first);
      const whole = place !== 0 && first === 0 ? '' : chunk.subarray(first).toString('utf8');
      found.unshift(...whole.split('\n').filter((line) => line !== '' && wanted(line)));
    }
    return { lines: count === 0 ? [] : found.slice(-count), end };
  } finally {
    await file.close();
  }
}

/** Hears each line that is added behind `from`, also after the log moved aside and began anew. Ends when aborted. */
export async function follow(
  path: string,
  from: number,
  hear: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  let place = from;
  let inode: number | null = null;
  let rest: Buffer = Buffer.alloc(0);
  for (; !signal?.aborted; await wait(200)) {
    const file = await open(path, 'r').catch(() => null);
    if (file === null) continue;
    try {
      const { size, ino } = await file.stat();
      if (size < place || (inode !== null && ino !== inode)) [place, rest] = [0, Buffer.alloc(0)];
      inode = ino;
      while (place < size) {
        const chunk = await readAt(file, place, Math.min(chunkBytes, size - place));
        place += chunk.length;
        const text = Buffer.concat([rest, chunk]);
        const last = text.lastIndexOf('\n') + 1;
        rest = text.subarray(last);
        for (const line of text.subarray(0, last).toString('utf8').split('\n')) if (line !== '') hear(line);
      }
    } finally {
      await file.close();
    }
  }
}

async function readAt(file: FileHandle, place: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, place);
  return buffer.subarray(0, bytesRead);
}
