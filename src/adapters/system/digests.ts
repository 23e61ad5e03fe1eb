import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import type { Digests } from '../../ports/crypto.ts';

/** `macKey`: 256 bits, base64url. */
export function makeDigests(macKey: string): Digests {
  const key = createSecretKey(macKey, 'base64url');
  return {
    hash: (secret) => hash('sha256', secret, 'base64url'),
    mac: (text) => createHmac('sha256', key).update(text).digest('base64url'),
    same(a, b) {
      const left = Buffer.from(a);
      const right = Buffer.from(b);
      return left.length === right.length && timingSafeEqual(left, right);
    },
  };
}
