import type { Context } from 'hono';
import type { AvatarStore } from '../ports/avatar-store.ts';

const aYear = 365 * 24 * 3_600;

/** Whatever a file manages to be beside a picture, nothing of it runs. */
const headers = {
  'cache-control': `private, max-age=${aYear}, immutable`,
  'content-security-policy': "default-src 'none'; sandbox",
  'content-disposition': 'inline',
};

/**
 * `GET /avatars/<hash>`: needs no token, since `<img>` brings none; the hash, which only people of this instance learn, cannot
 * be guessed. What is behind it never changes.
 */
export function makePictures(find: AvatarStore['find']): (context: Context, hash: string) => Promise<Response> {
  return async (context, hash) => {
    if (!/^[0-9a-f]{64}$/.test(hash)) return context.text('Nothing is here.', 404);
    const etag = `"${hash}"`;
    if (context.req.header('if-none-match') === etag) return context.body(null, 304, { ...headers, etag });
    const picture = await find(hash);
    if (picture === null) return context.text('Nothing is here.', 404, { 'cache-control': 'no-store' });
    return context.body(picture.content, 200, { ...headers, etag, 'content-type': picture.type });
  };
}
