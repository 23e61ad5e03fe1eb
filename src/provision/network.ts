import { isIP } from 'node:net';
import { isPrivateAddress } from '../protocol/private-addresses.ts';
import type { Machine } from './machine.ts';

/** The address that others on the local network can use; this host alone where it has none. */
export async function lanAddress(machine: Machine, port: number): Promise<string> {
  const found = await machine.addresses();
  const best = found.find(({ address, family }) => family === 'IPv4' && isPrivateAddress(address));
  return origin(best?.address ?? 'localhost', port);
}

/** An http address without a slash at its end. */
export function origin(host: string, port: number): string {
  const written = isIP(host) === 6 ? `[${host}]` : host;
  return port === 80 ? `http://${written}` : `http://${written}:${port}`;
}

/** The name or number in an address: `192.168.1.5` of `http://192.168.1.5:8080`. */
export function hostOf(address: string): string {
  return new URL(address).hostname.replace(/^\[|\]$/g, '');
}
