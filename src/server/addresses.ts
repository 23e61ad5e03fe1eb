import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { AppError } from '../protocol/errors.ts';
import { isPrivateAddress } from '../protocol/private-addresses.ts';

/** A set of addresses and CIDR ranges. Throws AppError `invalid` naming the first that is neither. */
export function rangesOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [index, entry] of entries.entries()) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address);
    const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) {
      const fields = [{ path: `trustedProxies.${index}`, message: `not an address or a range: ${entry}` }];
      throw new AppError('invalid', 'not_an_address', { fields });
    }
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** IPv4 in its own notation where it came mapped into IPv6, and without a zone. */
function plain(address: string): string {
  const unzoned = address.split('%', 1)[0] ?? '';
  return unzoned.startsWith('::ffff:') && isIP(unzoned.slice(7)) === 4 ? unzoned.slice(7) : unzoned;
}

/** Who asks, as far as a request can be believed. */
export interface Source {
  /** Null over a local socket. */
  readonly address: string | null;
  readonly https: boolean;
  /** The page of this instance's that asks; null: no page of it does. */
  readonly origin: string | null;
}

/**
 * A client's address is its connection's. Forwarding headers count only from trusted proxies: then it is the last address
 * in `X-Forwarded-For` that is no such proxy itself.
 */
export function makeSourceReader(
  trustedProxies: readonly string[],
): (request: IncomingMessage) => Omit<Source, 'origin'> {
  const trusted = rangesOf(trustedProxies);
  return (request) => {
    const { remoteAddress } = request.socket;
    const direct = remoteAddress === undefined ? null : plain(remoteAddress);
    const encrypted = 'encrypted' in request.socket;
    if (direct === null || !contains(trusted, direct)) return { address: direct, https: encrypted };
    const hops = headerText(request.headers['x-forwarded-for'])
      .split(',')
      .map((hop) => plain(hop.trim()))
      .filter((hop) => isIP(hop) !== 0);
    const address = hops.findLast((hop) => !contains(trusted, hop)) ?? hops[0] ?? direct;
    return { address, https: headerText(request.headers['x-forwarded-proto']).trim() === 'https' };
  };
}

function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

/** This host's addresses in its networks, those of private IPv4 ranges first. */
export function lanAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((entry) => !entry.internal && !entry.address.startsWith('fe80:'))
    .map((entry) => entry.address);
  const rank = (address: string) => (isIP(address) === 6 ? 2 : isPrivateAddress(address) ? 0 : 1);
  return [...new Set(all)].sort((a, b) => rank(a) - rank(b));
}

/** The names that others in its networks may know this host by. */
export function hostNames(): readonly string[] {
  const name = hostname().toLowerCase();
  const short = name.split('.', 1)[0] ?? name;
  return [...new Set([name, short, `${short}.local`])].filter((each) => each !== '');
}
