import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { Random } from '../../ports/random.ts';

export function systemRandom(): Random {
  let last = '';
  return {
    id() {
      const fresh: string = randomUUIDv7();
      // Node's ids of one millisecond, or of a clock that was set back, do not sort: these count on from the last.
      last = fresh > last ? fresh : successor(last);
      return last;
    },
    secret: () => randomBytes(32).toString('base64url'),
    fraction: Math.random,
  };
}

/** The next id in order. The random part is 74 bits: it never runs over into the version. */
function successor(id: string): string {
  const digits = [...id];
  for (let at = digits.length - 1; at >= 0; at--) {
    const digit = digits[at];
    if (digit === '-') continue;
    if (digit !== 'f') {
      digits[at] = (Number.parseInt(digit ?? '', 16) + 1).toString(16);
      break;
    }
    digits[at] = '0';
  }
  return digits.join('');
}
