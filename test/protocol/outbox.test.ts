import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { encodeFrame } from '../../src/server/frames.ts';
import { Outbox } from '../../src/server/outbox.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Two ends of a real connection; `writes` counts what reaches the system from the first. */
async function connection(): Promise<{ near: Socket; far: Socket; writes: () => number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const near = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  ends.push(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  let writes = 0;
  const { _write: write, _writev: writev } = near;
  near._write = (...given) => {
    writes++;
    write.apply(near, given);
  };
  near._writev = (...given) => {
    writes++;
    writev?.apply(near, given);
  };
  return { near, far, writes: () => writes };
}

async function read(far: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of far) {
    chunks.push(chunk as Buffer);
    if (chunks.reduce((sum, each) => sum + each.length, 0) >= bytes) break;
  }
  return Buffer.concat(chunks);
}

test.each([
  ['few small frames', 3, 10],
  ['many small frames', 500, 100],
  ['large frames', 20, 50_000],
])('%s of one turn leave in one write, in order', async (_, count, length) => {
  const { near, far, writes } = await connection();
  const outbox = new Outbox(near);
  const frames = Array.from({ length: count }, (__, index) => encodeFrame(`${index}:${'x'.repeat(length)}`));
  for (const frame of frames) outbox.add(frame);
  expect(writes()).toBe(0);
  const sent = Buffer.concat(frames);
  const received = await read(far, sent.length);
  expect(received.equals(sent)).toBe(true);
  expect(writes()).toBe(1);
});

test('what is flushed early is not written twice', async () => {
  const { near, far } = await connection();
  const outbox = new Outbox(near);
  const [one, two] = [encodeFrame('one'), encodeFrame('two')];
  outbox.add(one);
  outbox.flush();
  outbox.add(two);
  expect((await read(far, one.length + two.length)).equals(Buffer.concat([one, two]))).toBe(true);
  expect(outbox.bytes).toBe(0);
});

test.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('a frame of %i bytes has the header of RFC 6455', (length) => {
  const frame = encodeFrame('x'.repeat(length));
  const header = length < 126 ? [0x81, length] : length < 65_536 ? [0x81, 126] : [0x81, 127];
  expect([...frame.subarray(0, 2)]).toEqual(header);
  if (header[1] === 126) expect(frame.readUInt16BE(2)).toBe(length);
  if (header[1] === 127) expect(frame.readBigUInt64BE(2)).toBe(BigInt(length));
  expect(frame.subarray(-length || frame.length).every((byte) => byte === 0x78)).toBe(true);
});

test('length counts bytes, not characters', () => {
  expect(encodeFrame('жизнь 🌱')[1]).toBe(Buffer.byteLength('жизнь 🌱'));
});
