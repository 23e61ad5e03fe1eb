/**
 * What an address counts as when strangers are throttled: IPv4 whole, IPv6 by its /64, since one household has all of
 * that. Anything else counts as itself.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  return isIPv6(plain) ? `${ipv6Groups(plain).slice(0, 4).join(':')}::/64` : plain;
}

/** An address without its last part, as people see it in their list of devices: `203.0.113.x`, `2001:db8:1::/48`. */
export function addressHint(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain.replace(/\.\d+$/, '.x');
  return `${ipv6Groups(plain).slice(0, 3).join(':')}::/48`;
}

/** Without a zone, and IPv4 in its own form where it comes dressed as IPv6. */
function plainAddress(address: string): string {
  const [plain = ''] = address.toLowerCase().split('%');
  return plain.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
}

function isIPv6(plain: string): boolean {
  return plain.includes(':');
}

/** The eight groups, without leading zeros, `::` written out. */
function ipv6Groups(plain: string): readonly string[] {
  const [head = '', tail] = plain.split('::');
  const left = groups(head);
  if (tail === undefined) return left;
  const right = groups(tail);
  const missing = Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: missing }, () => '0'), ...right];
}

function groups(part: string): readonly string[] {
  return part === '' ? [] : part.split(':').map((group) => group.replace(/^0+(?=.)/, ''));
}
