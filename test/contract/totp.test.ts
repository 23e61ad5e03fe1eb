import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { makeTotp } from '../../src/adapters/system/totp.ts';
import { hasService } from '../support/services.ts';

const totp = makeTotp();
const step = 30_000;
/** RFC 6238, appendix B: `12345678901234567890` in base32. */
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
/** Seconds, and the last six digits of the SHA-1 codes. */
const rfcCodes = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const;

describe('codes', () => {
  it.each(rfcCodes)('are those of RFC 6238 at %i s', (seconds, code) => {
    expect(totp.stepOf(rfcSecret, code, seconds * 1_000)).toBe(Math.floor(seconds / 30));
  });

  it('count from one step before theirs to one behind it, to the millisecond', () => {
    const first = 2_000_000_000_000 - (2_000_000_000_000 % step) - step;
    const count = (now: number) => totp.stepOf(rfcSecret, '279037', now);
    expect(count(first - 1)).toBeNull();
    for (const now of [first, first + step, first + 2 * step, first + 3 * step - 1]) {
      expect(count(now)).toBe(first / step + 1);
    }
    expect(count(first + 3 * step)).toBeNull();
  });

  it('are six digits and nothing else', () => {
    const now = 59_000;
    for (const code of [
      '',
      '28708',
      '2870820',
      '94287082',
      ' 287082',
      '287 082',
      '28708a',
      '２８７０８２',
      '-287082',
      '287082\n',
    ]) {
      expect(totp.stepOf(rfcSecret, code, now)).toBeNull();
    }
  });

  it('are wrong for another secret', () => {
    expect(totp.stepOf(totp.newSecret(), '287082', 59_000)).not.toBe(1);
  });
});

describe('secrets', () => {
  it('are 160 bits in base32, never the same', () => {
    const secrets = Array.from({ length: 100 }, () => totp.newSecret());
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(new Set(secrets).size).toBe(secrets.length);
  });

  it('go into a URI that names instance and person', () => {
    const uri = new URL(totp.uri(rfcSecret, 'алиса', 'Our: Chat & Co'));
    expect(uri.protocol).toBe('otpauth:');
    expect(uri.host).toBe('totp');
    expect(decodeURIComponent(uri.pathname)).toBe('/Our Chat & Co:алиса');
    expect(uri.searchParams.get('secret')).toBe(rfcSecret);
    expect(uri.searchParams.get('issuer')).toBe('Our Chat & Co');
  });
});

describe.skipIf(!hasService('oathtool'))('oathtool', () => {
  const codeOf = (secret: string, at: number) =>
    execFileSync('oathtool', ['--totp', '--base32', `--now=@${at / 1_000}`, '-'], {
      input: secret,
      encoding: 'utf8',
    }).trim();

  it('makes the codes that are right here, for new secrets, now and in many years', () => {
    for (const at of [Date.UTC(2026, 0, 1), Date.UTC(2038, 0, 19, 3, 14, 8), Date.UTC(2099, 11, 31)]) {
      const secret = totp.newSecret();
      const now = at - (at % step);
      for (const off of [-1, 0, 1]) {
        expect(totp.stepOf(secret, codeOf(secret, now + off * step), now)).toBe(now / step + off);
      }
    }
  });

  it('takes the secret as people copy it from the URI', () => {
    const secret = new URL(totp.uri(totp.newSecret(), 'alice', 'Chat')).searchParams.get('secret') ?? '';
    const at = Date.UTC(2026, 5, 1);
    expect(totp.stepOf(secret, codeOf(secret, at), at)).toBe(at / step);
  });
});
