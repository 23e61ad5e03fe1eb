/** As much of the ustar format (POSIX.1-1988) as archives of small files need. */
const block = 512;
const nameBytes = 100;
const sizeAt = { from: 124, to: 136 };
const sumAt = { from: 148, to: 156 };
const kindAt = 156;

/** One file of a tar archive: its header, itself, and zeros up to the next block. Its name is ASCII of at most 100 bytes. */
export function tarFile(name: string, content: Buffer, modifiedAt: number): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0, nameBytes, 'ascii');
  header.write('0000600\0', 100, 'ascii');
  header.write('0000000\0', 108, 'ascii');
  header.write('0000000\0', 116, 'ascii');
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, sizeAt.from, 'ascii');
  header.write(
    `${Math.floor(modifiedAt / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
    'ascii',
  );
  header.write('        ', sumAt.from, 'ascii');
  header.write('0', kindAt, 'ascii');
  header.write('ustar\x0000', 257, 'ascii');
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, sumAt.from, 'ascii');
  return Buffer.concat([header, content, Buffer.alloc((block - (content.length % block)) % block)]);
}

export const tarEnd = (): Buffer => Buffer.alloc(2 * block);

/** Files of an archive in order, each in memory. Throws where it is none, is cut off, or a file has more than `mostBytes`. */
export async function* tarFiles(
  chunks: AsyncIterable<Buffer>,
  mostBytes: number,
): AsyncGenerator<{ readonly name: string; readonly content: Buffer }> {
  const read = makeExactReader(chunks);
  for (;;) {
    const header = await read(block);
    if (header === null) throw new Error('the archive ends too early');
    if (header.every((byte) => byte === 0)) return;
    const size = Number.parseInt(textIn(header, sizeAt), 8);
    if (!isHeader(header) || !Number.isSafeInteger(size)) throw new Error('not a tar archive');
    if (size > mostBytes) throw new Error(`a file of ${size} bytes is too large`);
    const padded = await read(Math.ceil(size / block) * block);
    if (padded === null) throw new Error('the archive ends too early');
    const kind = String.fromCharCode(header[kindAt] ?? 0);
    if (kind === '0' || kind === '\0') {
      yield { name: textIn(header, { from: 0, to: nameBytes }), content: padded.subarray(0, size) };
    }
  }
}

function isHeader(header: Buffer): boolean {
  const said = Number.parseInt(textIn(header, sumAt), 8);
  const sum = header.reduce((all, byte, at) => all + (at >= sumAt.from && at < sumAt.to ? 32 : byte), 0);
  return said === sum;
}

function textIn(header: Buffer, { from, to }: { readonly from: number; readonly to: number }): string {
  const end = header.indexOf(0, from);
  return header.toString('utf8', from, end < 0 || end > to ? to : end).trim();
}

/** Null: there are no more bytes, or fewer than asked for. */
function makeExactReader(chunks: AsyncIterable<Buffer>): (bytes: number) => Promise<Buffer | null> {
  const source = chunks[Symbol.asyncIterator]();
  let held: Buffer[] = [];
  let length = 0;
  return async (bytes) => {
    while (length < bytes) {
      const next = await source.next();
      if (next.done) return null;
      held.push(next.value);
      length += next.value.length;
    }
    const all = Buffer.concat(held, length);
    held = [all.subarray(bytes)];
    length -= bytes;
    return all.subarray(0, bytes);
  };
}
