import { describe, expect, it } from 'vitest';
import { makeSeals } from '../../src/adapters/system/seals.ts';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const seals = makeSeals(key(7));

describe('a seal', () => {
  it('opens to what was sealed, whatever that is', () => {
    for (const text of ['', 'JBSWY3DPEHPK3PXP', 'секрет 🗝', 'x'.repeat(100_000)]) {
      expect(seals.open(seals.seal(text, 'purpose'), 'purpose')).toBe(text);
    }
  });

  it('opens in another process with the same key', () => {
    expect(makeSeals(key(7)).open(seals.seal('secret', 'purpose'), 'purpose')).toBe('secret');
  });

  it('opens for no other purpose, person or instance', () => {
    const sealed = seals.seal('secret', 'totp alice');
    expect(seals.open(sealed, 'totp bob')).toBeNull();
    expect(seals.open(sealed, 'totp alic')).toBeNull();
    expect(seals.open(sealed, '')).toBeNull();
    expect(makeSeals(key(8)).open(sealed, 'totp alice')).toBeNull();
  });

  it('looks different each time, and shows nothing of what is in it', () => {
    const sealed = seals.seal('secret', 'purpose');
    expect(seals.seal('secret', 'purpose')).not.toBe(sealed);
    expect(Buffer.from(sealed, 'base64url').includes('secret')).toBe(false);
  });

  it('does not open when any byte of it was changed, or some are missing', () => {
    const bytes = Buffer.from(seals.seal('secret', 'purpose'), 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(seals.open(changed.toString('base64url'), 'purpose')).toBeNull();
      expect(seals.open(bytes.subarray(0, at).toString('base64url'), 'purpose')).toBeNull();
    }
  });

  it('is null for what never was one', () => {
    for (const text of ['', '!', 'secret', 'x'.repeat(1_000)]) expect(seals.open(text, 'purpose')).toBeNull();
  });
});
