/**
 * Ranges that the internet does not carry, so that nobody outside reaches or overhears them: loopback, RFC 1918, link-local,
 * the shared range of RFC 6598 (overlay networks such as Tailscale), and TEST-NET-1 of RFC 5737, which sandboxes and virtual
 * machines give their hosts.
 */
const privateIpv4: readonly (readonly [network: string, bits: number])[] = [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
  ['192.0.2.0', 24],
];
/** Loopback, unique local (RFC 4193) and link-local (RFC 4291). */
const privateIpv6 = /^(?:::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/i;

/** Whether an IP address (without brackets or zone) is one that plain http may be served to. False for names. */
export function isPrivateAddress(address: string): boolean {
  if (address.includes(':')) return privateIpv6.test(address);
  const number = ipv4Number(address);
  if (number === null) return false;
  return privateIpv4.some(([network, bits]) => number >>> (32 - bits) === (ipv4Number(network) ?? 0) >>> (32 - bits));
}

function ipv4Number(address: string): number | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(address)) return null;
  const parts = address.split('.').map(Number);
  return parts.every((part) => part <= 255) ? parts.reduce((sum, part) => sum * 256 + part, 0) : null;
}
