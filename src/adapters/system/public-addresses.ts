import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** What IANA's registries of special-purpose addresses name as not globally reachable, and what is no single host. */
const closedIpv4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's metadata answers here, although the range is a public one.
  ['168.63.129.16', 32],
];
/** All that is global lies in here … */
const globalIpv6 = ['2000::', 3] as const;
/** … but not all of this is: protocols, documentation, and 6to4, which leads to an IPv4 address. */
const closedIpv6: readonly (readonly [network: string, bits: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
/** RFC 6052: names of IPv4-only hosts resolve to these in networks without IPv4. */
const nat64 = ['64:ff9b::', 96] as const;

const closed = new BlockList();
for (const [network, bits] of closedIpv4) closed.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of closedIpv6) closed.addSubnet(network, bits, 'ipv6');
const global = new BlockList();
global.addSubnet(...globalIpv6, 'ipv6');
const translated = new BlockList();
translated.addSubnet(...nat64, 'ipv6');
const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

/**
 * Whether an IP address, without brackets, is one that the internet carries and not one of this host's own: what listens
 * only here may trust whoever comes from here. False for all that is no address.
 */
export function isPublicAddress(address: string): boolean {
  return isGlobal(address) && !ownAddresses().has(address);
}

function isGlobal(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closed.check(address, 'ipv4');
    case 6:
      if (address.includes('%')) return false;
      if (mapped.check(address, 'ipv6') || translated.check(address, 'ipv6')) {
        const inner = embeddedIpv4(address);
        return !closed.check(inner, 'ipv4') && !ownAddresses().has(inner);
      }
      return global.check(address, 'ipv6') && !closed.check(address, 'ipv6');
    default:
      return false;
  }
}

/** The last 32 bits, however they were written. */
function embeddedIpv4(address: string): string {
  // The URL parser writes every IPv6 address in one way, without dots.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':');
  const [high = '', low = ''] = groups.slice(-2);
  const number = [high, low].map((group) => Number.parseInt(group || '0', 16));
  return number.flatMap((group) => [group >> 8, group & 255]).join('.');
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set(all.map(({ address }) => address));
}
