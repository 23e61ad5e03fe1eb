import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Picture } from '../../src/ports/avatar-store.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { limits } from '../../src/protocol/limits.ts';
import { startTinyGateway, type TinyGateway } from './tiny-gateway.ts';

const content = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 60, 115, 118, 103, 62]);
const hash = createHash('sha256').update(content).digest('hex');
const picture: Picture = { type: 'image/png', content };

let tiny: TinyGateway;
let received: string[];
afterEach(() => tiny.gateway.stop());

async function start() {
  received = [];
  const set = ({ picture: sent }: { readonly picture: string }) => {
    received.push(sent);
    throw new AppError('invalid', 'not_a_picture');
  };
  tiny = await startTinyGateway({
    handlers: { 'avatar.set': set },
    findPicture: async (asked) => (asked === hash ? picture : null),
  });
}

describe('a picture', () => {
  it('is answered by its hash, for good, and nothing of it can run', async () => {
    await start();
    const answer = await fetch(`${tiny.url}/avatars/${hash}`);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(content);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      etag: `"${hash}"`,
    });
    const again = await fetch(`${tiny.url}/avatars/${hash}`, { headers: { 'if-none-match': `"${hash}"` } });
    expect(again.status).toBe(304);
  });

  it.each(['0'.repeat(64), hash.toUpperCase(), '', 'x', `${hash}/..`, '%2e%2e%2fsecrets.json'])(
    'is not there under %j',
    async (asked) => {
      await start();
      const answer = await fetch(`${tiny.url}/avatars/${asked}`);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('cache-control') ?? '').not.toContain('immutable');
    },
  );

  it('is not answered to other hosts', async () => {
    await start();
    const answer = await fetch(`${tiny.url}/avatars/${hash}`, { headers: { origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
  });
});

describe('setting a picture', () => {
  const post = (op: string, input: object) =>
    fetch(`${tiny.url}/api/${op}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tiny.token().accessToken}` },
      body: JSON.stringify(input),
    });
  const largest = Buffer.alloc(limits.avatarBytes, 1).toString('base64');

  it('has room for the largest picture by HTTP, which a frame has not', async () => {
    await start();
    expect(largest.length).toBeGreaterThan(limits.frameBytes);
    expect((await post('avatar.set', { picture: largest })).status).toBe(400);
    expect(received).toEqual([largest]);
  });

  it('has no room for much more, nor have others for as much', async () => {
    await start();
    expect((await post('avatar.set', { picture: largest + largest })).status).toBe(413);
    expect((await post('instance.about', { picture: largest })).status).toBe(413);
    expect((await post('avatar.set', { picture: `${largest}AAAA` })).status).toBe(400);
    expect(received).toEqual([]);
  });
});
