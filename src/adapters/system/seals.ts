import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Seals } from '../../ports/crypto.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** `macKey`: 256 bits, base64url. What it seals with is derived from it, so that it is a key of its own. */
export function makeSeals(macKey: string): Seals {
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(macKey, 'base64url'), '', 'messenger seals', 32));

  return {
    seal(text, purpose) {
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(purpose));
      const sealed = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
      return Buffer.concat([nonce, sealed, sealing.getAuthTag()]).toString('base64url');
    },

    open(sealed, purpose) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < nonceBytes + tagBytes) return null;
      const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(-tagBytes));
      try {
        const opened = opening.update(bytes.subarray(nonceBytes, -tagBytes));
        return Buffer.concat([opened, opening.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}
